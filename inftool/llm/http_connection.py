"""The HTTP connection to one endpoint: its address, key, proxy and TLS settings."""

from __future__ import annotations

import os
import ssl
import urllib.request
from urllib.parse import urlsplit

import aiohttp

from inftool.core.errors import FatalError
from inftool.llm.config import Endpoint
from inftool.llm.error_mapping import refusal, unreached

HOSTED = "https://api.openai.com/v1"
# The list of models only makes an error message better, so it is not waited for long (seconds).
_MODELS_TIMEOUT = 5.0
# Longer than most pauses between the rounds of a conversation, so that connections are reused.
_KEEPALIVE_SECONDS = 60.0
# Enough of an error's body for its message; some servers send whole pages of HTML.
_MAX_ERROR_BYTES = 4096


class HttpConnection:
    """Posts request bodies to an endpoint. The key is in no record, message or log.

    FatalError if the address is that of the hosted API and there is no key.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._key = os.environ.get(endpoint.key_env)
        base = endpoint.base_url or os.environ.get("OPENAI_BASE_URL", "").rstrip("/") or HOSTED
        if not self._key and base == HOSTED:
            raise FatalError(
                f"no API key: {endpoint.key_env} is not set",
                hint="set it, or give --base-url of a local server",
            )
        self._base = base
        self.url = f"{base}/chat/completions"
        self._proxy = _proxy_for(self.url)
        self._session: aiohttp.ClientSession | None = None

    @property
    def host(self) -> str | None:
        """The host of the address, as errors name it."""
        return urlsplit(self._base).hostname

    async def post(self, body: bytes) -> bytes:
        """The body of the answer to a request; a CastError for anything but status 200."""
        try:
            async with self._open_session().post(
                self.url, data=body, allow_redirects=False, proxy=self._proxy
            ) as response:
                raw = await response.read()
                if response.status == 200:
                    return raw
                text = raw[:_MAX_ERROR_BYTES].decode("utf-8", "replace")
                raise refusal(self._endpoint, response.status, response.headers, text, self._key)
        except (aiohttp.ClientError, OSError) as error:
            raise unreached(self._endpoint, error) from error

    async def models(self) -> list[str]:
        """The ids of the models that the endpoint lists, sorted; empty if it lists none."""
        try:
            async with self._open_session().get(
                f"{self._base}/models",
                proxy=self._proxy,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=_MODELS_TIMEOUT),
            ) as response:
                if response.status != 200:
                    return []
                # Some servers do not say that it is JSON, hence no check of the content type.
                rows = (await response.json(content_type=None))["data"]
                return sorted(str(row["id"]) for row in rows)
        except (aiohttp.ClientError, OSError, ValueError, LookupError, TypeError):
            return []

    async def close(self) -> None:
        """Close the connections; a later request opens new ones."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open_session(self) -> aiohttp.ClientSession:
        # Made at the first request, since aiohttp needs a running event loop.
        if self._session is None:
            self._session = self._new_session()
        return self._session

    def _new_session(self) -> aiohttp.ClientSession:
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": "inftool",
        }
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        connector = aiohttp.TCPConnector(
            # How many requests may be in flight is the rate limiter's decision.
            limit=0,
            keepalive_timeout=_KEEPALIVE_SECONDS,
            # aiohttp's own context is made at import, and ignores an SSL_CERT_FILE set since.
            ssl=ssl.create_default_context() if self.url[:5] == "https" else True,
        )
        # The timeout holds for a whole call, connecting included. aiohttp rounds deadlines up to
        # whole seconds where a timeout exceeds the threshold, which this one never does.
        timeout = aiohttp.ClientTimeout(
            total=self._endpoint.timeout, ceil_threshold=self._endpoint.timeout + 1
        )
        return aiohttp.ClientSession(
            connector=connector,
            timeout=timeout,
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
        )


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment names for an address.

    It is looked up once for a connection, since the lookup costs more than a request.
    """
    parts = urlsplit(url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return urllib.request.getproxies().get(parts.scheme)
