"""`inftool verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from inftool.cli.common import DONE, FELL_SHORT, AsJson, Cards, Role, app
from inftool.cli.rendering import err, plain, progress, show_json, show_report


@app.command(epilog="Example:  inftool verify runs/first --mutate")
def verify(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Files of JSON lines (OpenAI, ShareGPT, Hermes, xLAM, Toucan or BFCL results), or run folders."
        ),
    ],
    specs: Annotated[
        list[str] | None,
        typer.Option(
            "--specs", "-s", help="The specs they were played against; a run remembers its own."
        ),
    ] = None,
    mutate: Annotated[
        bool,
        typer.Option(
            "--mutate",
            help="Measure the checkers: how many wrong plays of each blueprint they find out.",
        ),
    ] = False,
    duplicates: Annotated[
        bool,
        typer.Option("--duplicates", help="Reject what is nearly the same as an earlier line."),
    ] = False,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            help="A benchmark's file: reject what is copied from it. May be given several times."
        ),
    ] = None,
    judge_model: Annotated[
        str | None,
        typer.Option(
            help="A model that judges what rules cannot see, behind an OpenAI-compatible endpoint."
        ),
    ] = None,
    judge_base_url: Annotated[str | None, typer.Option(help="That endpoint's address.")] = None,
    judge_key_env: Annotated[
        str | None,
        typer.Option(
            help="The environment variable that holds its key.", show_default="OPENAI_API_KEY"
        ),
    ] = None,
    judge_votes: Annotated[
        int, typer.Option(min=1, help="How often it is asked about each rubric.")
    ] = 3,
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
    with (
        progress("judging") as watch,
        refining(
            Judge(client, votes=judge_votes, cards=judges(card or ()))
            if client is not None
            else None
        ) as refine,
    ):
        from inftool.synthesis.run_totals import CategoryTally

        seen = kept = 0

        def count(judged: Any) -> None:
            nonlocal seen, kept
            seen += 1
            kept += bool(judged.verdict and judged.verdict.passed)
            if seen % 50 == 0:
                watch(CategoryTally(wanted=0, attempted=seen, kept=kept))

        report = judge_files(
            files,
            specs or (),
            count,
            mutate=mutate,
            duplicates=duplicates,
            against=against or (),
            refine=refine,
        )
    if client is not None:
        err.print(plain(f"{client.endpoint.model} was asked: {client.tally.told(client.endpoint)}"))
    if as_json:
        show_json(report.model_dump(mode="json"))
    else:
        show_report(report)
    raise typer.Exit(FELL_SHORT if report.failed or not report.trajectories else DONE)
