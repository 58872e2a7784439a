"""The real API behind the same tools and the same validation: read-only unless told otherwise."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Mapping
from types import TracebackType
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from inftool.core.errors import UsageError
from inftool.core.tools import Api, Result, Tool
from inftool.core.types import JsonObject
from inftool.servers.http_requests import to_request

READ_ONLY = frozenset({"GET", "HEAD"})
TOKEN_ENV = "INFTOOL_LIVE_TOKEN"  # noqa: S105 - the name of a variable
HEADER_ENV = "INFTOOL_LIVE_HEADER"
MAX_ANSWER = 16 * 1024 * 1024


def auth_headers(api: Api, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headers that sign in, out of the environment: `INFTOOL_LIVE_HEADER` ("X-Api-Key: …") as it is, else `INFTOOL_LIVE_TOKEN` in the way
    that the spec's security schemes say (an API key header, basic, else a bearer token). UsageError on a header without a colon."""
    known = os.environ if environment is None else environment
    whole = known.get(HEADER_ENV, "")
    if whole:
        name, colon, value = whole.partition(":")
        if not colon or not name.strip():
            raise UsageError(f"{HEADER_ENV} is not of the form 'Name: value'")
        return {name.strip(): value.strip()}
    token = known.get(TOKEN_ENV, "")
    if not token:
        return {}
    schemes = [scheme for scheme in api.security.values() if isinstance(scheme, dict)]
    key = next(
        (
            scheme
            for scheme in schemes
            if scheme.get("type") == "apiKey"
            and scheme.get("in") == "header"
            and scheme.get("name")
        ),
        None,
    )
    if key is not None and not any(
        scheme.get("type") in {"oauth2", "openIdConnect"} or scheme.get("scheme") == "bearer"
        for scheme in schemes
    ):
        return {str(key["name"]): token}
    if (
        any(scheme.get("type") == "basic" or scheme.get("scheme") == "basic" for scheme in schemes)
        and ":" in token
    ):
        return {"Authorization": "Basic " + base64.b64encode(token.encode()).decode()}
    return {"Authorization": f"Bearer {token}"}


class UpstreamApi:
    """A client of one real API: `async with Live(api, url) as live: await live.call(tool, arguments)`.

    `methods`: what may be sent (GET and HEAD unless told otherwise). Redirects are not followed and the address is fixed: an argument is data in
    a path step, a query or a body, never a host. UsageError where the base URL is not http(s).
    """

    def __init__(
        self,
        api: Api,
        url: str,
        *,
        methods: frozenset[str] = READ_ONLY,
        headers: Mapping[str, str] | None = None,
        seconds: float = 30.0,
    ) -> None:
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise UsageError(f"{url!r} is no http(s) address")
        self.api = api
        self.url = url.rstrip("/")
        self.methods = frozenset(method.upper() for method in methods)
        self._headers = dict(headers) if headers is not None else auth_headers(api)
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> UpstreamApi:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, tool: Tool, arguments: JsonObject) -> Result:
        """Send a call (its arguments validated already) and give the answer back.

        405 for a method that is not allowed, 502 or 504 where the API cannot be reached.
        """
        request = to_request(tool, arguments)
        if request.method not in self.methods:
            allowed = ", ".join(sorted(self.methods))
            return Result(
                status=405,
                body={
                    "message": f"{request.method} is not allowed on the live API (allowed: {allowed})"
                },
            )
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        address = (
            URL(self.url + request.path, encoded=True).update_query(list(request.query))
            if request.query
            else URL(self.url + request.path, encoded=True)
        )
        try:
            async with self._session.request(
                request.method,
                address,
                headers={"Accept": "application/json", **request.headers, **self._headers},
                json=request.body if request.body is not None and not request.form else None,
                data=request.body if request.form else None,
                allow_redirects=False,
            ) as answer:
                raw = await answer.content.read(MAX_ANSWER + 1)
                status, headers = (
                    answer.status,
                    {
                        name: value
                        for name, value in answer.headers.items()
                        if name.lower() in {"retry-after", "location", "link", "x-request-id"}
                    },
                )
        except TimeoutError:
            return Result(status=504, body={"message": "the API did not answer in time"})
        except aiohttp.ClientError as error:
            return Result(
                status=502, body={"message": f"the API cannot be reached: {type(error).__name__}"}
            )
        if len(raw) > MAX_ANSWER:
            return Result(
                status=502, body={"message": f"the answer is larger than {MAX_ANSWER} bytes"}
            )
        text = raw.decode("utf-8", "replace")
        try:
            body = json.loads(text) if text.strip() else None
        except (ValueError, RecursionError):
            body = text
        return Result(status=status, body=body, headers=headers)
