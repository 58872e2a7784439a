"""What is declared is used and what is used is declared; and the packages that the project is built
on do their share of the work."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import mcp
import pytest
from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from fastmcp import Client, FastMCP
from pydantic import ValidationError

from inftool import build_server, compile_specs
from inftool.agents import McpWorkbench, ToolAssistant
from inftool.core.errors import ToolError
from inftool.core.tools import Tool
from inftool.specs import Validator
from inftool.toolset.tree.embeddings import endpoint_embedder
from tests.support.embeddings import serving_embeddings

ROOT = Path(__file__).parents[1]
# What the adapters to other training frameworks import: their users have these already, at versions
# that rule each other out.
PEERS = {"openenv", "verifiers", "verl"}
ASKED_FOR = ("autogen-agentchat", "mcp", "fastmcp", "openai", "pydantic", "jsonschema")


def imports(folder: str) -> Iterator[tuple[str, Path]]:
    """Each package that the code of a folder imports when it runs: what only type checkers see is
    left out; `require("torch")` counts."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in running(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Import(names=names):
                    yield from ((name.name.partition(".")[0], path) for name in names)
                case ast.ImportFrom(module=str(module), level=0):
                    yield module.partition(".")[0], path
                case ast.Call(func=ast.Name(id="require"), args=[ast.Constant(value=str(module))]):
                    yield module.partition(".")[0], path


def running(node: ast.AST) -> Iterator[ast.AST]:
    """A syntax tree without the bodies of `if TYPE_CHECKING`."""
    yield node
    hidden = (
        node.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) else []
    )
    for child in ast.iter_child_nodes(node):
        if child not in hidden:
            yield from running(child)


def declared() -> tuple[set[str], set[str]]:
    """The names of the distributions that an install needs, and of those that an extra adds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [
        item
        for name, extra in project["optional-dependencies"].items()
        if name != "dev"
        for item in extra
    ]
    base, more = (
        {normal(re.split(r"[^\w.-]", item, maxsplit=1)[0]) for item in items}
        for items in (project["dependencies"], extras)
    )
    return base, more


def normal(name: str) -> str:
    """A distribution's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def distributions(module: str) -> set[str]:
    """Which installed distributions bring a top-level package; a package that is not installed is
    taken to be named like its distribution."""
    # fastmcp itself is empty: what it brings is called fastmcp-slim.
    return {
        normal(name).removesuffix("-slim")
        for name in packages_distributions().get(module, [module])
    }


def test_what_is_imported_is_declared_and_what_is_declared_is_imported() -> None:
    base, extras = declared()
    used = (
        {module for module, _ in imports("inftool")} - sys.stdlib_module_names - PEERS - {"inftool"}
    )
    undeclared = {module for module in used if not distributions(module) & (base | extras)}
    assert undeclared == set()
    brought = {name for module in used for name in distributions(module)}
    assert base - brought == set()
    # Only held back, since autogen-core wants an older protobuf.
    assert extras - brought - {"googleapis-common-protos"} == set()


@pytest.mark.parametrize("name", ASKED_FOR)
def test_a_package_that_was_asked_for_is_imported_by_the_package(name: str) -> None:
    assert name in declared()[0]
    assert name.replace("-", "_") in {module for module, _ in imports("inftool")}


async def test_the_assistant_is_an_agent_of_autogen_agentchat() -> None:
    async with Client(
        build_server(compile_specs([str(ROOT / "specs" / "bookshop.yaml")]))
    ) as client:
        agent: BaseChatAgent = ToolAssistant.scripted(client, "Hello.")
        response = await agent.on_messages(
            [TextMessage(content="Hi", source="user")], CancellationToken()
        )
    assert isinstance(response, Response)
    assert response.chat_message.to_text() == "Hello."


async def test_an_error_of_the_mcp_protocol_reaches_the_model_as_a_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with Client(
        build_server(compile_specs([str(ROOT / "specs" / "bookshop.yaml")]))
    ) as client:
        bench = McpWorkbench(client)
        name = (await bench.list_tools())[0]["name"]

        async def refused(*args: Any, **options: Any) -> Any:
            raise mcp.MCPError(-32000, "the session is gone")

        assert isinstance(client.session, mcp.ClientSession)
        monkeypatch.setattr(client.session, "call_tool", refused)
        result = await bench.call_tool(name, {})
    assert result.is_error
    assert "the session is gone" in result.to_text()


async def test_a_simulated_api_is_a_fastmcp_server() -> None:
    server = build_server(compile_specs([str(ROOT / "specs" / "bookshop.yaml")]))
    assert isinstance(server, FastMCP)
    async with Client(server) as client:
        assert {tool.name for tool in await client.list_tools()}


def test_vectors_of_an_endpoint_come_through_the_client_of_openai(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "openai.resources.embeddings.Embeddings.create", lambda *args, **options: 1 / 0
    )
    with serving_embeddings() as server, pytest.raises(ZeroDivisionError):
        endpoint_embedder("letters", server.url)(["a"])


def test_records_are_checked_by_pydantic() -> None:
    tool = compile_specs([str(ROOT / "specs" / "bookshop.yaml")])[0].tools[0]
    assert Tool.model_validate_json(tool.model_dump_json()) == tool
    with pytest.raises(ValidationError):
        Tool.model_validate({**tool.model_dump(), "effect": "guess"})


def test_jsonschema_says_where_a_schema_is_wrong() -> None:
    schema = {"properties": {"size": {"minimum": "three"}}}
    with pytest.raises(
        ToolError, match="/properties/size/minimum: 'three' is not of type 'number'"
    ):
        Validator(schema)


async def test_tests_are_awaited_by_pytest_asyncio(request: pytest.FixtureRequest) -> None:
    assert request.config.pluginmanager.hasplugin("asyncio")
    assert "pytest_asyncio" in {type(request.node).__module__.partition(".")[0]}
