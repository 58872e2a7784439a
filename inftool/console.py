"""What the command line shows: progress, closing tables, errors. Data goes to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console

if TYPE_CHECKING:
    from inftool.roleplay.simulation import Summary, Tally
    from inftool.verification.files import Report

out = Console(highlight=False, soft_wrap=False, width=None if sys.stdout.isatty() else 140)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def plain(text: str) -> str:
    """A text in which nothing is markup."""
    from rich.markup import escape

    return escape(text)


@contextmanager
def progress(what: str) -> Iterator[Callable[[Tally], None]]:
    """A progress bar on a terminal, a line now and then elsewhere."""
    if not err.is_terminal:
        last = [0.0]

        def line(tally: Tally) -> None:
            if tally.seconds - last[0] >= 10:
                last[0] = tally.seconds
                err.print(f"{what}: {tally.attempted} of {tally.wanted or '?'}, {tally.kept} kept, {tally.seconds:.0f} s")

        yield line
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    columns = (
        TextColumn(what),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("[green]{task.fields[kept]} pass"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None, kept=0)
        yield lambda tally: bar.update(task, completed=tally.attempted, total=tally.wanted or None, kept=tally.kept)


def show_json(document: Any) -> None:
    """One JSON document on standard output."""
    import json

    print(json.dumps(document, ensure_ascii=False))


def show_summary(summary: Summary) -> None:
    """The closing table of a run, and the next command to type."""
    from rich.table import Table

    share = f"{100 * summary.kept / summary.attempted:.1f}%" if summary.attempted else "-"
    cast = ", ".join(f"{role}: {who}" for role, who in summary.cast.items())
    tokens = sum(usage.get("prompt_tokens", 0) + usage.get("completion_tokens", 0) for usage in summary.usage.values())
    table = Table(title=f"{summary.run}", title_justify="left", title_style="bold")
    for column in ("category", "attempted", "kept", "yield"):
        table.add_column(column, justify="left" if column == "category" else "right")
    for name, counts in summary.categories.items():
        table.add_row(name, str(counts["attempted"]), str(counts["kept"]), f"{100 * counts['kept'] / counts['attempted']:.1f}%")
    table.add_section()
    table.add_row("[bold]all", f"[bold]{summary.attempted}", f"[bold]{summary.kept}", f"[bold]{share}")
    out.print(table)
    out.print(f"{summary.seconds:.1f} s, {tokens} tokens, cast: {cast}")
    if summary.rejections:
        reasons = Table(title="rejected because", title_justify="left")
        reasons.add_column("reason")
        reasons.add_column("times", justify="right")
        for code, times in summary.rejections.items():
            reasons.add_row(code, str(times))
        out.print(reasons)
    if summary.problem:
        out.print(f"[yellow]stopped early:[/] {plain(summary.problem)}")
    if summary.state == "complete":
        out.print(f"next:  [bold]inftool verify {summary.run}[/]")
    else:
        out.print(f"to go on:  [bold]inftool synth --resume -o {summary.run}[/]")


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
    for failure in report.failures[:10]:
        out.print(
            f"[red]{failure['code']}[/] {plain(failure['file'])}:{failure['line']} {failure.get('pointer', '')}\n    {plain(failure['message'])}"
        )
