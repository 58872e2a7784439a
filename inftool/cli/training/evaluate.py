"""`inftool eval`."""

from __future__ import annotations

from typing import Annotated

import typer

from inftool.cli.common import DONE, FELL_SHORT, AsJson, Specs, app, named
from inftool.cli.rendering import err, out, show_json
from inftool.core.errors import UsageError


@app.command(
    name="eval",
    epilog="Example:  inftool eval --model models/sft specs/airline.json -n 100 --plays 4",
)
def evaluate(
    model: Annotated[
        str,
        typer.Option(
            "--model",
            "-m",
            help="A Hugging Face folder, an endpoint's address, or, with --base-url, a name.",
        ),
    ],
    specs: Specs = None,
    count: Annotated[
        int, typer.Option("-n", "--count", min=1, help="How many blueprints to play.")
    ] = 100,
    plays: Annotated[
        int, typer.Option(min=1, help="How often each is played (the k of pass^k).")
    ] = 1,
    temperature: Annotated[
        float, typer.Option(min=0, max=2, help="Sampling temperature; 0 takes the likeliest token.")
    ] = 0.0,
    max_new_tokens: Annotated[int, typer.Option(min=1, help="The longest message.")] = 512,
    base_url: Annotated[
        str | None, typer.Option(help="The model's endpoint, such as http://127.0.0.1:8000/v1.")
    ] = None,
    key_env: Annotated[
        str, typer.Option(help="The environment variable that holds its key.")
    ] = "OPENAI_API_KEY",
    tool_calls: Annotated[
        str, typer.Option(help="How the endpoint's model calls: native, or hermes (as text).")
    ] = "native",
    held_out: Annotated[
        bool,
        typer.Option(
            "--held-out", help="Refuse specs that the model's record says it was trained on."
        ),
    ] = False,
    constrained: Annotated[
        bool,
        typer.Option(
            "--constrained",
            help="Let the model write only words or valid calls; the result says so.",
        ),
    ] = False,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", "-c", help="Only this category; may be given several times."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The seed of the blueprints.")] = 7,
    least: Annotated[
        float, typer.Option(min=0, max=1, help="Exit 1 when fewer plays than this share are exact.")
    ] = 0.0,
    as_json: AsJson = False,
) -> None:
    """Play blueprints of specs with a model and say how many plays are exact, by category (a folder needs the extra: train; an endpoint does not)."""
    from pydantic import ValidationError

    from inftool.llm.config import Endpoint
    from inftool.training.commands import start_evaluation
    from inftool.training.loop.report import evaluation_table

    try:
        given = {"base_url": base_url, "key_env": key_env, "tool_calls": tool_calls}
        endpoint = Endpoint.model_validate({"model": model, **given}) if base_url else None
    except ValidationError as error:
        raise UsageError(f"the endpoint is wrong: {error.errors()[0]['msg']}") from error
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
        endpoint=endpoint,
        held_out=held_out,
    )
    if held_out and found.held_out is None:
        err.print(
            "nothing is on record about what this model was trained on: that these specs are held out is taken on trust"
        )
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        out.print(evaluation_table(found))
    raise typer.Exit(FELL_SHORT if found.overall.exact < least else DONE)
