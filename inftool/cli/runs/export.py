"""`inftool export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import AsJson, app
from inftool.cli.rendering import show_export, show_json


@app.command(epilog="Example:  inftool export runs/first --format trl-sft -o data/sft")
def export(
    run: Annotated[Path, typer.Argument(help="A run folder.")],
    folder: Annotated[
        Path, typer.Option("-o", "--out", help="Where to write: a new or empty folder.")
    ],
    format: Annotated[
        str,
        typer.Option("--format", "-f", help="The format to write; an unknown name lists all."),
    ] = "openai",
    as_json: AsJson = False,
) -> None:
    """Write what a run kept in a training format, and prove it by reading every line back."""
    from inftool.export import export_run

    done = export_run(run, format, folder)
    if as_json:
        show_json(done.model_dump(mode="json"))
    else:
        show_export(done)
