"""`inftool play`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import DONE, FELL_SHORT, AsJson, app
from inftool.cli.rendering import err, out, plain, show_json


@app.command(epilog="Example:  inftool play my.yaml --specs specs/bookshop.yaml")
def play(
    blueprint: Annotated[Path, typer.Argument(help="A blueprint written by hand, as YAML.")],
    specs: Annotated[
        list[str] | None,
        typer.Option("--specs", "-s", help="The specs it is for; a file may name its own."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play one blueprint of your own with the scripted cast, and judge it."""
    from inftool.agents.scripted.assistant_lines import transcript
    from inftool.synthesis.single_play import play_file

    trajectory = play_file(blueprint, specs or ())
    verdict = trajectory.verdict
    if as_json:
        show_json(trajectory.model_dump(mode="json"))
    else:
        out.print(plain(transcript(trajectory.messages)))
        err.print(f"verdict: {verdict.status if verdict else 'none'}")
        for finding in verdict.findings if verdict else ():
            err.print(plain(f"  {finding.code}: {finding.message}"))
    raise typer.Exit(DONE if verdict and verdict.passed else FELL_SHORT)
