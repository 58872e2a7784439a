"""An event loop whose clock does not run while this process waits for a processor.

Tests of deadlines set them short, so as to be quick. On a busy machine a process can stand still
for longer than such a deadline, and by the real clock
a call that was answered at once would be late.
"""

from __future__ import annotations

import asyncio
import selectors
import time

# The longest that a wait counts for that an event ended: the rest of it may have been spent on the
# way back to a processor.
LONGEST_WAKE = 0.01


class _CountingSelector(selectors.DefaultSelector):
    """A selector that adds up how long it was idle."""

    idle = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        began = time.monotonic()
        events = super().select(timeout)
        passed = time.monotonic() - began
        if timeout is not None:
            passed = min(passed, max(0.0, timeout))
        self.idle += min(passed, LONGEST_WAKE) if events else passed
        return events


class OwnTimeLoop(asyncio.SelectorEventLoop):
    """A loop whose `time()` is the CPU time of its thread and the time that it waited with nothing
    to do.

    A timer alone takes as long as on any other loop. It must be made in the thread that runs it.
    """

    def __init__(self) -> None:
        self._counting = _CountingSelector()
        super().__init__(self._counting)

    def time(self) -> float:
        return time.thread_time() + self._counting.idle
