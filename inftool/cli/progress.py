"""Progress of long work: a live table on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inftool.cli.rendering import FINISHING, err

if TYPE_CHECKING:
    from inftool.synthesis.run_totals import CategoryTally

    Watch = Callable[[CategoryTally], None]

# Seconds between two lines of progress off a terminal: after an hour the log is still readable.
LINE_EVERY = 10


@contextmanager
def progress(what: str) -> Iterator[Watch]:
    """A live table on a terminal, a line now and then elsewhere."""
    # A live table in a log file would be a page for every update.
    if not err.is_terminal:
        yield ProgressLines(what).show
        return
    from rich.live import Live

    from inftool.cli.dashboard import Dashboard

    board = Dashboard(what)
    with Live(console=err, transient=True, refresh_per_second=4) as live:
        yield lambda tally: live.update(board.draw(tally))


class ProgressLines:
    """Progress as lines of text, at most one in `LINE_EVERY` seconds."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._last = 0.0
        self._said_stopping = False

    def show(self, tally: CategoryTally) -> None:
        """Print a line if it is time for one."""
        if tally.stopping and not self._said_stopping:
            self._said_stopping = True
            err.print(f"{self._what}: {FINISHING}")
        if tally.seconds - self._last < LINE_EVERY:
            return
        self._last = tally.seconds
        line = (
            f"{self._what}: {tally.attempted} of {tally.wanted or '?'}, {tally.kept} kept,"
            f" {tally.seconds:.0f} s"
        )
        # Only with models there is a limit of conversations in flight, and tokens to count.
        if tally.limit is not None:
            line += f", {tally.in_flight} in flight, {tally.tokens} tokens, {tally.retries} retries"
        err.print(line)
