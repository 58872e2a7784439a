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
import time
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp

from inftool.agents.endpoints import Endpoint
from inftool.agents.failures import refusal
from inftool.agents.pacing import Breaker, Pacer
from inftool.agents.replies import Replies
from inftool.agents.spending import Tally
from inftool.agents.tracing import Tracer
from inftool.errors import FatalError, NonsenseError, RetryableError, StructuralError

HOSTED = "https://api.openai.com/v1"
MOST_NONSENSE = 12
# An endpoint that refuses this many requests and has never granted one was asked for something that it cannot do.
MOST_REFUSED = 16
LONGEST_BACKOFF = 8.0
T = TypeVar("T")
log = logging.getLogger("inftool.endpoint")


class Link:
    """One endpoint's connections, pace, circuit breaker and key. The key is in no record, message or log.

    Errors: FatalError where no further request can succeed, StructuralError where this one cannot, RetryableError when the tries are used up.
    """

    def __init__(self, endpoint: Endpoint, *, pacer: Pacer | None = None, replies: Replies | None = None, tracer: Tracer | None = None) -> None:
        self.endpoint = endpoint
        self._key = os.environ.get(endpoint.key_env)
        base = endpoint.base_url or os.environ.get("OPENAI_BASE_URL", "").rstrip("/") or HOSTED
        if not self._key and base == HOSTED:
            raise FatalError(f"no API key: {endpoint.key_env} is not set", hint="set it, or give --base-url of a local server")
        self.url = f"{base}/chat/completions"
        self.pacer = pacer or Pacer(64)
        self.breaker = Breaker(f"{endpoint.model} at {urlsplit(base).hostname}")
        self.retries = 0
        self._replies = replies
        self._tracer = tracer
        self._session: aiohttp.ClientSession | None = None
        self._proxy = _proxy_for(self.url)
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
        nonsense = 0
        for attempt in range(self.endpoint.retries + 1):
            if attempt:
                self.retries += 1
                tally.retries += 1
            try:
                raw = await self._send(body, attempt)
                result = read(_json(raw), len(body))
            except NonsenseError as error:
                nonsense += 1
                tally.wasted(error.spent)
                problem: RetryableError = error
                if nonsense > MOST_NONSENSE:
                    raise RetryableError(f"{self.endpoint.model}: {nonsense} replies were no completion, the last: {error}") from error
            except RetryableError as error:
                problem = error
            else:
                if self._replies is not None and key is not None:
                    self._replies.put(key, raw)
                return result, False
            log.debug("%s: try %d: %s", self.endpoint.model, attempt + 1, problem)
            if attempt < self.endpoint.retries:
                await asyncio.sleep(self._pause(problem, attempt))
        raise RetryableError(f"{self.endpoint.model}: gave up after {self.endpoint.retries + 1} tries, the last: {problem}") from problem

    def _pause(self, problem: RetryableError, attempt: int) -> float:
        if problem.after is not None:
            return problem.after
        # What was no pushback may be asked again at once the first time.
        steps = attempt if problem.pushback else attempt - 1
        return min(LONGEST_BACKOFF, self.endpoint.backoff * 2.0**steps) * (1 - 0.25 * random.random())

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
                raise self._judged(error) from error
            finally:
                self.pacer.leave()
            known = True
            self._granted += 1
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
        else:
            self.pacer.answered()
            self.breaker.failed(str(error), tried=trying)
        self._watch(time.monotonic() - seconds, attempt, str(error), 0)

    def _judged(self, error: StructuralError | FatalError) -> StructuralError | FatalError:
        """A refusal; fatal where the endpoint has refused everything so far."""
        if isinstance(error, StructuralError) and not self._granted:
            self._refused += 1
            if self._refused >= MOST_REFUSED:
                return FatalError(
                    f"the first {self._refused} requests were all refused: {error}", hint="is the model made for this (tools, context, settings)?"
                )
        return error

    def _watch(self, started: float, attempt: int, problem: str | None, size: int) -> None:
        seconds = time.monotonic() - started
        log.debug("%s: try %d took %.3f s: %s", self.endpoint.model, attempt + 1, seconds, problem or f"{size} bytes")
        if self._tracer is not None:
            self._tracer.request(self.endpoint.model, seconds, attempt, problem)

    async def _post(self, body: bytes) -> bytes:
        session = self._session
        if session is None:
            session = self._session = self._open()
        try:
            async with session.post(self.url, data=body, allow_redirects=False, proxy=self._proxy) as response:
                raw = await response.read()
                if response.status == 200:
                    return raw
                raise refusal(self.endpoint, response.status, response.headers, raw[:4096].decode("utf-8", "replace"), self._key)
        except TimeoutError as error:
            raise RetryableError(f"{self.endpoint.model}: no answer within {self.endpoint.timeout:g} s") from error
        except aiohttp.InvalidURL as error:
            raise FatalError(f"{self.url} is no address") from error
        except (aiohttp.ClientError, OSError) as error:
            raise RetryableError(f"{self.endpoint.model}: no answer: {type(error).__name__}: {error}") from error

    def _open(self) -> aiohttp.ClientSession:
        headers = {"content-type": "application/json", "accept": "application/json", "user-agent": "inftool"}
        if self._key:
            headers["authorization"] = f"Bearer {self._key}"
        # The deadline holds for a whole call, connecting included; how many are under way is the pacer's business.
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=60.0),
            timeout=aiohttp.ClientTimeout(total=self.endpoint.timeout, ceil_threshold=self.endpoint.timeout + 1),
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
        raise NonsenseError(f"no JSON: {error}") from error


def _proxy_for(url: str) -> str | None:
    """The proxy that the environment names for an address; asked once, since asking costs more than a request."""
    parts = urlsplit(url)
    if not parts.hostname or urllib.request.proxy_bypass(parts.hostname):
        return None
    return urllib.request.getproxies().get(parts.scheme)
