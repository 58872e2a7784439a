"""A FastMCP server over simulated worlds: one tool an operation, arguments validated before the world sees them, typed errors."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from fastmcp import FastMCP
from fastmcp.server.context import Context
from fastmcp.server.dependencies import get_context
from fastmcp.tools.base import Tool as FastMCPTool
from fastmcp.tools.base import ToolResult
from mcp_types import TextContent, ToolAnnotations
from mcp_types.version import MODERN_PROTOCOL_VERSIONS
from pydantic import PrivateAttr

from inftool.core.errors import WorldError
from inftool.core.json_values import canonical
from inftool.core.tools import Api, Result, Tool
from inftool.core.types import JsonObject
from inftool.servers.upstream import UpstreamApi
from inftool.toolset.naming import unique_names
from inftool.world.model_fallback import FallbackPlayer
from inftool.world.registry import META_KEY, NamedWorlds, WorldRegistry, WorldSet, named_by
from inftool.world.rendering.errors import violation_result
from inftool.world.resources.satisfiability import satisfiable_api
from inftool.world.rules import Rules, rules_for
from inftool.world.world import World

WRAP = "x-fastmcp-wrap-result"


def wrapped_schema(schema: JsonObject | None) -> tuple[JsonObject | None, bool]:
    """An output schema as MCP wants it (an object), and whether the body must be wrapped as `{"result": body}` for it."""
    if schema is None:
        return None, False
    if schema.get("type") == "object":
        return schema, False
    inner = {key: value for key, value in schema.items() if key not in {"$defs", "$schema"}}
    out: JsonObject = {
        "type": "object",
        "properties": {"result": inner},
        "required": ["result"],
        WRAP: True,
    }
    if "$defs" in schema:
        out["$defs"] = schema["$defs"]
    return out, True


def hints(tool: Tool, title: str) -> ToolAnnotations:
    """The hints that MCP clients show before they call a tool."""
    return ToolAnnotations(
        title=title,
        read_only_hint=tool.effect == "read",
        destructive_hint=tool.effect == "delete",
        idempotent_hint=tool.effect in {"read", "delete"} or tool.method.lower() == "put",
        open_world_hint=False,
    )


def to_result(outcome: Result, *, wrap: bool, structured: bool) -> ToolResult:
    """A world's answer as MCP sends it: canonical JSON as text, structured where the tool has an output schema; refusals as tool errors."""
    if not outcome.ok:
        body: JsonObject = {"status": outcome.status, "error": outcome.body}
        if outcome.headers:
            body["headers"] = outcome.headers
        return ToolResult(
            content=[TextContent(type="text", text=canonical(body))],
            structured_content=body,
            is_error=True,
        )
    text = (
        canonical(outcome.body)
        if outcome.body is not None or structured
        else json.dumps({"status": outcome.status})
    )
    content = [TextContent(type="text", text=text)]
    if not structured:
        return ToolResult(
            content=content,
            structured_content=outcome.body if isinstance(outcome.body, dict) else None,
        )
    if wrap:
        return ToolResult(
            content=content,
            structured_content={"result": outcome.body},
            meta={"fastmcp": {"wrap_result": True}},
        )
    return ToolResult(content=content, structured_content=outcome.body)


class Server(FastMCP[Any]):
    """A FastMCP server that, where it listens on loopback, refuses what a foreign web page sends there (the Host and Origin headers tell)."""

    async def run_http_async(self, *args: Any, **options: Any) -> None:
        """As FastMCP's own, guarded unless the caller says otherwise."""
        if options.get("host_origin_protection") is None:
            options["host_origin_protection"] = "auto"
        await super().run_http_async(*args, **options)


class WorldTool(FastMCPTool):
    """One operation of an API, played on the world that the call names."""

    _tool: Tool = PrivateAttr()
    _stage: Any = PrivateAttr()
    _wrap: bool = PrivateAttr(default=False)

    @classmethod
    def make(cls, tool: Tool, name: str, stage: CallRouter, *, output_schemas: bool) -> WorldTool:
        """The MCP tool of an operation under some name."""
        schema, wrap = wrapped_schema(tool.output_schema) if output_schemas else (None, False)
        made = cls(
            name=name,
            title=tool.summary or None,
            description=tool.description,
            parameters=tool.input_schema,
            output_schema=schema,
            annotations=hints(tool, tool.summary or name),
        )
        made._tool = tool
        made._stage = stage
        made._wrap = wrap
        return made

    async def run(self, arguments: JsonObject) -> ToolResult:
        """Validate the arguments, play the call, and answer as MCP does."""
        live = self._stage.live.get(self._tool.api)
        if live is not None:
            refused = violation_result(None, self._tool, arguments)
            outcome = refused if refused is not None else await live.call(self._tool, arguments)
            return to_result(outcome, wrap=self._wrap, structured=False)
        try:
            universe = self._stage.universe()
        except WorldError as error:
            body = {"status": 404, "error": {"message": str(error)}}
            return ToolResult(
                content=[TextContent(type="text", text=canonical(body))],
                structured_content=body,
                is_error=True,
            )
        return to_result(
            await self._stage.play(universe, self._tool, arguments),
            wrap=self._wrap,
            structured=self.output_schema is not None,
        )


class CallRouter:
    """Where a server's calls are played: in the open worlds, or, where a call names none, in its session's own.

    A call names its worlds in its `_meta`; over HTTP also by a header or in the address. Without a registry given (`worlds` is None), a name
    that was never seen opens worlds of its own, so that plain clients can keep conversations apart.
    """

    def __init__(
        self,
        apis: Sequence[Api],
        worlds: WorldRegistry | None,
        seed: int,
        *,
        live: Mapping[str, UpstreamApi] | None = None,
        rules: Mapping[str, Rules] | None = None,
        player: FallbackPlayer | None = None,
    ) -> None:
        self.rules = rules
        self.player = player
        self.apis = {api.name: api for api in apis}
        self.worlds = worlds
        self.seed = seed
        self.live = dict(live or {})
        self._start: WorldSet | None = None
        self.rooms = NamedWorlds(self.start)

    def start(self) -> WorldSet:
        """The seeded worlds that all others are forked from, made on first use."""
        if self._start is None:
            self._start = WorldSet.seed(tuple(self.apis.values()), self.seed, rules=self.rules)
        return self._start

    def universe(self) -> WorldSet:
        """The worlds of the call now running. WorldError where it names worlds that are not open in the registry given."""
        context: Context = get_context()
        request = context.request_context
        named = request.meta.get(META_KEY) if request is not None and request.meta else None
        web = getattr(request, "request", None)
        if named is None and web is not None:
            # Desktop clients cannot set `_meta`, but the address and the headers of a server are theirs to write.
            named = named_by(web.headers, web.query_params)
        if isinstance(named, str) and self.worlds is not None:
            return self.worlds.get(named)
        if isinstance(named, str):
            return self.rooms.get(f"named:{named}")
        # Since the protocol of 2026-07-28 a request stands alone, and nothing says which session it belongs to: such clients share one world.
        if request is None or request.protocol_version in MODERN_PROTOCOL_VERSIONS:
            return self.rooms.get("shared")
        return self.rooms.get(f"session:{context.session_id}")

    async def play(
        self, universe: Mapping[str, World], tool: Tool, arguments: JsonObject
    ) -> Result:
        """Play one call, arguments validated first; by the player, where there is one, what the spec does not determine."""
        world = universe.get(tool.api)
        if world is None:
            return Result(
                status=404, body={"message": f"no world of {tool.api} is open in this conversation"}
            )
        refused = violation_result(world.base, tool, arguments)
        if refused is not None:
            return refused
        return (
            world.call(tool.name, arguments)
            if self.player is None
            else await self.player.play(world, tool.name, arguments)
        )


def build_server(
    apis: Sequence[Api] | Api,
    *,
    seed: int = 0,
    worlds: WorldRegistry | None = None,
    output_schemas: bool = True,
    name: str | None = None,
    live: Mapping[str, UpstreamApi] | None = None,
    rules: Mapping[str, Rules] | None = None,
    player: FallbackPlayer | None = None,
) -> FastMCP[Any]:
    """A FastMCP server that plays some APIs.

    A call is played on the world whose id its `_meta` carries under `inftool/world` (opened in `worlds`; where that is None, any id gets a
    world of its own), else on its session's world, seeded with `seed`. An API that `live` names by its name is called for real instead (and
    then has no output schemas, since real answers may break them). Tools keep their names where unique; names that several APIs share get
    the API's name in front. `rules`: the worlds' own ones, by the API's name; a rules file beside a spec
    is found by itself. `player`: a model that answers what the spec does not determine.
    """
    chosen = tuple(satisfiable_api(api) for api in ((apis,) if isinstance(apis, Api) else apis))
    names = unique_names(chosen)
    title = name or (chosen[0].title if len(chosen) == 1 else "InfTool")
    # fastmcp would write every `$ref` out: the largest real specs then list hundreds of megabytes of schemas.
    server = Server(
        title,
        dereference_schemas=False,
        instructions="\n\n".join(api.description for api in chosen if api.description) or None,
    )
    if rules is None and worlds is None:
        # Whoever opens the worlds gives them their rules.
        rules = rules_for([api for api in chosen if api.name not in (live or {})])
    stage = CallRouter(chosen, worlds, seed, live=live, rules=rules, player=player)
    for api in chosen:
        for tool in api.tools:
            server.add_tool(
                WorldTool.make(
                    tool,
                    names[api.name, tool.name],
                    stage,
                    output_schemas=output_schemas and api.name not in stage.live,
                )
            )
    return server
