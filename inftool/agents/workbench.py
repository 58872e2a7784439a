"""The assistant's hands: an AutoGen workbench over any `fastmcp.Client`, with frozen schemas and a world of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from autogen_core import CancellationToken
from autogen_core.tools import ParametersSchema, TextResultContent, ToolResult, ToolSchema, Workbench
from fastmcp import Client
from fastmcp.exceptions import FastMCPError
from mcp import MCPError
from mcp_types import TextContent

from inftool.records import Tool

WORLD_META = "inftool/world"


class McpWorkbench(Workbench):
    """Tools of an MCP server for one conversation.

    `tools` are those that the model may see; without them, all that the server lists. `world` is sent in the call's `_meta`, where the model never
    sees it. Calls run one at a time in the order in which they were asked for, so that parallel calls have one outcome. A call that fails in
    any way is a `ToolResult` with `is_error`: an exception here would leave AutoGen's agent waiting for ever.
    """

    def __init__(self, client: Client[Any], tools: Sequence[Tool] | None = None, *, world: str | None = None, timeout: float = 30.0) -> None:
        self._client = client
        self._schemas = None if tools is None else [tool_schema(tool) for tool in tools]
        self._names = None if tools is None else frozenset(tool.name for tool in tools)
        self._meta = None if world is None else {WORLD_META: world}
        self._timeout = timeout
        self._turn = asyncio.Lock()

    async def list_tools(self) -> list[ToolSchema]:
        """The visible tools, the same objects at every call."""
        if self._schemas is None:
            self._schemas = [
                ToolSchema(name=tool.name, description=tool.description or "", parameters=_parameters(tool.input_schema))
                for tool in await self._client.list_tools()
            ]
        return self._schemas

    async def call_tool(
        self, name: str, arguments: Mapping[str, Any] | None = None, cancellation_token: CancellationToken | None = None, call_id: str | None = None
    ) -> ToolResult:
        """Call a tool; whatever goes wrong comes back as an error result."""
        if self._names is not None and name not in self._names:
            return _result(name, f"there is no tool named {name!r} here", error=True)
        if arguments is not None and not isinstance(arguments, Mapping):
            return _result(name, f"the arguments of {name!r} are not a JSON object", error=True)
        async with self._turn:
            try:
                answer = await self._client.call_tool(name, dict(arguments or {}), meta=self._meta, raise_on_error=False, timeout=self._timeout)
            except (FastMCPError, MCPError, OSError, TimeoutError, RuntimeError, ValueError) as error:
                return _result(name, f"{type(error).__name__}: {error}", error=True)
        text = "\n".join(block.text for block in answer.content if isinstance(block, TextContent))
        return _result(name, text, error=answer.is_error)

    async def start(self) -> None:
        """Nothing: the client's connection is the caller's."""

    async def stop(self) -> None:
        """Nothing: the client's connection is the caller's."""

    async def reset(self) -> None:
        """Nothing: the world behind is reset by opening another one."""

    async def save_state(self) -> Mapping[str, Any]:
        """Nothing to save: the state is the world's."""
        return {}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Nothing to load: the state is the world's."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None


def tool_schema(tool: Tool) -> ToolSchema:
    """A tool as AutoGen describes one to a model."""
    return ToolSchema(name=tool.name, description=tool.description, parameters=_parameters(tool.input_schema))


def _parameters(schema: dict[str, Any]) -> ParametersSchema:
    # AutoGen's TypedDict names four keys; the schema goes to the model as it is, `$defs` and all.
    return {"type": "object", "properties": {}, **schema}  # type: ignore[typeddict-item]


def _result(name: str, text: str, *, error: bool) -> ToolResult:
    return ToolResult(name=name, result=[TextResultContent(content=text)], is_error=error)
