"""Which world an MCP call is played in: the one that it names, else its session's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fastmcp.server.context import Context
from fastmcp.server.dependencies import get_context
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

from inftool.core.tools import Api, Result, Tool
from inftool.core.types import JsonObject
from inftool.servers.upstream import UpstreamApi
from inftool.servers.validated_calls import play_call
from inftool.world.model_fallback import FallbackPlayer
from inftool.world.registry import META_KEY, NamedWorlds, WorldRegistry, WorldSet, named_by
from inftool.world.rendering.errors import violation_result
from inftool.world.rules import Rules


class CallRouter:
    """Takes the calls of one MCP server to the worlds, or to the real API, that answer them.

    A call names its worlds in its `_meta`; over HTTP also by a header or in the address. `worlds`
    are the ones that are open; where it is None, a name that was never seen opens worlds of its
    own, so that plain clients can keep conversations apart.
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
        self._apis = tuple(apis)
        self._worlds = worlds
        self._seed = seed
        self._live = dict(live or {})
        self._rules = rules
        self._player = player
        self._start: WorldSet | None = None
        self._named_worlds = NamedWorlds(self._seeded_worlds)

    def is_live(self, api: str) -> bool:
        """Whether an API's calls go to the real one."""
        return api in self._live

    async def call(self, tool: Tool, arguments: JsonObject) -> Result:
        """Answer the call that the server is handling now.

        WorldError where it names worlds that are not open in the registry given.
        """
        # The same validation in front of the real API: a broken call never leaves the machine.
        live = self._live.get(tool.api)
        if live is not None:
            refusal = violation_result(None, tool, arguments)
            return refusal if refusal is not None else await live.call(tool, arguments)
        return await play_call(self._current_worlds(), tool, arguments, self._player)

    def _seeded_worlds(self) -> WorldSet:
        """The worlds that all named ones are forked from, seeded on first use."""
        if self._start is None:
            self._start = WorldSet.seed(self._apis, self._seed, rules=self._rules)
        return self._start

    def _current_worlds(self) -> WorldSet:
        """The worlds of the call that the server is handling now."""
        context: Context = get_context()
        request = context.request_context
        name = request.meta.get(META_KEY) if request is not None and request.meta else None
        http_request = getattr(request, "request", None)
        if name is None and http_request is not None:
            # Desktop clients cannot set `_meta`, but their users write the address and the headers.
            name = named_by(http_request.headers, http_request.query_params)
        # A prefix keeps a caller's names apart from the names of sessions.
        if isinstance(name, str):
            if self._worlds is not None:
                return self._worlds.get(name)
            return self._named_worlds.get(f"named:{name}")
        # Since the protocol of 2026-07-28 a request stands alone, and nothing says which session it
        # belongs to: clients of that protocol share one world.
        if request is None or request.protocol_version in MODERN_PROTOCOL_VERSIONS:
            return self._named_worlds.get("shared")
        return self._named_worlds.get(f"session:{context.session_id}")
