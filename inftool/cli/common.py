"""What every verb shares: the application, exit codes, and the options that mean the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.rendering import err
from inftool.core.package_data import data_folder

app = typer.Typer(
    name="inftool",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="From raw API specs to verified tool-use training data, without end and without people.\n\n"
    "Begin with:  [bold]inftool synth specs/ -n 500 -o runs/first[/]",
)
DONE, FELL_SHORT, WRONG_USAGE = 0, 1, 2

Specs = Annotated[
    list[str] | None,
    typer.Argument(
        help="Files, folders or globs of API specs (OpenAPI 3.x, Swagger 2.0; YAML or JSON).",
        show_default="the eight sample APIs",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
MODELS = "Models"
Role = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ROLE.SETTING=VALUE",
        help="A setting of one role's model, such as judge.base_url=…; several times. docs/models.md lists all.",
        rich_help_panel=MODELS,
    ),
]
Cards = Annotated[
    list[str] | None,
    typer.Option(
        "--card",
        metavar="CARD=FILE",
        help="A role card of your own, such as assistant=mine.md; several times.",
        rich_help_panel=MODELS,
    ),
]
Preset = Annotated[
    str | None, typer.Option(help="Settings to start from: tiny-cpu, 7b-lora-1gpu, 32b-8gpu.")
]
TrainFile = Annotated[
    Path | None, typer.Option("--config", help="A TOML file of training settings.")
]


def named(specs: list[str] | None) -> list[str]:
    """The specs that were named, or the samples that ship with InfTool."""
    if specs:
        return specs
    samples = data_folder("specs")
    err.print("no specs were named: taking the eight sample APIs that ship with InfTool")
    return [str(samples)]
