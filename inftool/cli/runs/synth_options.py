"""The options of `inftool synth`: each sets one field of `Settings`, or leaves its default."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import LIMITS, MODELS

Count = Annotated[
    int | None,
    typer.Option(
        "-n", "--count", min=1, help="How many conversations to play.", show_default="100"
    ),
]
RunFolder = Annotated[
    Path | None,
    typer.Option(
        "-o", "--out", help="The run folder: new or empty.", show_default="runs/seed0-001"
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(help="The same seed gives the same lines, byte for byte.", show_default="0"),
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Finish the run in -o; the specs may be left out.")
]
Mistakes = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        help="Share of plays in which the scripted assistant makes a named mistake.",
    ),
]
Weights = Annotated[
    Path | None,
    typer.Option(
        help="A JSON file with weights for categories, APIs, tools, difficulties and numbers of"
        " distractors."
    ),
]
Concurrency = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Conversations in flight.",
        show_default="8 scripted; as many as the endpoint takes, to 256",
    ),
]
Verbalize = Annotated[
    bool,
    typer.Option(
        "--verbalize",
        "--verbalise",
        help="The model only writes the words; calls and results are the executed plan's.",
    ),
]
Direct = Annotated[
    bool,
    typer.Option(
        "--direct",
        help="Call the worlds without an MCP server in between; the lines are the same.",
    ),
]
LogLevel = Annotated[
    str | None,
    typer.Option(
        help="Log to standard error: debug says every request (never the key), info, warning."
    ),
]

# Models

Model = Annotated[
    str | None,
    typer.Option(
        help="The assistant's model at an OpenAI-compatible endpoint; without it the scripted cast"
        " plays.",
        rich_help_panel=MODELS,
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        help="That endpoint's address, such as http://127.0.0.1:8000/v1.",
        rich_help_panel=MODELS,
    ),
]
KeyEnv = Annotated[
    str | None,
    typer.Option(
        help="The environment variable that holds the key.",
        rich_help_panel=MODELS,
        show_default="OPENAI_API_KEY",
    ),
]
UserModel = Annotated[
    str | None,
    typer.Option(
        help="A model that plays the user; without it the scripted user speaks.",
        rich_help_panel=MODELS,
    ),
]
UserBaseUrl = Annotated[
    str | None,
    typer.Option(
        help="The user's endpoint.", rich_help_panel=MODELS, show_default="the assistant's"
    ),
]
JudgeModel = Annotated[
    str | None,
    typer.Option(
        help="A model that judges what rules cannot see, at the same endpoint.",
        rich_help_panel=MODELS,
    ),
]
Temperature = Annotated[
    float | None,
    typer.Option(min=0, max=2, help="Sampling temperature of the models.", rich_help_panel=MODELS),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Seconds after which one request is given up.",
        rich_help_panel=MODELS,
        show_default="120",
    ),
]

# Money and limits

PriceIn = Annotated[
    float | None,
    typer.Option(min=0, help="Price of a million prompt tokens.", rich_help_panel=LIMITS),
]
PriceOut = Annotated[
    float | None,
    typer.Option(min=0, help="Price of a million completion tokens.", rich_help_panel=LIMITS),
]
MaxCost = Annotated[
    float | None,
    typer.Option(
        min=0, help="Start no new conversation once this much is spent.", rich_help_panel=LIMITS
    ),
]
MaxTokens = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Start no new conversation once so many tokens are used.",
        rich_help_panel=LIMITS,
    ),
]
MaxTime = Annotated[
    float | None,
    typer.Option(
        min=0, help="Start no new conversation after so many seconds.", rich_help_panel=LIMITS
    ),
]
Pilot = Annotated[
    int | None,
    typer.Option(
        min=2,
        help="Play only so many, and forecast yield, time and cost of all; --resume plays the"
        " rest.",
        rich_help_panel=LIMITS,
    ),
]
Cache = Annotated[
    bool | None,
    typer.Option(
        "--cache/--no-cache",
        help="Cache replies by the exact request.",
        rich_help_panel=LIMITS,
        show_default="on at temperature 0",
    ),
]
