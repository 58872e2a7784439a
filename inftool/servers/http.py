"""The simulated APIs over plain HTTP, at their own paths, for what does not speak MCP."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from inftool.core.errors import WorldError
from inftool.core.tools import Api, Result, Tool
from inftool.servers.http_arguments import to_arguments
from inftool.servers.http_requests import one_line
from inftool.servers.http_routes import RouteTable
from inftool.servers.validated_calls import play_call
from inftool.world.model_fallback import FallbackPlayer
from inftool.world.registry import WORLD_HEADER, NamedWorlds, WorldRegistry, WorldSet
from inftool.world.rendering.errors import failure
from inftool.world.resources.satisfiability import satisfiable_api
from inftool.world.rule_files import rules_for
from inftool.world.rules import Rules

# Far above any JSON body of an API, and little enough to hold in memory for many clients at once.
MAX_BODY = 8 * 1024 * 1024


def http_app(
    apis: Sequence[Api] | Api,
    *,
    seed: int = 0,
    worlds: WorldRegistry | None = None,
    rules: Mapping[str, Rules] | None = None,
    player: FallbackPlayer | None = None,
) -> Starlette:
    """A Starlette application that plays some APIs, with and without their servers' base paths.

    Requests share one world; the header `X-InfTool-World` names another one: one that is open in
    `worlds`, where that is given. Bodies over 8 MiB are refused (413).
    """
    apis = (apis,) if isinstance(apis, Api) else apis
    playable = tuple(satisfiable_api(api) for api in apis)
    rules = rules_for(playable) if rules is None else rules
    start = WorldSet.seed(playable, seed, rules=rules)
    app = Starlette()
    # Not a route: a route's pattern stops at a newline, and a key may hold one.
    app.router.default = _HttpWorlds(playable, start, worlds, player)
    return app


class _ApiRoutes(NamedTuple):
    """Where one API lies."""

    routes: RouteTable
    base_paths: tuple[str, ...]
    """The paths of its servers (`/v1`), longest first."""

    def paths(self, path: str) -> list[str]:
        """A requested path as it may be written in the spec: as it is, and below each base path."""
        bases = (base for base in self.base_paths if path.startswith(f"{base}/"))
        return [path, *(path[len(base) :] for base in bases)]


class _HttpWorlds:
    """The ASGI application: answers each request with the call that it stands for."""

    def __init__(
        self,
        apis: Sequence[Api],
        start: WorldSet,
        worlds: WorldRegistry | None,
        player: FallbackPlayer | None,
    ) -> None:
        self._apis = [_ApiRoutes(RouteTable(api.tools), _base_paths(api)) for api in apis]
        self._open_worlds = worlds
        self._player = player
        # What named worlds are forked from is never played on itself.
        self._shared = start.fork()
        self._named_worlds = NamedWorlds(lambda: start)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            response = await self._answer(Request(scope, receive))
            await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        try:
            worlds = self._worlds(request.headers.get(WORLD_HEADER))
        except WorldError as error:
            return _problem(404, "Not found", str(error))
        # Not the decoded path: `%2F` inside a key is not a separator.
        raw_path = request.scope.get("raw_path") or request.url.path.encode()
        path = raw_path.decode("ascii", "replace").split("?")[0] or "/"
        # RFC 9110, 9.3.2: HEAD is GET without the body, which the server leaves out.
        method = "GET" if request.method == "HEAD" else request.method
        allowed: set[str] = set()
        for api in self._apis:
            for candidate in api.paths(path):
                match = api.routes.find(method, candidate)
                allowed.update(match.other_methods)
                if match.tool is not None:
                    return await self._play(request, worlds, match.tool, match.path_values)
        if allowed:
            methods = ", ".join(sorted(allowed))
            # RFC 9110, 15.5.6: a 405 has to say in `Allow` what is allowed.
            detail = f"{path} takes {methods}."
            return _problem(405, "Method not allowed", detail, {"Allow": methods})
        return _problem(404, "Not found", f"The API has no path {path}.")

    def _worlds(self, name: str | None) -> WorldSet:
        """The worlds that a request names; WorldError where a registry does not have them."""
        if not name:
            return self._shared
        if self._open_worlds is not None:
            return self._open_worlds.get(name)
        return self._named_worlds.get(name)

    async def _play(
        self, request: Request, worlds: WorldSet, tool: Tool, path_values: Mapping[str, str]
    ) -> Response:
        raw = await _read_body(request)
        if isinstance(raw, Response):
            return raw
        try:
            body = _parse_body(raw, request.headers.get("content-type", "application/json"))
        except (ValueError, RecursionError):
            return _respond(
                failure(worlds[tool.api].base, tool, 400, "The body is not JSON."), tool
            )
        arguments = to_arguments(
            tool,
            path={name: unquote(value) for name, value in path_values.items()},
            query=[(str(name), str(value)) for name, value in request.query_params.multi_items()],
            headers=dict(request.headers),
            cookies=dict(request.cookies),
            body=body,
        )
        return _respond(await play_call(worlds, tool, arguments, self._player), tool)


def _base_paths(api: Api) -> tuple[str, ...]:
    paths = {urlsplit(url).path.rstrip("/") for url in api.base_urls}
    return tuple(sorted((path for path in paths if path), key=len, reverse=True))


async def _read_body(request: Request) -> bytes | Response:
    """The body of a request, or the answer to one that is too large or breaks off."""
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
    return b"".join(pieces)


def _parse_body(raw: bytes, content_type: str) -> object:
    """A body as JSON, or as name -> value(s) for a form; None for an empty one.

    ValueError or RecursionError where it is not JSON. `a=1&b=2&b=3` -> {"a": "1", "b": ["2", "3"]}.
    """
    if not raw:
        return None
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/x-www-form-urlencoded":
        body: object = json.loads(raw)
        return body
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True):
        fields.setdefault(name, []).append(value)
    return {name: values if len(values) > 1 else values[0] for name, values in fields.items()}


def _respond(result: Result, tool: Tool) -> Response:
    """A result as HTTP, in the media type that the tool documents for its status."""
    status = result.status
    headers = {name: one_line(value) for name, value in result.headers.items()}
    if status in {204, 304} or result.body is None:
        return Response(status_code=status, headers=headers)
    media_types = {answer.status.lower(): answer.media for answer in tool.responses}
    keys = (str(status), f"{status // 100}xx", "default")
    media = next((media_types[key] for key in keys if key in media_types), "")
    # A wildcard (`*/*`, `application/*+json`) is a range of types, which no answer can have.
    media = "" if "*" in media else media
    is_json = "json" in media
    if isinstance(result.body, str) and media and not is_json:
        return Response(result.body, status_code=status, headers=headers, media_type=media)
    return JSONResponse(
        result.body, status_code=status, headers=headers, media_type=media if is_json else None
    )


def _problem(
    status: int, title: str, detail: str, headers: dict[str, str] | None = None
) -> Response:
    """An error that the spec does not describe, in the form of RFC 9457."""
    return JSONResponse(
        {"status": status, "title": title, "detail": detail},
        status_code=status,
        headers=headers,
        media_type="application/problem+json",
    )
