"""An adaptive limit on the requests in flight: as many as an endpoint takes, and no more."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from inftool.llm.circuit_breaker import Clock

# Requests in flight at the start: few enough for a laptop's model, and doubled soon for others.
START = 8
# The limit changes at the end of an epoch. An epoch lasts this many answers for each request that
# may be in flight, and no fewer than MIN_ANSWERS: enough to see whether a higher limit brought a
# higher rate.
ANSWERS_PER_SLOT = 2
MIN_ANSWERS = 24
# The share of refusals that lowers the limit, and what it is multiplied by then: gentler than
# the halving of TCP's congestion control, since a lower limit costs throughput.
TOLERATED_REFUSALS = 0.05
DECREASE = 0.8
# The limit is not lowered below this. Some endpoints refuse a share of requests whatever the load:
# what they refuse of so few at once does not depend on how many there are.
FLOOR = 4
# Epochs without a climb after pushback, so that the same limit is not hit again at once.
HOLD_AFTER_PUSHBACK = 10
# A higher limit is kept if the rate of answers grew by this factor; less is noise.
WORTHWHILE_GAIN = 1.1
# Epochs without a climb after a climb that brought nothing. Endpoints change, so it is tried again.
HOLD_AFTER_NO_GAIN = 20
# Once it no longer doubles, the limit climbs by an eighth.
_CLIMB_DIVISOR = 8


class AdaptiveLimiter:
    """Limits the requests in flight.

    The limit climbs, doubling at first, until the endpoint pushes back or until a higher limit
    brings no more answers. With `fixed` it starts at `most`, which it never exceeds; pushback
    lowers it all the same, and it climbs back afterwards.

    Requests are served in order. `room()` waits until none is queued, so that no new conversation
    begins while the requests of running ones wait.
    """

    def __init__(self, most: int, *, fixed: bool = False, clock: Clock = time.monotonic) -> None:
        self.most = most
        self.limit = most if fixed else min(START, most)
        self.in_flight = 0
        self._fixed = fixed
        self._clock = clock
        self._queue: deque[asyncio.Future[None]] = deque()
        self._queue_is_empty = asyncio.Event()
        self._queue_is_empty.set()
        self._resume_at = 0.0
        self._doubling = not fixed
        self._epochs_to_hold = 0
        # The best rate of answers (a second), and the limit that it was reached with.
        self._best: tuple[float, int] = (0.0, self.limit)
        # The share of requests that is refused whatever the load.
        self._usual_refusals = 0.0
        self._begin_epoch()

    def _begin_epoch(self) -> None:
        self._answers = self._refusals = 0
        self._was_full = False
        self._epoch_start = self._clock()

    async def enter(self) -> None:
        """Wait for a slot to send a request in; every `enter` needs a `leave`."""
        if (pause := self._resume_at - self._clock()) > 0:
            await asyncio.sleep(pause)
        if self.in_flight < self.limit and not self._queue:
            self.in_flight += 1
            return
        slot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(slot)
        self._queue_is_empty.clear()
        self._was_full = True
        try:
            await slot
        except asyncio.CancelledError:
            if slot.done() and not slot.cancelled():
                # The slot was given and is not used: the next in the queue gets it.
                self.in_flight -= 1
            self._serve_queue()
            raise

    def leave(self) -> None:
        """Give the slot back: the request has ended."""
        self.in_flight -= 1
        self._serve_queue()

    def _serve_queue(self) -> None:
        while self._queue and self.in_flight < self.limit:
            slot = self._queue.popleft()
            if not slot.done():
                self.in_flight += 1
                slot.set_result(None)
        if not self._queue:
            self._queue_is_empty.set()

    async def room(self) -> None:
        """Wait until no request is queued."""
        await self._queue_is_empty.wait()

    def answered(self) -> None:
        """The endpoint answered a request."""
        self._answers += 1
        self._was_full = self._was_full or self.in_flight >= self.limit
        self._end_epoch_if_due()

    def pushed_back(self, pause: float | None = None) -> None:
        """The endpoint refused a request as too much; `pause`: seconds that it asks to wait."""
        self._refusals += 1
        if pause is not None:
            self._resume_at = max(self._resume_at, self._clock() + pause)
        self._end_epoch_if_due()

    def _end_epoch_if_due(self) -> None:
        # While the limit doubles, an epoch is short: it only has to show whether there is pushback.
        fewest = 0 if self._doubling and not self._refusals else MIN_ANSWERS
        if self._answers + self._refusals >= max(ANSWERS_PER_SLOT * self.limit, fewest):
            self._adjust()

    def _adjust(self) -> None:
        """Set the limit by the outcome of an epoch, and begin the next one."""
        share = self._refusals / (self._answers + self._refusals)
        rate = self._answers / max(1e-6, self._clock() - self._epoch_start)
        if self.limit <= FLOOR:
            self._usual_refusals = (self._usual_refusals + share) / 2
        tolerated = max(TOLERATED_REFUSALS, 2 * self._usual_refusals)
        if share > tolerated:
            self._doubling = False
            self.limit = max(min(FLOOR, self.most), int(self.limit * DECREASE))
            self._epochs_to_hold = HOLD_AFTER_PUSHBACK if self.limit > FLOOR else 0
        elif share <= tolerated / 2 and self._was_full and self.limit < self.most:
            # A limit that was not reached says nothing about a higher one.
            self._climb(rate)
        self._begin_epoch()
        self._serve_queue()

    def _climb(self, rate: float) -> None:
        if self._epochs_to_hold > 0:
            self._epochs_to_hold -= 1
            return
        best_rate, best_limit = self._best
        no_gain = self.limit > best_limit and rate < best_rate * WORTHWHILE_GAIN
        if no_gain and not self._fixed:
            # Back to the limit that was as good. The best rate is forgotten: it may be old.
            self.limit, self._epochs_to_hold = best_limit, HOLD_AFTER_NO_GAIN
            self._doubling, self._best = False, (0.0, best_limit)
            return
        self._best = (rate, self.limit)
        step = self.limit if self._doubling else max(1, self.limit // _CLIMB_DIVISOR)
        self.limit = min(self.most, self.limit + step)
