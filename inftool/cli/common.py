"""What every verb shares: the application, exit codes, and options with one meaning everywhere."""

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
    help="From raw API specs to verified tool-use training data, without annotators."
    "\n\n"
    "Start with:  [bold]inftool synth specs/ -n 500 -o runs/first[/]",
)

# Exit codes: the work is done, the work fell short (nothing kept, a spec unusable, a gate not met),
# the command line or a setting is wrong.
DONE, FELL_SHORT, WRONG_USAGE = 0, 1, 2
# What a shell expects of a process that Ctrl-C ended: 128 + SIGINT.
INTERRUPTED = 130

# Panels of `--help`, so that thirty options do not stand in one list.
MODELS = "Models"
LIMITS = "Money and limits"

Specs = Annotated[
    list[str] | None,
    typer.Argument(
        help="Files, folders or globs of API specs (OpenAPI 3.x, Swagger 2.0; YAML or JSON).",
        show_default="the eight sample APIs",
    ),
]
SpecsOfRun = Annotated[
    list[str] | None,
    typer.Option("--specs", "-s", help="The specs of the run; a run remembers its own."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
Categories = Annotated[
    list[str] | None,
    typer.Option("--category", "-c", help="Only this category; may be given several times."),
]
KeyVariable = Annotated[
    str | None,
    typer.Option(
        help="The environment variable that holds the key.", show_default="OPENAI_API_KEY"
    ),
]
Role = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ROLE.SETTING=VALUE",
        help="A setting of one role's model, such as judge.base_url=…; several times."
        " docs/models.md lists all.",
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


def specs_or_samples(specs: list[str] | None) -> list[str]:
    """The specs that were given, else the samples that ship (a note goes to standard error)."""
    if specs:
        return specs
    err.print("no specs were named: taking the eight sample APIs that ship with InfTool")
    return [str(data_folder("specs"))]
