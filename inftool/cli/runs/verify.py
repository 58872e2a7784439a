"""`inftool verify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inftool.cli.common import DONE, FELL_SHORT, AsJson, Cards, KeyVariable, Role, app
from inftool.cli.progress import progress
from inftool.cli.rendering import err, plain, show_json, show_report

if TYPE_CHECKING:
    from inftool.cli.progress import Watch
    from inftool.verification.io.judge_files import Judged

# How many lines are judged between two looks at the progress bar.
LINES_BETWEEN_UPDATES = 50

Files = Annotated[
    list[Path],
    typer.Argument(
        help="Files of JSON lines (OpenAI, ShareGPT, Hermes, xLAM, Toucan or BFCL results), or run"
        " folders."
    ),
]
SpecsPlayed = Annotated[
    list[str] | None,
    typer.Option(
        "--specs", "-s", help="The specs they were played against; a run remembers its own."
    ),
]
Mutate = Annotated[
    bool,
    typer.Option(
        "--mutate",
        help="Measure the checkers: how many wrong plays of each blueprint they find out.",
    ),
]
Duplicates = Annotated[
    bool, typer.Option("--duplicates", help="Reject what is nearly the same as an earlier line.")
]
Against = Annotated[
    list[Path] | None,
    typer.Option(
        help="A benchmark's file: reject what is copied from it. May be given several times."
    ),
]
JudgeModel = Annotated[
    str | None,
    typer.Option(
        help="A model that judges what rules cannot see, behind an OpenAI-compatible endpoint."
    ),
]
JudgeUrl = Annotated[str | None, typer.Option(help="That endpoint's address.")]
Votes = Annotated[int, typer.Option(min=1, help="How often it is asked about each rubric.")]


@app.command(epilog="Example:  inftool verify runs/first --mutate")
def verify(
    files: Files,
    specs: SpecsPlayed = None,
    mutate: Mutate = False,
    duplicates: Duplicates = False,
    against: Against = None,
    judge_model: JudgeModel = None,
    judge_base_url: JudgeUrl = None,
    judge_key_env: KeyVariable = None,
    judge_votes: Votes = 3,
    role: Role = None,
    card: Cards = None,
    as_json: AsJson = False,
) -> None:
    """Judge anybody's trajectories again: schemas, grounding, and replay where there is a world."""
    from inftool.agents.judge import Judge
    from inftool.llm.client import EndpointClient
    from inftool.synthesis.cast_builder import judges, role_endpoint
    from inftool.verification.gates.judge import refining
    from inftool.verification.io.judge_files import judge_files

    endpoint = role_endpoint(
        "judge", role or (), model=judge_model, base_url=judge_base_url, key_env=judge_key_env
    )
    client = EndpointClient(endpoint) if endpoint is not None else None
    judge = Judge(client, votes=judge_votes, cards=judges(card or ())) if client else None
    with progress("judging") as watch, refining(judge) as refine:
        report = judge_files(
            files,
            specs or (),
            _Counter(watch).count,
            mutate=mutate,
            duplicates=duplicates,
            against=against or (),
            refine=refine,
        )
    if client is not None:
        err.print(
            plain(f"{client.endpoint.model} was asked: {client.tally.summary(client.endpoint)}")
        )
    if as_json:
        show_json(report.model_dump(mode="json"))
    else:
        show_report(report)
    # An empty file is not a success: nothing was verified.
    raise typer.Exit(FELL_SHORT if report.failed or not report.trajectories else DONE)


class _Counter:
    """Counts judged lines and shows the count now and then."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._judged = 0
        self._passed = 0

    def count(self, line: Judged) -> None:
        from inftool.synthesis.run_totals import CategoryTally

        self._judged += 1
        self._passed += bool(line.verdict and line.verdict.passed)
        if self._judged % LINES_BETWEEN_UPDATES == 0:
            self._watch(CategoryTally(wanted=0, attempted=self._judged, kept=self._passed))
