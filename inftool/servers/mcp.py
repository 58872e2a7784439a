"""A FastMCP server of simulated APIs: every operation is a tool, played on the caller's world."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, Unpack

from fastmcp import FastMCP
from fastmcp.tools.base import Tool as FastMCPTool
from fastmcp.tools.base import ToolResult
from mcp_types import ToolAnnotations
from pydantic import PrivateAttr

from inftool.core.errors import WorldError
from inftool.core.tools import Api, Tool
from inftool.core.types import JsonObject
from inftool.servers.call_router import CallRouter
from inftool.servers.mcp_results import error_result, to_result, wrapped_schema
from inftool.servers.upstream import UpstreamApi
from inftool.toolset.naming import unique_names
from inftool.world.model_fallback import FallbackPlayer
from inftool.world.registry import WorldRegistry
from inftool.world.resources.satisfiability import satisfiable_api
from inftool.world.rule_files import rules_for
from inftool.world.rules import Rules


def hints(tool: Tool, title: str) -> ToolAnnotations:
    """The hints that MCP clients show before they call a tool."""
    return ToolAnnotations(
        title=title,
        read_only_hint=tool.effect == "read",
        destructive_hint=tool.effect == "delete",
        # RFC 9110, 9.2.2: PUT and DELETE, sent twice, leave what they leave when sent once.
        idempotent_hint=tool.effect in {"read", "delete"} or tool.method.lower() == "put",
        open_world_hint=False,
    )


class Server(FastMCP):
    """A FastMCP server that foreign web pages cannot use.

    Where it listens on loopback, it refuses requests whose Host or Origin header names another
    machine (DNS rebinding).
    """

    # The parameters are FastMCP's own, which this class neither knows nor narrows.
    async def run_http_async(self, *args: Any, **options: Any) -> None:
        """As FastMCP's own, guarded unless the caller says otherwise."""
        if options.get("host_origin_protection") is None:
            options["host_origin_protection"] = "auto"
        await super().run_http_async(*args, **options)


class WorldTool(FastMCPTool):
    """One operation of an API, played on the world that the call names."""

    _tool: Tool = PrivateAttr()
    _router: CallRouter = PrivateAttr()
    _wrap: bool = PrivateAttr(default=False)

    @classmethod
    def make(cls, tool: Tool, name: str, router: CallRouter, *, output_schemas: bool) -> WorldTool:
        """The MCP tool of an operation under some name."""
        schema, wrap = wrapped_schema(tool.output_schema) if output_schemas else (None, False)
        world_tool = cls(
            name=name,
            title=tool.summary or None,
            description=tool.description,
            parameters=tool.input_schema,
            output_schema=schema,
            annotations=hints(tool, tool.summary or name),
        )
        world_tool._tool = tool
        world_tool._router = router
        world_tool._wrap = wrap
        return world_tool

    async def run(self, arguments: JsonObject) -> ToolResult:
        """Validate the arguments, play the call, and answer as MCP does."""
        try:
            result = await self._router.call(self._tool, arguments)
        # An error of the caller, not of the server: it named a world that is closed.
        except WorldError as error:
            return error_result({"status": 404, "error": {"message": str(error)}})
        return to_result(result, wrap=self._wrap, structured=self.output_schema is not None)


class ServerOptions(TypedDict, total=False):
    """The keyword arguments of `build_server`; all may be left out."""

    seed: int
    """Seeds the worlds that the server opens itself (default 0)."""

    worlds: WorldRegistry | None
    """The open worlds; a call names one by its id. Default: any name gets a world of its own."""

    output_schemas: bool
    """Whether the tools declare output schemas, and results are structured (default true)."""

    name: str | None
    """The server's name; default: the title of its only API, else "InfTool"."""

    live: Mapping[str, UpstreamApi] | None
    """API name -> the real API that its calls go to. Its tools have no output schemas, since real
    answers may break them."""

    rules: Mapping[str, Rules] | None
    """API name -> its world's rules. Default: the rules files beside the specs; with `worlds` none,
    since whoever opens worlds gives them their rules."""

    player: FallbackPlayer | None
    """A model that answers what the spec does not determine."""


def _router(apis: Sequence[Api], options: ServerOptions) -> CallRouter:
    live = options.get("live") or {}
    worlds = options.get("worlds")
    rules = options.get("rules")
    if rules is None and worlds is None:
        rules = rules_for([api for api in apis if api.name not in live])
    return CallRouter(
        apis,
        worlds,
        options.get("seed", 0),
        live=live,
        rules=rules,
        player=options.get("player"),
    )


def build_server(apis: Sequence[Api] | Api, **options: Unpack[ServerOptions]) -> FastMCP:
    """A FastMCP server that plays some APIs.

    A call is played on the world whose id its `_meta` carries under `inftool/world`, else on its
    session's world. Tools keep their names where unique; names that several APIs share get the
    API's name in front.
    """
    apis = (apis,) if isinstance(apis, Api) else apis
    # Output schemas that accept nothing are loosened first, or no client would take an answer.
    playable = tuple(satisfiable_api(api) for api in apis)
    names = unique_names(playable)
    router = _router(playable, options)
    server = Server(
        options.get("name") or (playable[0].title if len(playable) == 1 else "InfTool"),
        # fastmcp would write every `$ref` out: the largest real specs then list hundreds of
        # megabytes of schemas.
        dereference_schemas=False,
        instructions="\n\n".join(api.description for api in playable if api.description) or None,
    )
    for api in playable:
        output_schemas = options.get("output_schemas", True) and not router.is_live(api.name)
        for tool in api.tools:
            name = names[api.name, tool.name]
            server.add_tool(WorldTool.make(tool, name, router, output_schemas=output_schemas))
    return server
