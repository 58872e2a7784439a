"""The simulated API over plain HTTP, as its spec says: paths, methods, JSON bodies; for people and tools that do not speak MCP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect
from starlette.requests import Request as WebRequest
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from inftool.core.errors import WorldError
from inftool.core.tools import Api, Result, Tool
from inftool.servers.http_requests import Matcher, to_arguments
from inftool.world.model_fallback import FallbackPlayer
from inftool.world.registry import WORLD_HEADER, NamedWorlds, WorldRegistry, WorldSet
from inftool.world.rendering.errors import violation_result
from inftool.world.resources.satisfiability import satisfiable_api
from inftool.world.rules import Rules, rules_for
from inftool.world.world import World

MAX_BODY = 8 * 1024 * 1024


def _respond(result: Result, tool: Tool) -> Response:
    headers = {
        name: value.replace("\r", " ").replace("\n", " ") for name, value in result.headers.items()
    }
    if result.status in {204, 304} or result.body is None:
        return Response(status_code=result.status, headers=headers)
    said = {answer.status.lower(): answer.media for answer in tool.responses}
    media = next(
        (
            said[name]
            for name in (str(result.status), f"{result.status // 100}xx", "default")
            if name in said
        ),
        "",
    )
    # A wildcard (`*/*`, `application/*+json`) is no type of its own.
    media = "" if "*" in media else media
    if isinstance(result.body, str) and media and "json" not in media:
        return Response(result.body, status_code=result.status, headers=headers, media_type=media)
    return JSONResponse(
        result.body,
        status_code=result.status,
        headers=headers,
        media_type=media if "json" in media else None,
    )


def _problem(
    status: int, title: str, detail: str, headers: dict[str, str] | None = None
) -> Response:
    return JSONResponse(
        {"status": status, "title": title, "detail": detail},
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )


def _prefixes(api: Api) -> tuple[str, ...]:
    found = {urlsplit(url).path.rstrip("/") for url in api.base_urls}
    return tuple(sorted((path for path in found if path), key=len, reverse=True))


def http_app(
    apis: Sequence[Api] | Api,
    *,
    seed: int = 0,
    worlds: WorldRegistry | None = None,
    rules: Mapping[str, Rules] | None = None,
    player: FallbackPlayer | None = None,
) -> Starlette:
    """A Starlette application that plays some APIs at their own paths (with and without the base path of their server).

    Requests share one world; the header `X-InfTool-World` names another one: one that is open in `worlds`, where that is given. Bodies over 8 MiB are refused (413).
    """
    chosen = tuple(satisfiable_api(api) for api in ((apis,) if isinstance(apis, Api) else apis))
    # What named worlds are forked from is never played on itself.
    origin = WorldSet.seed(chosen, seed, rules=rules_for(chosen) if rules is None else rules)
    start, rooms = origin.fork(), NamedWorlds(lambda: origin)
    matchers = [(api, Matcher(api.tools), _prefixes(api)) for api in chosen]

    async def answer(request: WebRequest) -> Response:
        named = request.headers.get(WORLD_HEADER)
        try:
            universe = (
                start if not named else rooms.get(named) if worlds is None else worlds.get(named)
            )
        except WorldError as error:
            return _problem(404, "Not found", str(error))
        raw = request.scope.get("raw_path") or request.url.path.encode()
        path = raw.decode("ascii", "replace").split("?")[0] or "/"
        method = "GET" if request.method == "HEAD" else request.method
        allowed: set[str] = set()
        for api, matcher, prefixes in matchers:
            for stripped in (
                path,
                *(path[len(prefix) :] for prefix in prefixes if path.startswith(f"{prefix}/")),
            ):
                tool, places, others = matcher.find(method, stripped)
                allowed.update(others)
                if tool is not None:
                    return await _play(
                        request,
                        universe[api.name],
                        tool,
                        {name: unquote(value) for name, value in places.items()},
                        player,
                    )
        if allowed:
            return _problem(
                405,
                "Method not allowed",
                f"{path} takes {', '.join(sorted(allowed))}.",
                {"Allow": ", ".join(sorted(allowed))},
            )
        return _problem(404, "Not found", f"The API has no path {path}.")

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await (await answer(WebRequest(scope, receive)))(scope, receive, send)

    # Not a route: a route's pattern stops at a newline, and a key may hold one.
    app = Starlette()
    app.router.default = serve
    return app


async def _play(
    request: WebRequest,
    world: World,
    tool: Tool,
    places: dict[str, str],
    player: FallbackPlayer | None,
) -> Response:
    pieces: list[bytes] = []
    size = 0
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > MAX_BODY:
                return _problem(413, "Content too large", f"A body may have {MAX_BODY} bytes.")
            pieces.append(piece)
    except ClientDisconnect:
        # Nobody is left to read an answer, and half a request changes nothing.
        return Response(status_code=400)
    raw = b"".join(pieces)
    body: Any = None
    if raw:
        kind = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
        if kind == "application/x-www-form-urlencoded":
            found: dict[str, Any] = {}
            for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
                found[name] = (
                    [*(found[name] if isinstance(found[name], list) else [found[name]]), value]
                    if name in found
                    else value
                )
            body = found
        else:
            try:
                body = json.loads(raw)
            except (ValueError, RecursionError):
                return _respond(_malformed(world, tool), tool)
    arguments = to_arguments(
        tool,
        path=places,
        query=[(str(name), str(value)) for name, value in request.query_params.multi_items()],
        headers=dict(request.headers),
        cookies=dict(request.cookies),
        body=body,
    )
    refused = violation_result(world.base, tool, arguments)
    if refused is not None:
        return _respond(refused, tool)
    return _respond(
        world.call(tool.name, arguments)
        if player is None
        else await player.play(world, tool.name, arguments),
        tool,
    )


def _malformed(world: World, tool: Tool) -> Result:
    from inftool.world.rendering.errors import failure

    return failure(world.base, tool, 400, "The body is not JSON.")
