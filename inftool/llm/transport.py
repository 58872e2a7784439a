"""Requests to one endpoint, retried until they are answered; shared by all conversations.

openai's own client needs two to three times the CPU of a bare request (`benchmarks/endpoint.py`
measures it). This module keeps its semantics (which statuses are retried, `retry-after-ms`,
`retry-after`, `x-should-retry`, back-off with jitter) and leaves out the rest.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable
from typing import Any, TypeVar

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
from inftool.llm.error_mapping import where_to_look
from inftool.llm.http_connection import HttpConnection
from inftool.llm.rate_limiter import AdaptiveLimiter
from inftool.llm.response_cache import ReplyCache
from inftool.llm.tracing import Tracer
from inftool.llm.usage import Tally

# Unusable replies to one request before it is given up. Each costs tokens, so that there are fewer
# of them than of retries; a model that samples badly mostly recovers within a few.
MAX_NONSENSE = 12
# An endpoint that refuses this many requests and has never answered one was asked for something
# that it cannot do. Enough that a few odd conversations at the start do not end a run.
MAX_REFUSED = 16
# An endpoint that pushes everything back for this long (seconds) will go on: a quota is used up.
MAX_PUSHBACK_SECONDS = 900.0
# The longest pause between two tries (seconds), as in openai's client.
MAX_BACKOFF = 8.0
# The share of a pause that is drawn at random, as in openai's client, so that clients that were
# refused together do not come back together.
_JITTER = 0.25
# Models listed in the error that says that a model does not exist.
_MAX_MODELS_LISTED = 20

T = TypeVar("T")
log = logging.getLogger("inftool.endpoint")


class EndpointTransport:
    """Sends requests to one endpoint, within its rate limit and behind its circuit breaker.

    Errors: FatalError if no further request can succeed, StructuralError if this one cannot,
    RetryableError when the tries are used up.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        limiter: AdaptiveLimiter | None = None,
        replies: ReplyCache | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.endpoint = endpoint
        self._connection = HttpConnection(endpoint)
        self.limiter = limiter or AdaptiveLimiter(64)
        self.breaker = CircuitBreaker(f"{endpoint.model} at {self._connection.host}")
        self.retries = 0
        self.tally = Tally()
        self._replies = replies
        self._tracer = tracer
        # When an answer came last, or the first pushback; None before either.
        self._last_good: float | None = None
        self._answered = 0
        self._refused = 0

    @property
    def url(self) -> str:
        """Where requests are posted."""
        return self._connection.url

    async def ask(self, body: bytes, read: Callable[[Any, int], T], tally: Tally) -> tuple[T, bool]:
        """What `read` makes of the reply, and whether the reply came from the cache.

        `read` takes the decoded reply and the size of the request in bytes; it raises NonsenseError
        if the reply is unusable, and the request is then sent again. `tally` counts what failed
        tries cost.
        """
        key = None
        if self._replies is not None:
            key = ReplyCache.key(self.url, body)
            if (cached := self._replies.get(key)) is not None:
                tally.cached += 1
                return read(json.loads(cached), len(body)), True
        nonsense = attempt = failures = 0
        while True:
            try:
                raw = await self._send(body, attempt)
                result = read(_decoded(raw), len(body))
            except NonsenseError as error:
                nonsense += 1
                self._count_wasted(error, tally)
                problem: RetryableError = error
                if nonsense > MAX_NONSENSE:
                    raise RetryableError(
                        f"{self.endpoint.model}: {nonsense} replies were no completion,"
                        f" the last: {error}"
                    ) from error
            except RetryableError as error:
                problem = error
            else:
                self._answered += 1
                if self._replies is not None and key is not None:
                    self._replies.put(key, raw)
                return result, False
            log.debug("%s: try %d: %s", self.endpoint.model, attempt + 1, problem)
            # Pushback is no failure: a busy endpoint is waited for, up to the conversation's limit.
            failures += not problem.pushback
            if failures > self.endpoint.retries:
                raise RetryableError(
                    f"{self.endpoint.model}: gave up after {attempt + 1} tries, the last: {problem}"
                ) from problem
            await asyncio.sleep(self._pause(problem, attempt))
            attempt += 1
            self.retries += 1
            tally.retries += 1

    async def close(self) -> None:
        """Close the connections."""
        await self._connection.close()

    def _count_wasted(self, error: NonsenseError, tally: Tally) -> None:
        """Count an unusable reply; FatalError if the endpoint has given nothing else so far."""
        tally.add_wasted(error.spent)
        self.tally.add_wasted(error.spent)
        if isinstance(error, UnfitError):
            # A completion, if not a usable one: the endpoint itself is right.
            self._answered += 1
        if not self._answered:
            self._refused += 1
            if self._refused >= MAX_REFUSED:
                raise FatalError(
                    f"{self.endpoint.model}: the first {self._refused} answers"
                    f" were no completions: {error}",
                    hint=where_to_look(self.endpoint),
                )

    def _pause(self, problem: RetryableError, attempt: int) -> float:
        """Seconds to wait before the next try."""
        if problem.after is not None:
            return problem.after
        # Without pushback the first pause is half as long: it was mostly a broken connection.
        doublings = attempt if problem.pushback else attempt - 1
        longest = min(MAX_BACKOFF, self.endpoint.backoff * 2.0**doublings)
        return longest * (1 - _JITTER * random.random())

    async def _send(self, body: bytes, attempt: int) -> bytes:
        """The reply to one try; every outcome is reported to the breaker and to the limiter."""
        is_probe = await self.breaker.enter()
        reported = False
        try:
            await self.limiter.enter()
            started = time.monotonic()
            try:
                raw = await self._connection.post(body)
            except RetryableError as error:
                reported = True
                self._report_failure(error, is_probe, attempt, time.monotonic() - started)
                raise
            except (StructuralError, FatalError) as error:
                reported = True
                # A refusal is an answer: the endpoint is there.
                self.breaker.succeeded()
                self.limiter.answered()
                self._trace(started, attempt, str(error), 0)
                raise await self._classified(error) from error
            finally:
                self.limiter.leave()
            reported = True
            self._last_good = time.monotonic()
            self.breaker.succeeded()
            self.limiter.answered()
            if self._tracer is not None or log.isEnabledFor(logging.DEBUG):
                self._trace(started, attempt, None, len(raw))
            return raw
        finally:
            if not reported:
                self.breaker.abandoned(is_probe=is_probe)

    def _report_failure(
        self, error: RetryableError, is_probe: bool, attempt: int, seconds: float
    ) -> None:
        if error.pushback:
            self.limiter.pushed_back(error.after)
            # It is there, and says that it is busy.
            self.breaker.succeeded()
            self._last_good = self._last_good or time.monotonic()
            if (since := time.monotonic() - self._last_good) > MAX_PUSHBACK_SECONDS:
                raise FatalError(
                    f"for {since:.0f} s nothing but: {error}",
                    hint="wait until the quota is filled up again",
                ) from error
        else:
            self.limiter.answered()
            self.breaker.failed(str(error), is_probe=is_probe)
        self._trace(time.monotonic() - seconds, attempt, str(error), 0)

    async def _classified(self, error: StructuralError | FatalError) -> CastError:
        """What a refusal means, given the answers so far.

        An address that was right before is retried: the server restarts, perhaps. An endpoint that
        has refused everything so far is fatal.
        """
        if isinstance(error, AddressError):
            # Without the hint, which is on the second line.
            message = str(error).split("\n", maxsplit=1)[0]
            if self._answered:
                return RetryableError(message)
            if models := await self._connection.models():
                return FatalError(message, hint=f"it has: {', '.join(models[:_MAX_MODELS_LISTED])}")
        if isinstance(error, StructuralError) and not self._answered:
            self._refused += 1
            if self._refused >= MAX_REFUSED:
                return FatalError(
                    f"the first {self._refused} requests were all refused: {error}",
                    hint="is the model made for this (tools, context, settings)?",
                )
        return error

    def _trace(self, started: float, attempt: int, problem: str | None, size: int) -> None:
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


def _decoded(raw: bytes) -> object:
    try:
        return json.loads(raw.decode())
    except ValueError as error:
        start = raw[:60].decode("utf-8", "replace")
        raise NonsenseError(f"no JSON ({error}); it begins with {start!r}") from error
