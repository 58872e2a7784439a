"""`inftool synth`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from inftool.cli.common import DONE, FELL_SHORT, MODELS, AsJson, Cards, Role, Specs, app, named
from inftool.cli.rendering import err, log_to_stderr, plain, progress, show_json, show_summary
from inftool.core.errors import UsageError

LIMITS = "Money and limits"


@app.command(epilog="Example:  inftool synth specs/ -n 500 -o runs/first --seed 7")
def synth(
    specs: Specs = None,
    count: Annotated[
        int | None,
        typer.Option(
            "-n", "--count", min=1, help="How many conversations to play.", show_default="100"
        ),
    ] = None,
    run: Annotated[
        Path | None,
        typer.Option(
            "-o", "--out", help="The run folder: new or empty.", show_default="runs/seed0-001"
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(help="The same seed gives the same lines, byte for byte.", show_default="0"),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Finish the run in -o; the specs may be left out.")
    ] = False,
    mistakes: Annotated[
        float | None,
        typer.Option(
            min=0,
            max=1,
            help="Share of plays in which the scripted assistant makes a named mistake.",
        ),
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", "-c", help="Only this category; may be given several times."),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            help="The assistant's model at an OpenAI-compatible endpoint; without it the scripted cast plays.",
            rich_help_panel=MODELS,
        ),
    ] = None,
    base_url: Annotated[
        str | None,
        typer.Option(
            help="That endpoint's address, such as http://127.0.0.1:8000/v1.",
            rich_help_panel=MODELS,
        ),
    ] = None,
    key_env: Annotated[
        str | None,
        typer.Option(
            help="The environment variable that holds the key.",
            rich_help_panel=MODELS,
            show_default="OPENAI_API_KEY",
        ),
    ] = None,
    user_model: Annotated[
        str | None,
        typer.Option(
            help="A model that plays the user; without it the scripted user speaks.",
            rich_help_panel=MODELS,
        ),
    ] = None,
    weights: Annotated[
        Path | None,
        typer.Option(
            help="A JSON file of weights a category, API, tool, difficulty and number of distractors: where the next round is aimed."
        ),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            min=0, max=2, help="Sampling temperature of the models.", rich_help_panel=MODELS
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Conversations in flight.",
            show_default="8 scripted; as many as the endpoint takes, to 256",
        ),
    ] = None,
    user_base_url: Annotated[
        str | None,
        typer.Option(
            help="The user's endpoint.", rich_help_panel=MODELS, show_default="the assistant's"
        ),
    ] = None,
    judge_model: Annotated[
        str | None,
        typer.Option(
            help="A model that judges what rules cannot see, at the same endpoint.",
            rich_help_panel=MODELS,
        ),
    ] = None,
    role: Role = None,
    card: Cards = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            min=0,
            help="Seconds after which one request is given up.",
            rich_help_panel=MODELS,
            show_default="120",
        ),
    ] = None,
    price_in: Annotated[
        float | None,
        typer.Option(min=0, help="Money a million prompt tokens.", rich_help_panel=LIMITS),
    ] = None,
    price_out: Annotated[
        float | None,
        typer.Option(min=0, help="Money a million completion tokens.", rich_help_panel=LIMITS),
    ] = None,
    max_cost: Annotated[
        float | None,
        typer.Option(
            min=0, help="Begin nothing new once this much money is spent.", rich_help_panel=LIMITS
        ),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option(
            min=1, help="Begin nothing new once so many tokens are used.", rich_help_panel=LIMITS
        ),
    ] = None,
    max_time: Annotated[
        float | None,
        typer.Option(
            min=0, help="Begin nothing new after so many seconds.", rich_help_panel=LIMITS
        ),
    ] = None,
    pilot: Annotated[
        int | None,
        typer.Option(
            min=2,
            help="Play only so many, and foretell yield, time and cost of all; --resume plays the rest.",
            rich_help_panel=LIMITS,
        ),
    ] = None,
    verbalise: Annotated[
        bool,
        typer.Option(
            "--verbalise",
            help="The model only writes the words; calls and results are the executed plan's.",
        ),
    ] = False,
    direct: Annotated[
        bool,
        typer.Option(
            "--direct",
            help="Call the worlds without an MCP server in between; the lines are the same.",
        ),
    ] = False,
    cache: Annotated[
        bool | None,
        typer.Option(
            "--cache/--no-cache",
            help="Keep replies by the exact request.",
            rich_help_panel=LIMITS,
            show_default="on at temperature 0",
        ),
    ] = None,
    log_level: Annotated[
        str | None,
        typer.Option(
            help="Log to standard error: debug says every request (never the key), info, warning."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play conversations against simulated APIs, verify them, and keep those that pass every gate."""
    from inftool.core.settings import cards_of, roles_of
    from inftool.synthesis.synthesize import synthesize

    if log_level is not None:
        if log_level not in ("debug", "info", "warning"):
            raise UsageError("a log level is one of: debug, info, warning")
        log_to_stderr(log_level)
    given = {
        "count": count, "seed": seed, "mistakes": mistakes, "categories": tuple(category) if category else None, "model": model, "base_url": base_url,
        "weights": _weights(weights), "key_env": key_env, "user_model": user_model, "temperature": temperature, "concurrency": concurrency, "user_base_url": user_base_url,
        "judge_model": judge_model, "price_in": price_in, "price_out": price_out, "max_cost": max_cost, "max_tokens": max_tokens, "max_time": max_time,
        "pilot": pilot, "verbalise": verbalise or None, "direct": direct or None, "cache": cache, "timeout": timeout, "roles": roles_of(role) if role else None,
        "cards": cards_of(card) if card else None,
    }  # fmt: skip
    paths = list(specs or []) if resume else named(specs)
    try:
        with progress("playing") as watch:
            summary = synthesize(paths, out=run, resume=resume, watch=watch, **given)
    except KeyboardInterrupt as stopped:
        err.print(plain("\n".join(getattr(stopped, "__notes__", ["stopped"]))))
        raise typer.Exit(130) from None
    for reason in summary.skipped:
        err.print(f"[yellow]skipped:[/] {plain(reason)}")
    if as_json:
        show_json(summary.model_dump(mode="json"))
    else:
        show_summary(summary)
    raise typer.Exit(
        DONE if summary.kept and (summary.state == "complete" or summary.forecast) else FELL_SHORT
    )


def _weights(path: Path | None) -> dict[str, Any] | None:
    """The weights of a file; UsageError says what is wrong with it."""
    if path is None:
        return None
    from inftool.scenarios.sampling.coverage import read_weights

    try:
        return read_weights(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from error
