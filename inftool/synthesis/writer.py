"""The one writer of a run: trajectories are on disk before they count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from inftool.core.trajectories import Trajectory
from inftool.runs.run_folder import Pile, Run
from inftool.synthesis.run_totals import RunTotals, as_done

# Lines that are synced together at most: more share a sync, and wait longer for it. Not measured.
GROUP = 64
# Seconds to wait for other plays about to end, so that one sync serves several lines: longer means
# fewer syncs and later reports. Not measured.
LINGER = 0.02

_Item = tuple[Trajectory, asyncio.Future[None]]


class TrajectoryWriter:
    """Appends trajectories to a run folder in groups, each group synced before it is counted."""

    def __init__(self, run: Run, totals: RunTotals) -> None:
        self._run = run
        self._totals = totals
        self._queue: asyncio.Queue[_Item | None] = asyncio.Queue()
        self._waiting = 0

    async def store(self, trajectory: Trajectory) -> None:
        """Hand a trajectory over and wait until the disk has it."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait((trajectory, stored))
        self._waiting += 1
        try:
            await stored
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Let `write` end once everything that was handed over is written."""
        self._queue.put_nowait(None)

    async def write(self, in_flight: Callable[[], int], report: Callable[[], None]) -> None:
        """Write until `close` is called; `report` is called after each group.

        `in_flight` says how many plays are not stored yet: while more are to come, a moment's wait
        makes one sync serve several lines.
        """
        more = True
        while more:
            group = [await self._queue.get()]
            if group[0] is not None and self._queue.empty() and self._waiting < in_flight():
                await asyncio.sleep(LINGER)
            while len(group) < GROUP and not self._queue.empty():
                group.append(self._queue.get_nowait())
            more = None not in group
            await self._append([item for item in group if item is not None])
            report()

    async def _append(self, items: list[_Item]) -> None:
        if not items:
            return
        lines = [_line(trajectory) for trajectory, _ in items]
        await asyncio.to_thread(self._run.append, lines)
        # Only now, with the lines on disk, do they count.
        for (pile, _), (trajectory, stored) in zip(lines, items, strict=True):
            self._totals.count(as_done(trajectory, pile))
            if not stored.done():
                stored.set_result(None)


def _line(trajectory: Trajectory) -> tuple[Pile, bytes]:
    passed = trajectory.verdict is not None and trajectory.verdict.passed
    return "kept" if passed else "rejected", trajectory.model_dump_json(exclude_none=False).encode()
