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
from inftool.core.types import Arguments
from inftool.servers.http_requests import HttpRequest, to_request

READ_ONLY = frozenset({"GET", "HEAD"})
TOKEN_ENV = "INFTOOL_LIVE_TOKEN"  # noqa: S105 - the name of a variable
HEADER_ENV = "INFTOOL_LIVE_HEADER"
# No tool result that a model reads is longer; a download would only fill the memory.
MAX_ANSWER = 16 * 1024 * 1024
_SHOWN_HEADERS = frozenset({"retry-after", "location", "link", "x-request-id"})


def auth_headers(api: Api, environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The headers that sign in, out of the environment; none where it holds no secret.

    `INFTOOL_LIVE_HEADER` ("X-Api-Key: k") is sent as it is, else `INFTOOL_LIVE_TOKEN` in the way
    that the spec's security schemes say: in an API key's header, as basic authentication, else as a
    bearer token. UsageError on a header without a colon.
    """
    variables = os.environ if environment is None else environment
    header = variables.get(HEADER_ENV, "")
    if header:
        name, colon, value = header.partition(":")
        if not colon or not name.strip():
            raise UsageError(f"{HEADER_ENV} is not of the form 'Name: value'")
        return {name.strip(): value.strip()}
    token = variables.get(TOKEN_ENV, "")
    return _token_header(api, token) if token else {}


def _token_header(api: Api, token: str) -> dict[str, str]:
    schemes: list[Mapping[str, object]] = [
        scheme for scheme in api.security.values() if isinstance(scheme, dict)
    ]
    key_names = [
        scheme["name"]
        for scheme in schemes
        if scheme.get("type") == "apiKey" and scheme.get("in") == "header" and scheme.get("name")
    ]
    takes_bearer = any(
        scheme.get("type") in {"oauth2", "openIdConnect"} or scheme.get("scheme") == "bearer"
        for scheme in schemes
    )
    # Where an API takes both, the bearer token is the one that people hold.
    if key_names and not takes_bearer:
        return {str(key_names[0]): token}
    takes_basic = any(
        # Swagger 2.0 says `type: basic`, OpenAPI 3 `type: http, scheme: basic`.
        scheme.get("type") == "basic" or scheme.get("scheme") == "basic"
        for scheme in schemes
    )
    if takes_basic and ":" in token:
        return {"Authorization": "Basic " + base64.b64encode(token.encode()).decode()}
    return {"Authorization": f"Bearer {token}"}


class UpstreamApi:
    """A client of one real API.

    `async with UpstreamApi(api, url) as live: await live.call(tool, arguments)`. Redirects are not
    followed and the address is fixed: an argument is data in a path step, a query or a body, never
    a host.
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
        """`methods` may be sent; `headers` sign in (default: `auth_headers`).

        UsageError where the base URL is not http(s).
        """
        if urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).netloc:
            raise UsageError(f"{url!r} is not an http(s) address")
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

    async def call(self, tool: Tool, arguments: Arguments) -> Result:
        """Send a call (its arguments validated already) and give the answer back.

        405 for a method that is not allowed, 502 or 504 where the API cannot be reached.
        """
        request = to_request(tool, arguments)
        if request.method not in self.methods:
            allowed = ", ".join(sorted(self.methods))
            message = f"{request.method} is not allowed on the live API (allowed: {allowed})"
            return Result(status=405, body={"message": message})
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        try:
            return await self._send(self._session, request)
        except TimeoutError:
            return Result(status=504, body={"message": "the API did not answer in time"})
        except aiohttp.ClientError as error:
            message = f"the API cannot be reached: {type(error).__name__}"
            return Result(status=502, body={"message": message})

    async def _send(self, session: aiohttp.ClientSession, request: HttpRequest) -> Result:
        # Encoded already: a second encoding would turn `%2F` into `%252F`.
        address = URL(self.url + request.path, encoded=True)
        if request.query:
            address = address.update_query(list(request.query))
        async with session.request(
            request.method,
            address,
            headers={"Accept": "application/json", **request.headers, **self._headers},
            json=request.body if request.body is not None and not request.form else None,
            data=request.body if request.form else None,
            # A redirect could lead the credentials to another host.
            allow_redirects=False,
        ) as answer:
            # One byte more than allowed is enough to know that the answer is too long.
            raw = await answer.content.read(MAX_ANSWER + 1)
            status = answer.status
            headers = {
                name: value
                for name, value in answer.headers.items()
                if name.lower() in _SHOWN_HEADERS
            }
        if len(raw) > MAX_ANSWER:
            message = f"the answer is larger than {MAX_ANSWER} bytes"
            return Result(status=502, body={"message": message})
        return Result(
            status=status, body=_json_or_text(raw.decode("utf-8", "replace")), headers=headers
        )


def _json_or_text(text: str) -> object:
    """A body as JSON, None for a blank one, or as the text that it is."""
    if not text.strip():
        return None
    try:
        body: object = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return body
