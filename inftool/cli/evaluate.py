"""`inftool eval`."""

from __future__ import annotations

from typing import Annotated

import typer

from inftool.cli.common import DONE, FELL_SHORT, AsJson, Specs, app, named
from inftool.console import out, show_json


@app.command(name="eval", epilog="Example:  inftool eval --model models/sft specs/airline.json -n 100 --plays 4")
def evaluate(
    model: Annotated[str, typer.Option("--model", "-m", help="A Hugging Face folder.")],
    specs: Specs = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many blueprints to play.")] = 100,
    plays: Annotated[int, typer.Option(min=1, help="How often each is played (the k of pass^k).")] = 1,
    temperature: Annotated[float, typer.Option(min=0, max=2, help="Sampling temperature; 0 takes the likeliest token.")] = 0.0,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="The longest message.")] = 512,
    constrained: Annotated[bool, typer.Option("--constrained", help="Let the model write only words or valid calls; the result says so.")] = False,
    category: Annotated[list[str] | None, typer.Option("--category", "-c", help="Only this category; may be given several times.")] = None,
    seed: Annotated[int, typer.Option(help="The seed of the blueprints.")] = 7,
    least: Annotated[float, typer.Option(min=0, max=1, help="Exit 1 when fewer plays than this share are exact.")] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Play blueprints of specs with a model and say how many plays are exact, by category (needs the extra: train)."""
    from inftool.training.report import evaluation_table
    from inftool.training.start import start_evaluation

    found = start_evaluation(
        model,
        named(specs),
        count=count,
        plays=plays,
        temperature=temperature,
        max_new_tokens=max_new_tokens,
        constrained=constrained,
        categories=category or (),
        seed=seed,
    )
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        out.print(evaluation_table(found))
    raise typer.Exit(FELL_SHORT if found.overall.exact < least else DONE)
