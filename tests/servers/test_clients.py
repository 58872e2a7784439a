"""Real clients against real server processes.

The official MCP client, fastmcp's, the MCP Inspector and the conformance suite.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession as HttpSession
from fastmcp import Client
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

from tests.support.apis import ROOT, own, seeded
from tests.support.processes import started, wait_until

SERVERS = sorted((ROOT / "servers").glob("*.py"))
# As a module: the command itself need not lie beside this interpreter.
FASTMCP = [sys.executable, "-m", "fastmcp.cli"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "FASTMCP_CHECK_FOR_UPDATES": "off"}
# Where npm packages were installed ahead: npm install --prefix FOLDER
# @modelcontextprotocol/inspector @modelcontextprotocol/conformance
NPM = os.environ.get("INFTOOL_NPM", "")
# What applies to a server of tools: the other scenarios call tools, prompts and resources that only
# the example server of the suite has.
CONFORMANCE = (
    "server-initialize",
    "logging-set-level",
    "ping",
    "tools-list",
    "tools-call-simple-text",
    "tools-call-error",
    "server-sse-multiple-streams",
    "resources-list",
    "prompts-list",
    "dns-rebinding-protection",
)


def first_read(name: str) -> tuple[str, int]:
    """A tool of a spec that answers without arguments, and how many tools there are."""
    api = own()[name]
    world = seeded(api.title.split()[0])
    tool = next(
        tool.name
        for tool in api.tools
        if tool.effect == "read"
        and not tool.input_schema.get("required")
        and not world.resources.roles[tool.name].fallback
    )
    return tool, len(api.tools)


def a_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def running(launcher: Path) -> Iterator[str]:
    """`fastmcp run servers/NAME.py` over streamable HTTP in a process of its own; its address."""
    port = a_port()
    command = [
        *FASTMCP,
        "run",
        str(launcher),
        "--transport",
        "http",
        "--port",
        str(port),
        "--no-banner",
    ]
    with (
        tempfile.TemporaryFile("w+") as log,
        started(command, env=ENVIRONMENT, stdout=log, stderr=log) as process,
    ):
        try:
            wait_until(lambda: listening(port), process)
        except AssertionError as error:
            log.seek(0)
            raise AssertionError(f"the server ended: {log.read()[-2000:]}") from error
        yield f"http://127.0.0.1:{port}/mcp"


@asynccontextmanager
async def official(where: str | Path) -> AsyncIterator[ClientSession]:
    """The official SDK's client: over HTTP at an address, over stdio for a launcher."""
    if isinstance(where, str):
        opened: Any = streamable_http_client(where)
    else:
        opened = stdio_client(
            StdioServerParameters(
                command=FASTMCP[0],
                args=[*FASTMCP[1:], "run", str(where), "--no-banner"],
                env=ENVIRONMENT,
                cwd=str(ROOT),
            )
        )
    async with opened as streams, ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        yield session


async def use(session: ClientSession, name: str) -> None:
    tool, count = first_read(name)
    assert len((await session.list_tools()).tools) == count
    result = await session.call_tool(tool, {})
    assert not result.is_error, result
    assert json.loads(result.content[0].text) is not None  # type: ignore[union-attr]


async def test_fastmcp_run_serves_the_official_client_over_stdio() -> None:
    async with official(ROOT / "servers" / "bookshop.py") as session:
        await use(session, "bookshop")


async def test_fastmcp_run_serves_the_official_client_and_fastmcps_over_http() -> None:
    with running(ROOT / "servers" / "clinic.py") as url:
        async with official(url) as session:
            await use(session, "clinic")
        # A web page somewhere that has its name point at this machine gets nowhere.
        async with HttpSession() as http:
            for host, refused in (("evil.example.com", True), (url.split("/")[2], False)):
                answer = await http.post(
                    url, json={}, headers={"Host": host, "Origin": f"http://{host}"}
                )
                assert (answer.status in {403, 421}) is refused
        async with Client(url) as client:
            assert (await client.call_tool("list_patients", {"limit": 1})).structured_content


@pytest.mark.nightly
@pytest.mark.cpu_limit(120)
@pytest.mark.parametrize("launcher", SERVERS, ids=lambda path: path.stem)
async def test_every_launcher_serves_the_official_client_over_both_transports(
    launcher: Path,
) -> None:
    async with official(launcher) as session:
        await use(session, launcher.stem)
    with running(launcher) as url:
        async with official(url) as session:
            await use(session, launcher.stem)


def npm_command(name: str, package: str) -> list[str]:
    """The command of an installed npm package, in $INFTOOL_NPM or npx's cache; skips if absent."""
    local = Path(NPM) / "node_modules" / ".bin" / name if NPM else None
    if local is not None and local.exists():
        return [str(local)]
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("npx is not installed")
    if (
        not NPM
        and subprocess.run(
            [npx, "--no-install", "--offline", package, "--version"],
            capture_output=True,
            check=False,
        ).returncode
    ):
        pytest.skip(
            f"{package} is not installed; name the folder that it was installed to in INFTOOL_NPM"
        )
    if NPM:
        pytest.skip(f"{package} is not in the folder that INFTOOL_NPM names")
    return [npx, "--no-install", "--offline", package]


async def inspect(target: list[str], *options: str) -> Any:
    """What the MCP Inspector's command-line mode prints."""
    command = [
        *npm_command("mcp-inspector", "@modelcontextprotocol/inspector"),
        "--cli",
        *target,
        *options,
    ]
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=ROOT,
        env=ENVIRONMENT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()[-2000:]
    return json.loads(out)


@pytest.mark.cpu_limit(180)
async def test_the_mcp_inspector_lists_and_calls_a_server() -> None:
    target = [sys.executable, str(ROOT / "servers" / "bookshop.py")]
    listed = await inspect(target, "--method", "tools/list")
    assert len(listed["tools"]) == first_read("bookshop")[1]
    called = await inspect(
        target, "--method", "tools/call", "--tool-name", "listBooks", "--tool-arg", "perPage=1"
    )
    assert len(called["structuredContent"]["data"]) == 1


@pytest.mark.nightly
@pytest.mark.cpu_limit(180)
@pytest.mark.parametrize("launcher", SERVERS, ids=lambda path: path.stem)
async def test_the_mcp_inspector_lists_and_calls_every_server_over_both_transports(
    launcher: Path,
) -> None:
    tool, count = first_read(launcher.stem)
    with running(launcher) as url:
        for target in ([*FASTMCP, "run", str(launcher)], [url]):
            options = ("--transport", "http") if target == [url] else ()
            listed = await inspect(target, *options, "--method", "tools/list")
            assert len(listed["tools"]) == count
            called = await inspect(target, *options, "--method", "tools/call", "--tool-name", tool)
            assert not called.get("isError"), called


@pytest.mark.nightly
@pytest.mark.cpu_limit(240)
def test_the_conformance_suite_passes_what_applies_to_a_tools_server() -> None:
    command = npm_command("conformance", "@modelcontextprotocol/conformance")
    probe = subprocess.run([*command, "--version"], capture_output=True, text=True, check=False)
    if "SyntaxError" in probe.stderr:
        pytest.skip("the conformance suite wants Node 22 or later")
    with running(ROOT / "servers" / "bookshop.py") as url, tempfile.TemporaryDirectory() as folder:
        for scenario in CONFORMANCE:
            done = subprocess.run(
                [*command, "server", "--url", url, "--scenario", scenario],
                capture_output=True,
                text=True,
                check=False,
                cwd=folder,
            )
            assert done.returncode == 0, (scenario, done.stdout[-1500:])
