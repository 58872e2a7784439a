"""`inftool eval`."""

from __future__ import annotations

from typing import Annotated

import typer

from inftool.cli.common import (
    DONE,
    FELL_SHORT,
    AsJson,
    Categories,
    Specs,
    app,
    specs_or_samples,
)
from inftool.cli.rendering import err, out, show_json
from inftool.core.errors import UsageError

Model = Annotated[
    str,
    typer.Option(
        "--model",
        "-m",
        help="A Hugging Face folder, an endpoint's address, or, with --base-url, a name.",
    ),
]
Count = Annotated[int, typer.Option("-n", "--count", min=1, help="How many blueprints to play.")]
Plays = Annotated[int, typer.Option(min=1, help="How often each is played (the k of pass^k).")]
Temperature = Annotated[
    float, typer.Option(min=0, max=2, help="Sampling temperature; 0 takes the likeliest token.")
]
MaxNewTokens = Annotated[int, typer.Option(min=1, help="The longest message.")]
BaseUrl = Annotated[
    str | None, typer.Option(help="The model's endpoint, such as http://127.0.0.1:8000/v1.")
]
KeyEnv = Annotated[str, typer.Option(help="The environment variable that holds its key.")]
ToolCalls = Annotated[
    str, typer.Option(help="How the endpoint's model calls: native, or hermes (as text).")
]
HeldOut = Annotated[
    bool,
    typer.Option("--held-out", help="Refuse specs that the model's record says it was trained on."),
]
Constrained = Annotated[
    bool,
    typer.Option(
        "--constrained", help="Let the model write only words or valid calls; the result says so."
    ),
]
Seed = Annotated[int, typer.Option(help="The seed of the blueprints.")]
Least = Annotated[
    float, typer.Option(min=0, max=1, help="Exit 1 when fewer plays than this share are exact.")
]


@app.command(
    name="eval",
    epilog="Example:  inftool eval --model models/sft specs/airline.json -n 100 --plays 4",
)
def evaluate(
    model: Model,
    specs: Specs = None,
    count: Count = 100,
    plays: Plays = 1,
    temperature: Temperature = 0.0,
    max_new_tokens: MaxNewTokens = 512,
    base_url: BaseUrl = None,
    key_env: KeyEnv = "OPENAI_API_KEY",
    tool_calls: ToolCalls = "native",
    held_out: HeldOut = False,
    constrained: Constrained = False,
    category: Categories = None,
    seed: Seed = 7,
    least: Least = 0.0,
    as_json: AsJson = False,
) -> None:
    """Play blueprints of specs with a model and say how many plays are exact, by category.

    A model folder needs the extra `train`, an endpoint does not.
    """
    from pydantic import ValidationError

    from inftool.llm.config import Endpoint
    from inftool.training.commands import EvaluationOptions, start_evaluation
    from inftool.training.loop.report import evaluation_table

    try:
        given = {"base_url": base_url, "key_env": key_env, "tool_calls": tool_calls}
        endpoint = Endpoint.model_validate({"model": model, **given}) if base_url else None
    except ValidationError as error:
        raise UsageError(f"the endpoint is wrong: {error.errors()[0]['msg']}") from error
    found = start_evaluation(
        model,
        specs_or_samples(specs),
        EvaluationOptions(
            count=count,
            plays=plays,
            temperature=temperature,
            max_new_tokens=max_new_tokens,
            constrained=constrained,
            categories=category or (),
            seed=seed,
            held_out=held_out,
        ),
        endpoint=endpoint,
    )
    # Only models that InfTool trained have a record of their specs.
    if held_out and found.held_out is None:
        err.print(
            "nothing is on record about what this model was trained on:"
            " that these specs are held out is taken on trust"
        )
    if as_json:
        show_json(found.model_dump(mode="json"))
    else:
        out.print(evaluation_table(found))
    raise typer.Exit(FELL_SHORT if found.overall.exact < least else DONE)
