"""The command line: a function a verb, no logic. Data goes to standard output, everything else to standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from inftool import __version__
from inftool.errors import InftoolError, UsageError

if TYPE_CHECKING:
    from inftool.roleplay.simulation import Summary, Tally

app = typer.Typer(
    name="inftool",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From raw API specs to verified tool-use training data, without end and without people.\n\n"
    "Begin with:  [bold]inftool synth specs/ -n 500 -o runs/first[/]",
)
err = Console(stderr=True, highlight=False)
DONE, FELL_SHORT, WRONG_USAGE = 0, 1, 2

Specs = Annotated[list[str] | None, typer.Argument(help="Files, folders or globs of API specs (OpenAPI 3.x, Swagger 2.0; YAML or JSON).", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


def main() -> None:
    """Run the command line; every error that InfTool knows ends as one message and an exit code."""
    try:
        app()
    except UsageError as error:
        _fail(error, WRONG_USAGE)
    except InftoolError as error:
        _fail(error, FELL_SHORT)
    except BrokenPipeError:
        # The reader (`head`) has seen enough. Python would complain once more when it flushes on the way out.
        sys.stdout = None  # type: ignore[assignment]
    except KeyboardInterrupt:
        err.print("\nstopped")
        raise SystemExit(130) from None


def _fail(error: InftoolError, code: int) -> NoReturn:
    first, *rest = str(error).split("\n")
    err.print(f"[bold red]error:[/] {_plain(first)}")
    for line in rest:
        err.print(_plain(line))
    raise SystemExit(code)


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False) -> None:
    if version:
        print(f"inftool {__version__}")
        raise typer.Exit


@app.command(epilog="Example:  inftool synth specs/ -n 500 -o runs/first --seed 7")
def synth(
    specs: Specs = None,
    count: Annotated[int | None, typer.Option("-n", "--count", min=1, help="How many conversations to play.", show_default="100")] = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", help="The run folder: new or empty.", show_default="runs/seed0-001")] = None,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same lines, byte for byte.", show_default="0")] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Finish the run in -o; the specs may be left out.")] = False,
    mistakes: Annotated[float | None, typer.Option(min=0, max=1, help="Share of plays in which the scripted assistant makes a named mistake.")] = None,
    category: Annotated[list[str] | None, typer.Option("--category", "-c", help="Only this category; may be given several times.")] = None,
    model: Annotated[str | None, typer.Option(help="The assistant's model at an OpenAI-compatible endpoint; without it the scripted cast plays.")] = None,
    base_url: Annotated[str | None, typer.Option(help="That endpoint's address, such as http://127.0.0.1:8000/v1.")] = None,
    key_env: Annotated[str | None, typer.Option(help="The environment variable that holds the key.", show_default="OPENAI_API_KEY")] = None,
    user_model: Annotated[str | None, typer.Option(help="A model that plays the user; without it the scripted user speaks.")] = None,
    temperature: Annotated[float | None, typer.Option(min=0, max=2, help="Sampling temperature of the models.")] = None,
    concurrency: Annotated[int | None, typer.Option(min=1, help="Conversations in flight.", show_default="8 scripted, 32 with a model")] = None,
    as_json: AsJson = False,
) -> None:
    """Play conversations against simulated APIs, verify them, and keep those that pass every gate."""
    from inftool.roleplay.synthesize import synthesize

    given = {
        "count": count, "seed": seed, "mistakes": mistakes, "categories": tuple(category) if category else None, "model": model, "base_url": base_url,
        "key_env": key_env, "user_model": user_model, "temperature": temperature, "concurrency": concurrency,
    }  # fmt: skip
    with _progress("playing") as watch:
        summary = synthesize(specs or [], out=out, resume=resume, watch=watch, **given)
    if as_json:
        _json(summary.model_dump(mode="json"))
    else:
        _summary(summary)
    raise typer.Exit(DONE if summary.kept and summary.state == "complete" else FELL_SHORT)


@app.command(epilog="Example:  inftool verify runs/first")
def verify(
    files: Annotated[list[Path], typer.Argument(help="Files of JSON lines (messages and tools in the OpenAI chat format), or run folders.")],
    specs: Annotated[list[str] | None, typer.Option("--specs", "-s", help="The specs they were played against; a run remembers its own.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge anybody's trajectories again: schemas, grounding, and replay where there is a world."""
    from inftool.verify.files import judge_files

    with _progress("judging") as watch:
        from inftool.roleplay.simulation import Tally

        seen = kept = 0

        def count(judged: Any) -> None:
            nonlocal seen, kept
            seen += 1
            kept += bool(judged.verdict and judged.verdict.passed)
            if seen % 50 == 0:
                watch(Tally(wanted=0, attempted=seen, kept=kept))

        report = judge_files(files, specs or (), count)
    if as_json:
        _json(report.model_dump(mode="json"))
    else:
        _report(report)
    raise typer.Exit(FELL_SHORT if report.failed or not report.trajectories else DONE)


@contextmanager
def _progress(what: str) -> Iterator[Any]:
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

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TextColumn("[green]{task.fields[kept]} pass"), TimeElapsedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task(what, total=None, kept=0)
        yield lambda tally: bar.update(task, completed=tally.attempted, total=tally.wanted or None, kept=tally.kept)


def _json(document: Any) -> None:
    import json

    print(json.dumps(document, ensure_ascii=False))


def _summary(summary: Summary) -> None:
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
    out = Console(highlight=False)
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
        out.print(f"[yellow]stopped early:[/] {_plain(summary.problem)}")
    if summary.state == "complete":
        out.print(f"next:  [bold]inftool verify {summary.run}[/]")
    else:
        out.print(f"to go on:  [bold]inftool synth --resume -o {summary.run}[/]")


def _report(report: Any) -> None:
    from rich.table import Table

    out = Console(highlight=False)
    out.print(f"{report.trajectories} judged: [green]{report.passed} pass[/], [red]{report.failed} fail[/], [yellow]{report.abstained} cannot be told[/]")
    if report.reasons:
        table = Table()
        table.add_column("reason")
        table.add_column("trajectories", justify="right")
        for code, times in report.reasons.items():
            table.add_row(code, str(times))
        out.print(table)
    for failure in report.failures[:10]:
        out.print(f"[red]{failure['code']}[/] {_plain(failure['file'])}:{failure['line']} {failure.get('pointer', '')}\n    {_plain(failure['message'])}")
