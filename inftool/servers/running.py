"""Servers as processes: what they serve, over which transport, and where they are reached."""

from __future__ import annotations

from collections.abc import Sequence

import uvicorn
from fastmcp import FastMCP

from inftool.core.errors import UsageError
from inftool.core.tools import Api
from inftool.servers.http import http_app
from inftool.servers.mcp import build_server
from inftool.servers.upstream import READ_ONLY, UpstreamApi
from inftool.world.model_fallback import FallbackPlayer

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def address(host: str, port: int, path: str = "/mcp") -> str:
    """The address of a server, and who can reach it, for people."""
    # An IPv6 address stands in brackets in front of a port (RFC 3986, 3.2.2).
    shown_host = f"[{host}]" if ":" in host else host
    reach = "this machine only" if host in LOOPBACK else "EVERY machine that can reach this one"
    return f"http://{shown_host}:{port}{path} ({reach})"


def server_for(
    apis: Sequence[Api],
    *,
    seed: int = 0,
    live: str | None = None,
    allow: Sequence[str] = (),
    player: FallbackPlayer | None = None,
) -> FastMCP:
    """An MCP server of simulated APIs, or of one real API at the address `live`.

    The real API is sent GET and HEAD requests, and the methods in `allow`. UsageError where `live`
    is given for more than one API.
    """
    if live is None:
        return build_server(apis, seed=seed, player=player)
    if len(apis) != 1:
        raise UsageError("--live calls one API", hint="name one spec")
    # Writing to a real API has to be asked for, method by method.
    methods = READ_ONLY | {method.upper() for method in allow}
    upstream = UpstreamApi(apis[0], live, methods=methods)
    return build_server(apis, seed=seed, live={apis[0].name: upstream})


def run_stdio(server: FastMCP) -> None:
    """Serve MCP over standard input and output until the client hangs up."""
    server.run(transport="stdio", show_banner=False)


def run_http(server: FastMCP, *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve MCP over streamable HTTP at `/mcp`; on loopback unless told otherwise."""
    server.run(transport="http", host=host, port=port, show_banner=False)


def run_web(
    apis: Sequence[Api],
    *,
    seed: int = 0,
    host: str = "127.0.0.1",
    port: int = 8000,
    player: FallbackPlayer | None = None,
) -> None:
    """Serve simulated APIs as plain HTTP at their own paths; on loopback unless told otherwise."""
    uvicorn.run(http_app(apis, seed=seed, player=player), host=host, port=port, log_level="warning")
