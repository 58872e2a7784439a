"""Circuit breaker: stops calling an endpoint that keeps failing, and probes it after a pause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Literal

from inftool.core.errors import FatalError

Clock = Callable[[], float]
"""Seconds from any fixed moment, such as `time.monotonic`."""

# The first pause (seconds): long enough for a connection to come back, short enough that a single
# lost second is not noticed. Read at construction, so that tests can shorten it.
FIRST_PAUSE = 1.0
# Failed probes of an endpoint that has never answered before it is given up: a wrong address should
# end a run within seconds, a server that restarts should not.
_PROBES_BEFORE_FIRST_ANSWER = 3
# The shortest wait for a change (seconds): without it, a probe in flight would make the others
# spin.
_SHORTEST_WAIT = 0.05


class CircuitBreaker:
    """Opens after failures in a row; after a pause one request at a time probes the endpoint.

    `failures` in a row open it. Pauses double from `pause` (FIRST_PAUSE if None) up to `longest`
    seconds. `enter` raises FatalError once `patience` probes in a row have failed; with the
    defaults that is after about three minutes.
    """

    def __init__(
        self,
        name: str,
        *,
        failures: int = 10,
        pause: float | None = None,
        longest: float = 60.0,
        patience: int = 8,
        clock: Clock = time.monotonic,
    ) -> None:
        self.name = name
        self.trips = 0
        self._clock = clock
        self._failures = failures
        self._first_pause = self._pause = FIRST_PAUSE if pause is None else pause
        self._longest = longest
        self._patience = patience
        self._failures_in_a_row = self._failed_probes = 0
        self._has_answered = self._open = False
        self._next_probe = self._opened_at = 0.0
        self._probing = False
        self._changed = asyncio.Event()
        self._problem = ""

    @property
    def state(self) -> Literal["closed", "open", "trying"]:
        """`closed`: requests go out; `open`: none do; `trying`: one is out as a probe."""
        if self._probing:
            return "trying"
        return "open" if self._open else "closed"

    async def enter(self) -> bool:
        """Wait until a request may be sent; whether it is a probe.

        FatalError when too many probes in a row have failed.
        """
        while self._open:
            if self._failed_probes >= self._allowed_probes():
                seconds = self._clock() - self._opened_at
                raise FatalError(
                    f"{self.name} has not answered for {seconds:.0f} s: {self._problem}",
                    hint="see whether it is running and reachable",
                )
            wait = self._next_probe - self._clock()
            if wait <= 0 and not self._probing:
                self._probing = True
                return True
            try:
                await asyncio.wait_for(self._changed.wait(), max(wait, _SHORTEST_WAIT))
            except TimeoutError:
                continue
        return False

    def _allowed_probes(self) -> int:
        if self._has_answered:
            return self._patience
        return min(_PROBES_BEFORE_FIRST_ANSWER, self._patience)

    def succeeded(self) -> None:
        """An answer came."""
        self._failures_in_a_row = self._failed_probes = 0
        self._has_answered = True
        if self._open:
            self._open = self._probing = False
            self._pause = self._first_pause
            self._signal()

    def failed(self, problem: str, *, is_probe: bool) -> None:
        """No answer came; `problem` stands in the error if the endpoint is given up."""
        self._failures_in_a_row += 1
        self._problem = problem
        moment = self._clock()
        if is_probe:
            self._probing = False
            self._failed_probes += 1
            self._pause = min(self._longest, self._pause * 2)
            self._next_probe = moment + self._pause
            self._signal()
        elif not self._open and self._failures_in_a_row >= self._failures:
            self._open = True
            self.trips += 1
            self._opened_at, self._next_probe = moment, moment + self._pause
            self._signal()

    def abandoned(self, *, is_probe: bool) -> None:
        """A request was canceled before its outcome was known."""
        if is_probe:
            self._probing = False
            self._signal()

    def _signal(self) -> None:
        # A new event, so that only those who wait at this moment are woken.
        self._changed.set()
        self._changed = asyncio.Event()
