"""The assistant's hands: AutoGen workbenches over any `fastmcp.Client`, or over worlds in this process, with frozen schemas."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

from autogen_core import CancellationToken
from autogen_core.tools import (
    ParametersSchema,
    TextResultContent,
    ToolResult,
    ToolSchema,
    Workbench,
)
from fastmcp import Client
from fastmcp.exceptions import FastMCPError
from mcp import MCPError
from mcp_types import TextContent

from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.servers.mcp_results import to_result
from inftool.servers.validated_calls import play_call
from inftool.world.world import World

WORLD_META = "inftool/world"


class BaseWorkbench(Workbench):
    """What both workbenches share: the tools in sight, and nothing to start, stop or save, since the state is the world's.

    Calls run one at a time in the order in which they were asked for, so that parallel calls have one outcome. A call that fails in any way is a
    `ToolResult` with `is_error`, never an exception: the model has to see it.
    """

    def __init__(self, tools: Sequence[Tool] | None) -> None:
        self._schemas = None if tools is None else schemas_of(tools)
        self._names = None if tools is None else frozenset(tool.name for tool in tools)
        self._turn = asyncio.Lock()

    def offer(self, tools: Sequence[Tool]) -> None:
        """Let the model see some more tools from now on."""
        if self._schemas is None or self._names is None:
            return
        self._schemas = [*self._schemas, *schemas_of(tools)]
        self._names |= {tool.name for tool in tools}

    async def list_tools(self) -> list[ToolSchema]:
        """The visible tools, the same objects at every call."""
        if self._schemas is None:
            self._schemas = await self._all()
        return self._schemas

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult:
        """Call a tool; whatever goes wrong comes back as an error result."""
        if self._names is not None and name not in self._names:
            return _result(name, f"there is no tool named {name!r} here", error=True)
        if arguments is not None and not isinstance(arguments, Mapping):
            return _result(name, f"the arguments of {name!r} are not a JSON object", error=True)
        async with self._turn:
            return await self._play(name, dict(arguments or {}))

    async def _all(self) -> list[ToolSchema]:
        return []

    @abstractmethod
    async def _play(self, name: str, arguments: JsonObject) -> ToolResult:
        """Carry out one call, the only one at the time; failures are results too."""

    async def start(self) -> None:
        """Nothing: what is behind is the caller's."""

    async def stop(self) -> None:
        """Nothing: what is behind is the caller's."""

    async def reset(self) -> None:
        """Nothing: the world behind is reset by opening another one."""

    async def save_state(self) -> Mapping[str, Any]:
        """Nothing to save: the state is the world's."""
        return {}

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Nothing to load: the state is the world's."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        return None


class McpWorkbench(BaseWorkbench):
    """Tools of an MCP server for one conversation.

    `tools` are those that the model may see; without them, all that the server lists. `world` is sent in the call's `_meta`, where the model never
    sees it.
    """

    def __init__(
        self,
        client: Client[Any],
        tools: Sequence[Tool] | None = None,
        *,
        world: str | None = None,
        timeout: float = 30.0,
    ) -> None:
        super().__init__(tools)
        self._client = client
        self._meta: Any = None if world is None else {WORLD_META: world}
        self._timeout = timeout

    async def _all(self) -> list[ToolSchema]:
        return [
            ToolSchema(
                name=tool.name,
                description=tool.description or "",
                parameters=_parameters(tool.input_schema),
            )
            for tool in await self._client.list_tools()
        ]

    async def _play(self, name: str, arguments: JsonObject) -> ToolResult:
        try:
            # The session itself: the client around it would watch for the connection's end, which the deadline does too, and open spans.
            answer = await self._client.session.call_tool(
                name, arguments, read_timeout_seconds=self._timeout, meta=self._meta
            )
        except (FastMCPError, MCPError, OSError, TimeoutError, RuntimeError, ValueError) as error:
            return _result(name, f"{type(error).__name__}: {error}", error=True)
        text = "\n".join(block.text for block in answer.content if isinstance(block, TextContent))
        return _result(name, text, error=bool(answer.is_error))


class WorldWorkbench(BaseWorkbench):
    """The same tools without a server in between: what the server would answer, word for word, at a tenth of the CPU."""

    def __init__(self, worlds: Mapping[str, World], tools: Sequence[Tool]) -> None:
        super().__init__(tools)
        self._worlds = worlds
        self._tools = {tool.name: tool for tool in tools}

    def offer(self, tools: Sequence[Tool]) -> None:
        """Let the model see some more tools from now on."""
        super().offer(tools)
        self._tools |= {tool.name: tool for tool in tools}

    async def _play(self, name: str, arguments: JsonObject) -> ToolResult:
        answer = to_result(await play_call(self._worlds, self._tools[name], arguments))
        return _result(
            name,
            "\n".join(block.text for block in answer.content if isinstance(block, TextContent)),
            error=answer.is_error,
        )


# More tools than any run offers: what is offered again must be the same object.
_schemas: IdentityCache[Tool, ToolSchema] = IdentityCache(50_000)


def schemas_of(tools: Sequence[Tool]) -> list[ToolSchema]:
    """Tools as AutoGen describes them to a model; the same tool is the same object every time, so that clients can keep its JSON."""
    found: list[ToolSchema] = []
    for tool in tools:
        schema = _schemas.get(tool)
        found.append(schema if schema is not None else _schemas.put(tool, tool_schema(tool)))
    return found


def tool_schema(tool: Tool) -> ToolSchema:
    """A tool as AutoGen describes one to a model."""
    return ToolSchema(
        name=tool.name, description=tool.description, parameters=_parameters(tool.input_schema)
    )


def _parameters(schema: dict[str, Any]) -> ParametersSchema:
    # AutoGen's TypedDict names four keys; the schema goes to the model as it is, `$defs` and all.
    return {"type": "object", "properties": {}, **schema}  # type: ignore[typeddict-item]


def _result(name: str, text: str, *, error: bool) -> ToolResult:
    return ToolResult(name=name, result=[TextResultContent(content=text)], is_error=error)
