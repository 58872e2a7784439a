"""What the command line shows: logs and closing tables.

Data goes to standard output, everything else to standard error. Rich's tables are imported where
one is drawn, so that `--help` does without them.
"""

from __future__ import annotations

import json
import logging
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from inftool.export.writer import Exported
    from inftool.synthesis.forecast import Forecast
    from inftool.synthesis.run_totals import Summary
    from inftool.verification.io.judge_files import MutationTable, Report

# Off a terminal nothing is known about the reader: wide enough for the tables, an arbitrary limit.
PIPED_WIDTH = 140
FAILURES_SHOWN = 10
FINISHING = (
    "beginning nothing new: finishing and keeping what is in flight"
    " (Ctrl-C once more ends it at once)"
)

out = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def plain(text: str) -> str:
    """A text in which nothing is markup: `[red]` in a spec's title is shown, not obeyed."""
    return escape(text)


def percent(part: int, whole: int, digits: int = 1) -> str:
    """A share in percent: `percent(1, 3)` is `33.3%`; `-` of nothing."""
    return f"{100 * part / whole:.{digits}f}%" if whole else "-"


def log_to_stderr(level: str) -> None:
    """Write InfTool's own log to standard error from this level on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("inftool")
    logger.addHandler(handler)
    logger.setLevel(level.upper())


def show_json(document: object) -> None:
    """One JSON document on standard output."""
    print(json.dumps(document, ensure_ascii=False))


def show_summary(summary: Summary) -> None:
    """The closing tables of a run, and the next command to type."""
    _show_categories(summary)
    cast = ", ".join(f"{role}: {who}" for role, who in summary.cast.items())
    out.print(f"{summary.seconds:.1f} s, {_tokens(summary)} tokens, cast: {cast}")
    _show_cost(summary)
    _show_counts("rejected because", "times", summary.rejections)
    if summary.forecast:
        show_forecast(summary.forecast)
    if summary.problem:
        out.print(f"[yellow]stopped early:[/] {plain(summary.problem)}")
    if summary.state == "complete":
        out.print(f"next:  [bold]inftool verify {summary.run}[/]")
    else:
        out.print(f"to go on:  [bold]inftool synth --resume -o {summary.run}[/]")


def _tokens(summary: Summary) -> int:
    return sum(
        usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
        for usage in summary.usage.values()
    )


def _show_categories(summary: Summary) -> None:
    from rich.table import Table

    table = Table(title=f"{summary.run}", title_justify="left", title_style="bold")
    for column in ("category", "attempted", "kept", "yield"):
        table.add_column(column, justify="left" if column == "category" else "right")
    for name, counts in summary.categories.items():
        attempted, kept = counts["attempted"], counts["kept"]
        table.add_row(name, str(attempted), str(kept), percent(kept, attempted))
    table.add_section()
    total = ("all", summary.attempted, summary.kept, percent(summary.kept, summary.attempted))
    table.add_row(*(f"[bold]{cell}" for cell in total))
    out.print(table)


def _show_cost(summary: Summary) -> None:
    cost = summary.cost
    if not cost or not cost["total"]:
        return
    each = "" if cost["per_kept"] is None else f", {cost['per_kept']:.4g} a kept trajectory"
    roles = ", ".join(f"{role} {money:.4g}" for role, money in cost["roles"].items())
    out.print(f"cost: {cost['total']:.4g}{each} ({roles})")


def _show_counts(title: str, unit: str, counts: dict[str, int]) -> None:
    """A table of reason codes and how often each was given; nothing if there is none."""
    from rich.table import Table

    if not counts:
        return
    table = Table(title=title, title_justify="left")
    table.add_column("reason")
    table.add_column(unit, justify="right")
    for code, times in counts.items():
        table.add_row(code, str(times))
    out.print(table)


def show_forecast(forecast: Forecast) -> None:
    """What a pilot says about the whole run."""
    out.print(
        f"after {forecast.pilot} plays, all {forecast.count} are expected to come to"
        " (95% intervals):"
    )
    intervals = [(forecast.kept, "kept"), (forecast.seconds, "s"), (forecast.tokens, "tokens")]
    # Without prices nothing is known about money.
    if forecast.cost.high:
        intervals.append((forecast.cost, "cost"))
    for value, unit in intervals:
        out.print(f"  {value.expected:g} {unit} ({value.low:g} to {value.high:g})")


def show_report(report: Report) -> None:
    """What was judged, why things failed, and where the first ones are."""
    out.print(
        f"{report.trajectories} judged: [green]{report.passed} pass[/],"
        f" [red]{report.failed} fail[/], [yellow]{report.abstained} cannot be told[/]"
    )
    _show_counts("", "trajectories", report.reasons)
    if report.mutation is not None:
        _show_mutation(report.mutation)
    for failure in report.failures[:FAILURES_SHOWN]:
        place = f"{plain(failure['file'])}:{failure['line']} {failure.get('pointer', '')}"
        out.print(f"[red]{failure['code']}[/] {place}\n    {plain(failure['message'])}")


def _show_mutation(table: MutationTable) -> None:
    """How many wrong plays of each kind the checkers find out."""
    from rich.table import Table

    shown = Table(
        title=f"checkers of {table.blueprints} blueprints: mean kill score {table.mean:.4f},"
        f" lowest {table.lowest:.4f}",
        title_justify="left",
    )
    for column in ("mutants", "made", "found out", "share"):
        shown.add_column(column, justify="left" if column == "mutants" else "right")
    for kind, made in table.made.items():
        killed = table.killed.get(kind, 0)
        shown.add_row(kind, str(made), str(killed), percent(killed, made, 2))
    out.print(shown)
    for name, survivor in list(table.weak.items())[:FAILURES_SHOWN]:
        out.print(f"[yellow]weak[/] {plain(name)}: {plain(survivor)}")


def show_export(done: Exported) -> None:
    """What was written where, and what was left out."""
    for file, lines in done.files.items():
        out.print(f"{plain(str(done.folder))}/{file}.jsonl: {lines} lines, read back and compared")
    for reason, times in done.left_out.items():
        out.print(f"[yellow]left out:[/] {times} times {plain(reason)}")
