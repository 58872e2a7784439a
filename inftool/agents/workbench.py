"""AutoGen workbenches over a `fastmcp.Client`, or over worlds in the same process."""

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
from mcp_types import ContentBlock, TextContent

from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.core.types import Schema
from inftool.servers.mcp_results import to_result
from inftool.servers.validated_calls import play_call
from inftool.world.world import World

McpClient = Client[Any]
"""A client of fastmcp, whatever its transport."""

# The key of a call's `_meta` that names the world to answer in.
WORLD_META = "inftool/world"
# Seconds for one call: simulated worlds answer within milliseconds, real servers within seconds.
_CALL_TIMEOUT = 30.0
# More tools than any run offers, since a tool that is offered again must be the same object.
_MAX_SCHEMAS = 50_000


class BaseWorkbench(Workbench):
    """What both workbenches share: the visible tools, and the order of calls.

    There is nothing to start, stop or save, since the state is the world's. Calls run one at a time
    in the order in which they were made, so that parallel calls have one outcome. A call that fails
    in any way is a `ToolResult` with `is_error`, never an exception: the model has to see it.
    """

    def __init__(self, tools: Sequence[Tool] | None) -> None:
        self._schemas = None if tools is None else schemas_of(tools)
        self._names = None if tools is None else frozenset(tool.name for tool in tools)
        self._call_lock = asyncio.Lock()

    def offer(self, tools: Sequence[Tool]) -> None:
        """Make more tools visible; without effect if all tools of the server are."""
        if self._schemas is None or self._names is None:
            return
        # A new list: the old one may be in a request that is just being made.
        self._schemas = [*self._schemas, *schemas_of(tools)]
        self._names |= {tool.name for tool in tools}

    async def list_tools(self) -> list[ToolSchema]:
        """The visible tools; the same objects every time, so that their JSON can be cached."""
        if self._schemas is None:
            self._schemas = await self._fetch_tools()
        return self._schemas

    async def call_tool(
        self,
        name: str,
        arguments: Mapping[str, object] | None = None,
        cancellation_token: CancellationToken | None = None,
        call_id: str | None = None,
    ) -> ToolResult:
        """Call a tool; whatever goes wrong is returned as an error result."""
        # A server has more tools than a conversation shows; those hidden must not be callable.
        if self._names is not None and name not in self._names:
            return _result(name, f"there is no tool named {name!r} here", error=True)
        # A model can write any JSON for its arguments, whatever the type says.
        if arguments is not None and not isinstance(arguments, Mapping):
            return _result(name, f"the arguments of {name!r} are not a JSON object", error=True)
        async with self._call_lock:
            return await self._execute(name, dict(arguments or {}))

    async def _fetch_tools(self) -> list[ToolSchema]:
        """All tools there are, for a workbench that was given none."""
        return []

    @abstractmethod
    async def _execute(self, name: str, arguments: dict[str, object]) -> ToolResult:
        """Carry out one call, with no other at the same time; failures are results too."""

    async def start(self) -> None:
        """Nothing to start: server and world are the caller's."""

    async def stop(self) -> None:
        """Nothing to stop: server and world are the caller's."""

    async def reset(self) -> None:
        """Nothing to reset: a fresh world is opened for each conversation."""

    async def save_state(self) -> Mapping[str, object]:
        """Nothing to save: the state is the world's."""
        return {}

    async def load_state(self, state: Mapping[str, object]) -> None:
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
    """The tools of an MCP server for one conversation.

    `tools` are those that the model may see; None: all that the server lists. `world` is sent in
    the `_meta` of calls, where the model never sees it. `timeout` is in seconds, for one call.
    """

    def __init__(
        self,
        client: McpClient,
        tools: Sequence[Tool] | None = None,
        *,
        world: str | None = None,
        timeout: float = _CALL_TIMEOUT,
    ) -> None:
        super().__init__(tools)
        self._client = client
        # Any: MCP's type for it lists only the keys of the protocol itself.
        self._meta: Any = None if world is None else {WORLD_META: world}
        self._timeout = timeout

    async def _fetch_tools(self) -> list[ToolSchema]:
        return [
            ToolSchema(
                name=tool.name,
                description=tool.description or "",
                parameters=_parameters(tool.input_schema),
            )
            for tool in await self._client.list_tools()
        ]

    async def _execute(self, name: str, arguments: dict[str, object]) -> ToolResult:
        try:
            # The session itself: the client around it would watch for the end of the connection,
            # which the timeout does too, and open spans.
            answer = await self._client.session.call_tool(
                name, arguments, read_timeout_seconds=self._timeout, meta=self._meta
            )
        # RuntimeError: the session has ended; ValueError: the server's answer cannot be read.
        except (FastMCPError, MCPError, OSError, TimeoutError, RuntimeError, ValueError) as error:
            return _result(name, f"{type(error).__name__}: {error}", error=True)
        return _result(name, _text(answer.content), error=bool(answer.is_error))


class WorldWorkbench(BaseWorkbench):
    """The same tools without a server in between, at a tenth of the CPU.

    Results are those of the server, word for word. `worlds`: API name -> world.
    """

    def __init__(self, worlds: Mapping[str, World], tools: Sequence[Tool]) -> None:
        super().__init__(tools)
        self._worlds = worlds
        self._tools = {tool.name: tool for tool in tools}

    def offer(self, tools: Sequence[Tool]) -> None:
        """Make more tools visible."""
        super().offer(tools)
        self._tools |= {tool.name: tool for tool in tools}

    async def _execute(self, name: str, arguments: dict[str, object]) -> ToolResult:
        answer = to_result(await play_call(self._worlds, self._tools[name], arguments))
        return _result(name, _text(answer.content), error=answer.is_error)


_schemas: IdentityCache[Tool, ToolSchema] = IdentityCache(_MAX_SCHEMAS)


def schemas_of(tools: Sequence[Tool]) -> list[ToolSchema]:
    """Tools as AutoGen describes them to a model.

    The same tool gives the same object every time, so that clients can cache its JSON.
    """
    schemas: list[ToolSchema] = []
    for tool in tools:
        schema = _schemas.get(tool)
        schemas.append(schema if schema is not None else _schemas.put(tool, tool_schema(tool)))
    return schemas


def tool_schema(tool: Tool) -> ToolSchema:
    """A tool as AutoGen describes one to a model."""
    return ToolSchema(
        name=tool.name, description=tool.description, parameters=_parameters(tool.input_schema)
    )


def _parameters(schema: Schema) -> ParametersSchema:
    # AutoGen's TypedDict names four keys; the schema goes to the model as it is, `$defs` and all.
    return {"type": "object", "properties": {}, **schema}  # type: ignore[typeddict-item]


def _text(content: Sequence[ContentBlock]) -> str:
    """The text of a result; blocks of other kinds (images, resources) are left out."""
    return "\n".join(block.text for block in content if isinstance(block, TextContent))


def _result(name: str, text: str, *, error: bool) -> ToolResult:
    return ToolResult(name=name, result=[TextResultContent(content=text)], is_error=error)
