"""The live table of a run, for a terminal: what is in flight and kept, yield by category, tokens a second, cost, retries, pace and breakers."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from inftool.synthesis.run_totals import CategoryTally


WINDOW = 10.0
FINISHING = "beginning nothing new: finishing and keeping what is in flight (Ctrl-C once more ends it at once)"


class Dashboard:
    """Draws tallies as they come; tokens a second are those of the last ten seconds."""

    def __init__(self, what: str) -> None:
        self.what = what
        self._seen: deque[tuple[float, int]] = deque()

    def rate(self, tally: CategoryTally) -> float:
        """Tokens a second of late."""
        self._seen.append((tally.seconds, tally.tokens))
        while len(self._seen) > 2 and self._seen[0][0] < tally.seconds - WINDOW:
            self._seen.popleft()
        (before, few), (now, many) = self._seen[0], self._seen[-1]
        return (many - few) / (now - before) if now > before else 0.0

    def draw(self, tally: CategoryTally) -> RenderableType:
        """The table."""
        head = Table.grid(padding=(0, 2))
        share = f"{100 * tally.kept / tally.attempted:.1f}%" if tally.attempted else "-"
        left = (
            (tally.wanted - tally.attempted) * tally.seconds / tally.attempted
            if tally.attempted and tally.wanted
            else None
        )
        clock = f"{_clock(tally.seconds)}{f', about {_clock(left)} to go' if left else ''}"
        head.add_row(
            self.what,
            ProgressBar(total=tally.wanted or None, completed=tally.attempted, width=30),
            f"{tally.attempted}/{tally.wanted or '?'}",
            clock,
        )
        facts = [f"[green]{tally.kept} kept[/] ({share})"]
        if tally.in_flight:
            facts.append(
                f"{tally.in_flight} in flight{f' (limit {tally.limit})' if tally.limit else ''}"
            )
        if tally.limit is not None:
            facts.append(f"{self.rate(tally):.0f} tokens/s, {tally.tokens} in all")
            facts.append(f"cost {tally.cost:.4g}" if tally.cost else "cost 0")
            facts.append(f"{tally.retries} retries")
            facts += [
                f"[red]{model}: breaker {state}[/]" for model, state in tally.breakers.items()
            ] or ["breakers closed"]
        rows: list[RenderableType] = [head, Text.from_markup("  ".join(facts))]
        if tally.stopping:
            rows.append(Text.from_markup(f"[yellow]{FINISHING}[/]"))
        if tally.categories:
            table = Table(box=None, padding=(0, 2), header_style="dim")
            table.add_column("category")
            for name in ("attempted", "kept", "yield"):
                table.add_column(name, justify="right")
            for category, counts in tally.categories.items():
                table.add_row(
                    category,
                    str(counts["attempted"]),
                    str(counts["kept"]),
                    f"{100 * counts['kept'] / counts['attempted']:.0f}%",
                )
            rows.append(table)
        return Group(*rows)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
