"""What the command line shows: progress, closing tables, errors. Data goes to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from inftool.export.writer import Exported
    from inftool.synthesis.forecast import Forecast
    from inftool.synthesis.run_totals import CategoryTally, Summary
    from inftool.verification.io.judge_files import MutationTable, Report


out = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def plain(text: str) -> str:
    """A text in which nothing is markup."""
    from rich.markup import escape

    return escape(text)


@contextmanager
def progress(what: str) -> Iterator[Callable[[CategoryTally], None]]:
    """A live table on a terminal, a line now and then elsewhere."""
    if not err.is_terminal:
        last = [0.0]
        told = [False]

        def line(tally: CategoryTally) -> None:
            if tally.stopping and not told[0]:
                from inftool.cli.dashboard import FINISHING

                told[0] = True
                err.print(f"{what}: {FINISHING}")
            if tally.seconds - last[0] >= 10:
                last[0] = tally.seconds
                more = (
                    f", {tally.in_flight} in flight, {tally.tokens} tokens, {tally.retries} retries"
                    if tally.limit is not None
                    else ""
                )
                err.print(
                    f"{what}: {tally.attempted} of {tally.wanted or '?'}, {tally.kept} kept, {tally.seconds:.0f} s{more}"
                )

        yield line
        return
    from rich.live import Live

    from inftool.cli.dashboard import Dashboard

    board = Dashboard(what)
    with Live(console=err, transient=True, refresh_per_second=4) as live:
        yield lambda tally: live.update(board.draw(tally))


def log_to_stderr(level: str) -> None:
    """Write InfTool's own log to standard error from this level on."""
    import logging

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("inftool")
    logger.addHandler(handler)
    logger.setLevel(level.upper())


def show_json(document: Any) -> None:
    """One JSON document on standard output."""
    import json

    print(json.dumps(document, ensure_ascii=False))


def show_summary(summary: Summary) -> None:
    """The closing table of a run, and the next command to type."""
    from rich.table import Table

    share = f"{100 * summary.kept / summary.attempted:.1f}%" if summary.attempted else "-"
    cast = ", ".join(f"{role}: {who}" for role, who in summary.cast.items())
    tokens = sum(
        usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0)
        for usage in summary.usage.values()
    )
    table = Table(title=f"{summary.run}", title_justify="left", title_style="bold")
    for column in ("category", "attempted", "kept", "yield"):
        table.add_column(column, justify="left" if column == "category" else "right")
    for name, counts in summary.categories.items():
        table.add_row(
            name,
            str(counts["attempted"]),
            str(counts["kept"]),
            f"{100 * counts['kept'] / counts['attempted']:.1f}%",
        )
    table.add_section()
    table.add_row(
        "[bold]all", f"[bold]{summary.attempted}", f"[bold]{summary.kept}", f"[bold]{share}"
    )
    out.print(table)
    out.print(f"{summary.seconds:.1f} s, {tokens} tokens, cast: {cast}")
    if summary.cost and summary.cost["total"]:
        each = (
            f", {summary.cost['per_kept']:.4g} a kept trajectory"
            if summary.cost["per_kept"] is not None
            else ""
        )
        out.print(
            f"cost: {summary.cost['total']:.4g}{each} ({', '.join(f'{role} {money:.4g}' for role, money in summary.cost['roles'].items())})"
        )
    if summary.rejections:
        reasons = Table(title="rejected because", title_justify="left")
        reasons.add_column("reason")
        reasons.add_column("times", justify="right")
        for code, times in summary.rejections.items():
            reasons.add_row(code, str(times))
        out.print(reasons)
    if summary.forecast:
        show_forecast(summary.forecast)
    if summary.problem:
        out.print(f"[yellow]stopped early:[/] {plain(summary.problem)}")
    if summary.state == "complete":
        out.print(f"next:  [bold]inftool verify {summary.run}[/]")
    else:
        out.print(f"to go on:  [bold]inftool synth --resume -o {summary.run}[/]")


def show_mutation(table: MutationTable) -> None:
    """How many wrong plays of each kind the checkers find out."""
    from rich.table import Table

    shown = Table(
        title=f"checkers of {table.blueprints} blueprints: mean kill score {table.mean:.4f}, lowest {table.lowest:.4f}",
        title_justify="left",
    )
    for column in ("mutants", "made", "found out", "share"):
        shown.add_column(column, justify="left" if column == "mutants" else "right")
    for kind, made in table.made.items():
        killed = table.killed.get(kind, 0)
        shown.add_row(kind, str(made), str(killed), f"{100 * killed / made:.2f}%")
    out.print(shown)
    for name, survivor in list(table.weak.items())[:10]:
        out.print(f"[yellow]weak[/] {plain(name)}: {plain(survivor)}")


def show_forecast(forecast: Forecast) -> None:
    """What a pilot says about the whole run."""
    out.print(
        f"after {forecast.pilot} plays, all {forecast.count} are expected to come to (95% intervals):"
    )
    intervals = [(forecast.kept, "kept"), (forecast.seconds, "s"), (forecast.tokens, "tokens")]
    # Without prices nothing is known about money.
    if forecast.cost.high:
        intervals.append((forecast.cost, "cost"))
    for value, unit in intervals:
        out.print(f"  {value.expected:g} {unit} ({value.low:g} to {value.high:g})")


def show_report(report: Report) -> None:
    """What was judged, why things failed, and where the first ones are."""
    from rich.table import Table

    out.print(
        f"{report.trajectories} judged: [green]{report.passed} pass[/], [red]{report.failed} fail[/], [yellow]{report.abstained} cannot be told[/]"
    )
    if report.reasons:
        table = Table()
        table.add_column("reason")
        table.add_column("trajectories", justify="right")
        for code, times in report.reasons.items():
            table.add_row(code, str(times))
        out.print(table)
    if report.mutation is not None:
        show_mutation(report.mutation)
    for failure in report.failures[:10]:
        out.print(
            f"[red]{failure['code']}[/] {plain(failure['file'])}:{failure['line']} {failure.get('pointer', '')}\n    {plain(failure['message'])}"
        )


def show_export(done: Exported) -> None:
    """What was written where, and what was left out."""
    for file, lines in done.files.items():
        out.print(f"{plain(str(done.folder))}/{file}.jsonl: {lines} lines, read back and compared")
    for reason, times in done.left_out.items():
        out.print(f"[yellow]left out:[/] {times} times {plain(reason)}")
