"""`inftool synth`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from inftool.cli.common import (
    DONE,
    FELL_SHORT,
    INTERRUPTED,
    AsJson,
    Cards,
    Categories,
    Role,
    Specs,
    app,
    specs_or_samples,
)
from inftool.cli.progress import progress
from inftool.cli.rendering import err, log_to_stderr, plain, show_json, show_summary
from inftool.cli.runs import synth_options as option
from inftool.core.errors import UsageError

LOG_LEVELS = ("debug", "info", "warning")


@app.command(epilog="Example:  inftool synth specs/ -n 500 -o runs/first --seed 7")
def synth(
    specs: Specs = None,
    count: option.Count = None,
    run: option.RunFolder = None,
    seed: option.Seed = None,
    resume: option.Resume = False,
    mistakes: option.Mistakes = None,
    category: Categories = None,
    model: option.Model = None,
    base_url: option.BaseUrl = None,
    key_env: option.KeyEnv = None,
    user_model: option.UserModel = None,
    weights: option.Weights = None,
    temperature: option.Temperature = None,
    concurrency: option.Concurrency = None,
    user_base_url: option.UserBaseUrl = None,
    judge_model: option.JudgeModel = None,
    role: Role = None,
    card: Cards = None,
    timeout: option.Timeout = None,
    price_in: option.PriceIn = None,
    price_out: option.PriceOut = None,
    max_cost: option.MaxCost = None,
    max_tokens: option.MaxTokens = None,
    max_time: option.MaxTime = None,
    pilot: option.Pilot = None,
    verbalise: option.Verbalize = False,
    direct: option.Direct = False,
    cache: option.Cache = None,
    log_level: option.LogLevel = None,
    as_json: AsJson = False,
) -> None:
    """Play conversations against simulated APIs, verify them, keep those that pass every gate."""
    # Taken before anything else is assigned: exactly the options, by name.
    given = dict(locals())
    if log_level is not None:
        if log_level not in LOG_LEVELS:
            raise UsageError("a log level is one of: debug, info, warning")
        log_to_stderr(log_level)
    # A resumed run remembers its specs.
    paths = list(specs or []) if resume else specs_or_samples(specs)
    _run(paths, run, resume, _settings(given), as_json)


def _run(
    paths: list[str], folder: Path | None, resume: bool, settings: dict[str, Any], as_json: bool
) -> None:
    from inftool.synthesis.synthesize import synthesize

    try:
        with progress("playing") as watch:
            summary = synthesize(paths, out=folder, resume=resume, watch=watch, **settings)
    except KeyboardInterrupt as stopped:
        # The run says in a note what was kept and how to resume.
        err.print(plain("\n".join(getattr(stopped, "__notes__", ["stopped"]))))
        raise typer.Exit(INTERRUPTED) from None
    for reason in summary.skipped:
        err.print(f"[yellow]skipped:[/] {plain(reason)}")
    if as_json:
        show_json(summary.model_dump(mode="json"))
    else:
        show_summary(summary)
    # A pilot has done what it was asked for once it has a forecast.
    finished = summary.state == "complete" or summary.forecast
    raise typer.Exit(DONE if summary.kept and finished else FELL_SHORT)


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, under the names of the fields of `Settings`."""
    from inftool.core.settings import Settings
    from inftool.synthesis.role_flags import parse_card_flags, parse_role_flags

    fields = {
        **given,
        "categories": tuple(given["category"]) if given["category"] else None,
        "weights": _weights(given["weights"]),
        "roles": parse_role_flags(given["role"]) if given["role"] else None,
        "cards": parse_card_flags(given["card"]) if given["card"] else None,
        # A flag that is absent leaves the settings file its say.
        "verbalise": given["verbalise"] or None,
        "direct": given["direct"] or None,
    }
    return {name: fields[name] for name in Settings.model_fields if name in fields}


def _weights(path: Path | None) -> dict[str, Any] | None:
    """The weights in a file; UsageError says what is wrong with it."""
    if path is None:
        return None
    from inftool.scenarios.sampling.weights import read_weights

    try:
        return read_weights(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: {error}") from error
