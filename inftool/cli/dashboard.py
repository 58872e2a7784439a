"""The live table of a run on a terminal."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from inftool.cli.rendering import FINISHING, percent

if TYPE_CHECKING:
    from inftool.synthesis.run_totals import CategoryTally

# Tokens a second are those of the last ten seconds: a rate since the start would hide a stall.
WINDOW = 10.0


class Dashboard:
    """Draws tallies as they come: progress, yield by category, tokens a second, cost, retries."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._samples: deque[tuple[float, int]] = deque()

    def rate(self, tally: CategoryTally) -> float:
        """Tokens a second over the last `WINDOW` seconds."""
        samples = self._samples
        samples.append((tally.seconds, tally.tokens))
        # Two samples stay, however old: a rate needs two.
        while len(samples) > 2 and samples[0][0] < tally.seconds - WINDOW:
            samples.popleft()
        (start, tokens_before), (end, tokens) = samples[0], samples[-1]
        return (tokens - tokens_before) / (end - start) if end > start else 0.0

    def draw(self, tally: CategoryTally) -> RenderableType:
        """The table for this tally."""
        rows: list[RenderableType] = [self._head(tally), self._facts(tally)]
        if tally.stopping:
            rows.append(Text.from_markup(f"[yellow]{FINISHING}[/]"))
        if tally.categories:
            rows.append(_categories(tally))
        return Group(*rows)

    def _head(self, tally: CategoryTally) -> RenderableType:
        clock = _clock(tally.seconds)
        # The pace so far is the best guess for the rest; without a total there is no rest.
        if tally.attempted and tally.wanted:
            left = (tally.wanted - tally.attempted) * tally.seconds / tally.attempted
            clock += f", about {_clock(left)} to go" if left else ""
        bar = ProgressBar(total=tally.wanted or None, completed=tally.attempted, width=30)
        head = Table.grid(padding=(0, 2))
        head.add_row(self.what, bar, f"{tally.attempted}/{tally.wanted or '?'}", clock)
        return head

    def _facts(self, tally: CategoryTally) -> RenderableType:
        facts = [f"[green]{tally.kept} kept[/] ({percent(tally.kept, tally.attempted)})"]
        if tally.in_flight:
            limit = f" (limit {tally.limit})" if tally.limit else ""
            facts.append(f"{tally.in_flight} in flight{limit}")
        if tally.limit is not None:
            breakers = [
                f"[red]{model}: breaker {state}[/]" for model, state in tally.breakers.items()
            ]
            facts += [
                f"{self.rate(tally):.0f} tokens/s, {tally.tokens} in all",
                f"cost {tally.cost:.4g}" if tally.cost else "cost 0",
                f"{tally.retries} retries",
                *(breakers or ["breakers closed"]),
            ]
        return Text.from_markup("  ".join(facts))


def _categories(tally: CategoryTally) -> RenderableType:
    table = Table(box=None, padding=(0, 2), header_style="dim")
    table.add_column("category")
    for name in ("attempted", "kept", "yield"):
        table.add_column(name, justify="right")
    for category, counts in tally.categories.items():
        attempted, kept = counts["attempted"], counts["kept"]
        table.add_row(category, str(attempted), str(kept), percent(kept, attempted, 0))
    return table


def _clock(seconds: float) -> str:
    """Seconds as people read them: 75 -> `1:15`, 3700 -> `1:01:40`."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
