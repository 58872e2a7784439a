"""The line to one endpoint, shared by every conversation: requests go out over aiohttp, and nothing that can be mended by asking again comes back.

openai's own client needs two to three times the CPU of a bare request (`benchmarks/endpoint.py` measures it); this keeps its semantics (which
statuses are asked again, `retry-after-ms`, `retry-after`, `x-should-retry`, the jittered back-off) and leaves out the rest.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import ssl
import time
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from inftool.core.errors import (
    AddressError,
    CastError,
    FatalError,
    NonsenseError,
    RetryableError,
    StructuralError,
    UnfitError,
)
from inftool.llm.circuit_breaker import CircuitBreaker
from inftool.llm.config import Endpoint
from inftool.llm.error_mapping import refusal, unreached, where_to_look
from inftool.llm.rate_limiter import AdaptiveLimiter
from inftool.llm.response_cache import Replies
from inftool.llm.tracing import Tracer
from inftool.llm.usage import Tally

HOSTED = "https://api.openai.com/v1"
MOST_NONSENSE = 12
# An endpoint that refuses this many requests and has never granted one was asked for something that it cannot do.
MOST_REFUSED = 16
# An endpoint that pushes everything back for so long (seconds) will go on doing so: a quota is used up.
PUSHED_BACK = 900.0
LONGEST_BACKOFF = 8.0
MODELS_TIMEOUT = 5.0
T = TypeVar("T")
log = logging.getLogger("inftool.endpoint")


class EndpointTransport:
    """One endpoint's connections, pace, circuit breaker and key. The key is in no record, message or log.

    Errors: FatalError where no further request can succeed, StructuralError where this one cannot, RetryableError when the tries are used up.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        pacer: AdaptiveLimiter | None = None,
        replies: Replies | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._key = os.environ.get(endpoint.key_env)
        base = endpoint.base_url or os.environ.get("OPENAI_BASE_URL", "").rstrip("/") or HOSTED
        if not self._key and base == HOSTED:
            raise FatalError(
                f"no API key: {endpoint.key_env} is not set",
                hint="set it, or give --base-url of a local server",
            )
        self._base = base
        self.url = f"{base}/chat/completions"
        self.pacer = pacer or AdaptiveLimiter(64)
        self.breaker = CircuitBreaker(f"{endpoint.model} at {urlsplit(base).hostname}")
        self.retries = 0
        self.spent = Tally()
        self._replies = replies
        self._tracer = tracer
        self._session: aiohttp.ClientSession | None = None
        self._proxy = _proxy_for(self.url)
        self._good: float | None = None
        self._granted = 0
        self._refused = 0

    async def ask(self, body: bytes, read: Callable[[Any, int], T], tally: Tally) -> tuple[T, bool]:
        """The reply to a request, as `read` makes it out of the JSON (NonsenseError where it is none), and whether it was kept from an earlier run.

        `tally` gets what tries in vain cost.
        """
        key = None
        if self._replies is not None:
            key = Replies.key(self.url, body)
            if (kept := self._replies.get(key)) is not None:
                tally.cached += 1
                return read(json.loads(kept), len(body)), True
        nonsense = attempt = failed = 0
        while True:
            try:
                raw = await self._send(body, attempt)
                result = read(_json(raw), len(body))
            except NonsenseError as error:
                nonsense += 1
                self._wasted(error, tally)
                problem: RetryableError = error
                if nonsense > MOST_NONSENSE:
                    raise RetryableError(
                        f"{self.endpoint.model}: {nonsense} replies were no completion, the last: {error}"
                    ) from error
            except RetryableError as error:
                problem = error
            else:
                self._granted += 1
                if self._replies is not None and key is not None:
                    self._replies.put(key, raw)
                return result, False
            log.debug("%s: try %d: %s", self.endpoint.model, attempt + 1, problem)
            # One that is there and busy is waited for, as long as the play may last.
            failed += not problem.pushback
            if failed > self.endpoint.retries:
                raise RetryableError(
                    f"{self.endpoint.model}: gave up after {attempt + 1} tries, the last: {problem}"
                ) from problem
            await asyncio.sleep(self._pause(problem, attempt))
            attempt += 1
            self.retries += 1
            tally.retries += 1

    def _wasted(self, error: NonsenseError, tally: Tally) -> None:
        """Count a reply that is of no use; FatalError where the endpoint has given nothing else so far."""
        tally.wasted(error.spent)
        self.spent.wasted(error.spent)
        if isinstance(error, UnfitError):
            self._granted += 1
        if not self._granted:
            self._refused += 1
            if self._refused >= MOST_REFUSED:
                raise FatalError(
                    f"{self.endpoint.model}: the first {self._refused} answers were no completions: {error}",
                    hint=where_to_look(self.endpoint),
                )

    def _pause(self, problem: RetryableError, attempt: int) -> float:
        if problem.after is not None:
            return problem.after
        # What was no pushback may be asked again at once the first time.
        steps = attempt if problem.pushback else attempt - 1
        return min(LONGEST_BACKOFF, self.endpoint.backoff * 2.0**steps) * (
            1 - 0.25 * random.random()
        )

    async def _send(self, body: bytes, attempt: int) -> bytes:
        trying = await self.breaker.enter()
        known = False
        try:
            await self.pacer.enter()
            started = time.monotonic()
            try:
                raw = await self._post(body)
            except RetryableError as error:
                known = True
                self._failed(error, trying, attempt, time.monotonic() - started)
                raise
            except (StructuralError, FatalError) as error:
                known = True
                self.breaker.succeeded()
                self.pacer.answered()
                self._watch(started, attempt, str(error), 0)
                raise await self._judged(error) from error
            finally:
                self.pacer.leave()
            known = True
            self._good = time.monotonic()
            self.breaker.succeeded()
            self.pacer.answered()
            if self._tracer is not None or log.isEnabledFor(logging.DEBUG):
                self._watch(started, attempt, None, len(raw))
            return raw
        finally:
            if not known:
                self.breaker.gave_up(tried=trying)

    def _failed(self, error: RetryableError, trying: bool, attempt: int, seconds: float) -> None:
        if error.pushback:
            # It is there and says that it is busy.
            self.pacer.pushed_back(error.after)
            self.breaker.succeeded()
            self._good = self._good or time.monotonic()
            if (since := time.monotonic() - self._good) > PUSHED_BACK:
                raise FatalError(
                    f"for {since:.0f} s nothing but: {error}",
                    hint="wait until the quota is filled up again",
                ) from error
        else:
            self.pacer.answered()
            self.breaker.failed(str(error), tried=trying)
        self._watch(time.monotonic() - seconds, attempt, str(error), 0)

    async def _judged(self, error: StructuralError | FatalError) -> CastError:
        """What a refusal comes to: fatal where the endpoint has refused everything so far, passing where an address was right before."""
        if isinstance(error, AddressError):
            if self._granted:
                return RetryableError(str(error).split("\n", maxsplit=1)[0])
            if models := await self._models():
                return FatalError(
                    str(error).split("\n", maxsplit=1)[0], hint=f"it has: {', '.join(models[:20])}"
                )
        if isinstance(error, StructuralError) and not self._granted:
            self._refused += 1
            if self._refused >= MOST_REFUSED:
                return FatalError(
                    f"the first {self._refused} requests were all refused: {error}",
                    hint="is the model made for this (tools, context, settings)?",
                )
        return error

    async def _models(self) -> list[str]:
        """The models that an endpoint says it has, where it says so."""
        try:
            async with self._connected().get(
                f"{self._base}/models",
                proxy=self._proxy,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=MODELS_TIMEOUT),
            ) as response:
                rows = (
                    (await response.json(content_type=None))["data"]
                    if response.status == 200
                    else ()
                )
                return sorted(str(row["id"]) for row in rows)
        except (aiohttp.ClientError, OSError, ValueError, LookupError, TypeError):
            return []

    def _watch(self, started: float, attempt: int, problem: str | None, size: int) -> None:
        seconds = time.monotonic() - started
        log.debug(
            "%s: try %d took %.3f s: %s",
            self.endpoint.model,
            attempt + 1,
            seconds,
            problem or f"{size} bytes",
        )
        if self._tracer is not None:
            self._tracer.request(self.endpoint.model, seconds, attempt, problem)

    async def _post(self, body: bytes) -> bytes:
        try:
            async with self._connected().post(
                self.url, data=body, allow_redirects=False, proxy=self._proxy
            ) as response:
                raw = await response.read()
                if response.status == 200:
                    return raw
                raise refusal(
                    self.endpoint,
                    response.status,
                    response.headers,
                    raw[:4096].decode("utf-8", "replace"),
                    self._key,
                )
        except (aiohttp.ClientError, OSError) as error:
            raise unreached(self.endpoint, error) from error

    def _connected(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = self._open()
        return self._session

    def _open(self) -> aiohttp.ClientSession:
        headers = {
            "content-type": "application/json",
            "accept": "application/json",
            "user-agent": "inftool",
        }
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        # The deadline holds for a whole call, connecting included; how many are under way is the pacer's business.
        return aiohttp.ClientSession(
            # aiohttp's own context is made at import, and knows nothing of a SSL_CERT_FILE that was set since.
            connector=aiohttp.TCPConnector(
                limit=0,
                keepalive_timeout=60.0,
                ssl=ssl.create_default_context() if self.url[:5] == "https" else True,
            ),
            timeout=aiohttp.ClientTimeout(
                total=self.endpoint.timeout, ceil_threshold=self.endpoint.timeout + 1
            ),
            headers=headers,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _json(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode())
    except ValueError as error:
        start = raw[:60].decode("utf-8", "replace")
        raise NonsenseError(f"no JSON ({error}); it begins with {start!r}") from error


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment names for an address; asked once, since asking costs more than a request."""
    parts = urlsplit(url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return urllib.request.getproxies().get(parts.scheme)
