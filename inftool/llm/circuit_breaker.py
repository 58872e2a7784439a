"""Circuit breaker: stops calling a model endpoint that keeps failing, and tries it again after a pause."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from inftool.core.errors import FatalError

Clock = Callable[[], float]


FIRST_PAUSE = 1.0


class CircuitBreaker:
    """Stops asking a model that fails again and again; after a pause one request at a time tries whether it is back.

    `failures` in a row open it, pauses double from `pause` (FIRST_PAUSE) up to `longest` seconds. FatalError when `patience` tries in a row have failed.
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
        self._in_a_row = self._failed_tries = 0
        self._ever = self._open = False
        self._until = self._opened = 0.0
        self._trying = False
        self._changed = asyncio.Event()
        self._problem = ""

    @property
    def state(self) -> str:
        """`closed`, `open`, or `trying`."""
        return "trying" if self._trying else "open" if self._open else "closed"

    async def enter(self) -> bool:
        """Wait until a request may be sent; whether it is one that tries the endpoint. FatalError once there is no hope."""
        while self._open:
            if self._failed_tries >= (self._patience if self._ever else min(3, self._patience)):
                raise FatalError(
                    f"{self.name} has not answered for {self._clock() - self._opened:.0f} s: {self._problem}",
                    hint="see whether it is running and reachable",
                )
            wait = self._until - self._clock()
            if wait <= 0 and not self._trying:
                self._trying = True
                return True
            try:
                await asyncio.wait_for(self._changed.wait(), max(wait, 0.05))
            except TimeoutError:
                continue
        return False

    def succeeded(self) -> None:
        """An answer came."""
        self._in_a_row = self._failed_tries = 0
        self._ever = True
        if self._open:
            self._open = self._trying = False
            self._pause = self._first_pause
            self._signal()

    def failed(self, problem: str, *, tried: bool) -> None:
        """No answer came."""
        self._in_a_row += 1
        self._problem = problem
        now = self._clock()
        if tried:
            self._trying = False
            self._failed_tries += 1
            self._pause = min(self._longest, self._pause * 2)
            self._until = now + self._pause
            self._signal()
        elif not self._open and self._in_a_row >= self._failures:
            self._open = True
            self.trips += 1
            self._opened, self._until = now, now + self._pause
            self._signal()

    def gave_up(self, *, tried: bool) -> None:
        """The request was called off before anything was known."""
        if tried:
            self._trying = False
            self._signal()

    def _signal(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()
