"""`inftool loop`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import AsJson, Preset, Specs, TrainFile, app, named
from inftool.cli.rendering import err, out, plain, show_json


@app.command(epilog="Example:  inftool loop specs --preset tiny-cpu")
def loop(
    specs: Specs = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model",
            "-m",
            help="A Hugging Face folder to start from; tiny-cpu has a base of its own.",
        ),
    ] = None,
    held_out: Annotated[
        list[str] | None,
        typer.Option(
            "--held-out",
            help="Specs to be examined on, none of those that are trained on; tiny-cpu chooses for itself.",
        ),
    ] = None,
    folder: Annotated[
        Path,
        typer.Option(
            "-o", "--out", help="The loop's folder; the same command goes on where it stopped."
        ),
    ] = Path("loops/first"),
    rounds: Annotated[int | None, typer.Option(min=1, help="How many rounds at most.")] = None,
    count: Annotated[
        int | None, typer.Option("-n", "--count", min=1, help="Conversations a round.")
    ] = None,
    prompts: Annotated[
        int | None,
        typer.Option(min=0, help="Blueprints that GRPO plays a round; 0 leaves GRPO out."),
    ] = None,
    exam: Annotated[
        int | None, typer.Option(min=1, help="Blueprints of the held-out specs.")
    ] = None,
    plays: Annotated[
        int | None, typer.Option(min=1, help="How often each of those is played.")
    ] = None,
    temperature: Annotated[
        float | None, typer.Option(min=0, max=2, help="Temperature of the examination.")
    ] = None,
    epsilon: Annotated[
        float | None, typer.Option(help="Stop when a round brings less than this.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", "-c", help="Only this category; may be given several times."),
    ] = None,
    target: Annotated[
        bool,
        typer.Option(
            "--target/--no-target", help="Let gaps steer what the next round synthesizes."
        ),
    ] = True,
    improve: Annotated[
        int,
        typer.Option(
            min=0, help="Conversations a round in which the last round's model plays the assistant."
        ),
    ] = 0,
    band: Annotated[
        bool,
        typer.Option(
            "--band/--no-band",
            help="Learn from what lies in the 25-75% band of the model's losses; draw the rest again.",
        ),
    ] = False,
    replay: Annotated[
        float,
        typer.Option(
            min=0,
            max=1,
            help="Earlier rounds' conversations learnt from again, as a share of the new.",
        ),
    ] = 0.0,
    slack: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Turn a round's model down when a category loses more than this."
        ),
    ] = None,
    preset: Preset = None,
    config: TrainFile = None,
    constrained: Annotated[
        bool,
        typer.Option(
            "--constrained",
            help="Only what can be read is written, in GRPO and in the examination; always disclosed.",
        ),
    ] = False,
    steps: Annotated[int | None, typer.Option(min=1, help="Steps of each training stage.")] = None,
    seed: Annotated[int, typer.Option(help="The seed.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Synthesize, train, examine, find the gaps, and go round (needs the extra: train)."""
    from inftool.training.commands import start_loop
    from inftool.training.config import load_config, load_loop_settings

    given = load_loop_settings(
        preset, rounds=rounds, count=count, prompts=prompts or None, held_out=exam, plays=plays, temperature=temperature, epsilon=epsilon, improve=improve or None
    ) | {
        "target": target, "seed": seed, "slack": slack, "grow": {"band": (0.25, 0.75) if band else None, "replay": replay},
        "sft": load_config(preset, config, stage="sft", steps=steps, seed=seed, constrained=constrained or None),
        "grpo": None if prompts == 0 else load_config(preset, config, stage="grpo", steps=steps, seed=seed, constrained=constrained or None),
    }  # fmt: skip
    done = start_loop(
        named(specs),
        held_out or (),
        model,
        folder,
        given,
        categories=category or (),
        watch=lambda line: err.print(plain(line)),
        tiny=preset == "tiny-cpu",
    )
    if as_json:
        show_json({"rounds": [item.model_dump(mode="json") for item in done]})
    else:
        for item in done:
            low, high = item.interval
            out.print(
                f"round {item.round}: {item.kept} kept, {100 * item.exact:.1f}% exact on held-out specs ({100 * low:.1f}–{100 * high:.1f})"
            )
            for sentence in item.gaps[:5]:
                out.print(f"    {plain(sentence)}")
