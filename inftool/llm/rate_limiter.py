"""How hard an endpoint is driven: as many requests at once as it takes, and none at all while it is down."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from inftool.llm.circuit_breaker import Clock

START = 8
# An epoch is this many answers for each request that may be in flight, and no fewer than so many: enough to see whether more at once brought more.
ANSWERS = 2
FEWEST = 24
TOLERATED = 0.05
BACK_OFF = 0.8
# Some endpoints refuse a share of requests whatever the load: what they refuse of so few at once has nothing to do with how many there are.
FLOOR = 4
PATIENCE = 10
WORTH_IT = 1.1
HOLD = 20


class AdaptiveLimiter:
    """A limit on the requests in flight that climbs until the endpoint pushes back, or until more at once bring no more answers, and settles there.

    Where `fixed` is given the limit starts there and never climbs beyond it; pushback lowers it all the same, and it climbs back afterwards. Waiters
    are served in order. `room()` waits until nobody queues, so that no new conversation is begun while the old ones wait.
    """

    def __init__(self, most: int, *, fixed: bool = False, clock: Clock = time.monotonic) -> None:
        self.most = most
        self.limit = most if fixed else min(START, most)
        self.in_flight = 0
        self._fixed = fixed
        self._clock = clock
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self._resume = 0.0
        self._doubling = not fixed
        self._hold = 0
        self._best: tuple[float, int] = (0.0, self.limit)
        self._usual = 0.0
        self._begin()

    def _begin(self) -> None:
        self._answers = self._refused = 0
        self._full = False
        self._since = self._clock()

    async def enter(self) -> None:
        """Wait for a turn to send a request; every `enter` needs a `leave`."""
        if (pause := self._resume - self._clock()) > 0:
            await asyncio.sleep(pause)
        if self.in_flight < self.limit and not self._waiting:
            self.in_flight += 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        self._quiet.clear()
        self._full = True
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                # The turn came and was not taken: the next one gets it.
                self.in_flight -= 1
            self._serve()
            raise

    def leave(self) -> None:
        """The request is over."""
        self.in_flight -= 1
        self._serve()

    def _serve(self) -> None:
        while self._waiting and self.in_flight < self.limit:
            turn = self._waiting.popleft()
            if not turn.done():
                self.in_flight += 1
                turn.set_result(None)
        if not self._waiting:
            self._quiet.set()

    async def room(self) -> None:
        """Wait until nobody waits for a turn."""
        await self._quiet.wait()

    def answered(self) -> None:
        """The endpoint answered a request."""
        self._answers += 1
        self._full = self._full or self.in_flight >= self.limit
        self._count()

    def pushed_back(self, pause: float | None = None) -> None:
        """The endpoint said that this was too much, and perhaps for how long (seconds) it wants to hear nothing."""
        self._refused += 1
        if pause is not None:
            self._resume = max(self._resume, self._clock() + pause)
        self._count()

    def _count(self) -> None:
        # While it climbs fast, an epoch is short: what it finds out is only whether there is any pushback.
        if self._answers + self._refused >= max(
            ANSWERS * self.limit, 0 if self._doubling and not self._refused else FEWEST
        ):
            self._adjust()

    def _adjust(self) -> None:
        share = self._refused / (self._answers + self._refused)
        rate = self._answers / max(1e-6, self._clock() - self._since)
        if self.limit <= FLOOR:
            self._usual = (self._usual + share) / 2
        tolerated = max(TOLERATED, 2 * self._usual)
        if share > tolerated:
            self._doubling = False
            self.limit = max(min(FLOOR, self.most), int(self.limit * BACK_OFF))
            self._hold = PATIENCE if self.limit > FLOOR else 0
        elif share <= tolerated / 2 and self._full and self.limit < self.most:
            self._climb(rate)
        self._begin()
        self._serve()

    def _climb(self, rate: float) -> None:
        if self._hold > 0:
            self._hold -= 1
            return
        best, at = self._best
        if not self._fixed and self.limit > at and rate < best * WORTH_IT:
            # More at once brought no more: back to where it was as good, and ask again much later (endpoints change).
            self.limit, self._hold, self._doubling, self._best = at, HOLD, False, (0.0, at)
            return
        self._best = (rate, self.limit)
        self.limit = min(
            self.most, self.limit * 2 if self._doubling else self.limit + max(1, self.limit // 8)
        )
