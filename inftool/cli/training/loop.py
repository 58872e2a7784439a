"""`inftool loop`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from inftool.cli.common import (
    AsJson,
    Categories,
    Preset,
    Specs,
    TrainFile,
    app,
    specs_or_samples,
)
from inftool.cli.rendering import err, out, plain, show_json

if TYPE_CHECKING:
    from inftool.training.config import TrainConfig
    from inftool.training.loop.loop import LoopRound

# The middle half of the model's losses: neither known already nor out of reach (UI-Simulator-Grow,
# arXiv 2510.14969, takes the same quartiles).
BAND = (0.25, 0.75)
GAPS_SHOWN = 5

Model = Annotated[
    str | None,
    typer.Option(
        "--model", "-m", help="A Hugging Face folder to start from; tiny-cpu has a base of its own."
    ),
]
HeldOut = Annotated[
    list[str] | None,
    typer.Option(
        "--held-out",
        help="Specs to be examined on, none of those that are trained on; tiny-cpu chooses for"
        " itself.",
    ),
]
Folder = Annotated[
    Path,
    typer.Option(
        "-o", "--out", help="The loop's folder; the same command goes on where it stopped."
    ),
]
Rounds = Annotated[int | None, typer.Option(min=1, help="How many rounds at most.")]
Count = Annotated[int | None, typer.Option("-n", "--count", min=1, help="Conversations a round.")]
Prompts = Annotated[
    int | None, typer.Option(min=0, help="Blueprints that GRPO plays a round; 0 leaves GRPO out.")
]
Exam = Annotated[int | None, typer.Option(min=1, help="Blueprints of the held-out specs.")]
Plays = Annotated[int | None, typer.Option(min=1, help="How often each of those is played.")]
Temperature = Annotated[
    float | None, typer.Option(min=0, max=2, help="Temperature of the examination.")
]
Epsilon = Annotated[float | None, typer.Option(help="Stop when a round brings less than this.")]
Target = Annotated[
    bool,
    typer.Option("--target/--no-target", help="Let gaps steer what the next round synthesizes."),
]
Improve = Annotated[
    int,
    typer.Option(
        min=0, help="Conversations a round in which the last round's model plays the assistant."
    ),
]
Band = Annotated[
    bool,
    typer.Option(
        "--band/--no-band",
        help="Learn from what lies in the 25-75% band of the model's losses; draw the rest again.",
    ),
]
Replay = Annotated[
    float,
    typer.Option(
        min=0,
        max=1,
        help="Earlier rounds' conversations learned from again, as a share of the new.",
    ),
]
Slack = Annotated[
    float | None,
    typer.Option(
        min=0, max=1, help="Turn a round's model down when a category loses more than this."
    ),
]
Constrained = Annotated[
    bool,
    typer.Option(
        "--constrained",
        help="Only what can be read is written, in GRPO and in the examination; always disclosed.",
    ),
]
Steps = Annotated[int | None, typer.Option(min=1, help="Steps of each training stage.")]
Seed = Annotated[int, typer.Option(help="The seed.")]


@app.command(epilog="Example:  inftool loop specs --preset tiny-cpu")
def loop(
    specs: Specs = None,
    model: Model = None,
    held_out: HeldOut = None,
    folder: Folder = Path("loops/first"),
    rounds: Rounds = None,
    count: Count = None,
    prompts: Prompts = None,
    exam: Exam = None,
    plays: Plays = None,
    temperature: Temperature = None,
    epsilon: Epsilon = None,
    category: Categories = None,
    target: Target = True,
    improve: Improve = 0,
    band: Band = False,
    replay: Replay = 0.0,
    slack: Slack = None,
    preset: Preset = None,
    config: TrainFile = None,
    constrained: Constrained = False,
    steps: Steps = None,
    seed: Seed = 0,
    as_json: AsJson = False,
) -> None:
    """Synthesize, train, examine, find the gaps, and go round (needs the extra: train)."""
    from inftool.training.commands import LoopSpecs, start_loop

    settings = _settings(dict(locals()))
    rounds_done = start_loop(
        LoopSpecs(specs_or_samples(specs), held_out or ()),
        model,
        folder,
        settings,
        categories=category or (),
        watch=lambda line: err.print(plain(line)),
        tiny=preset == "tiny-cpu",
    )
    if as_json:
        show_json({"rounds": [item.model_dump(mode="json") for item in rounds_done]})
    else:
        _show(rounds_done)


def _settings(given: dict[str, Any]) -> dict[str, Any]:
    """The options as settings of a loop, beneath those of the preset."""
    from inftool.training.config import load_config, load_loop_settings

    stage_options = {
        "steps": given["steps"],
        "seed": given["seed"],
        "constrained": given["constrained"] or None,
    }

    def stage(name: Literal["sft", "grpo"]) -> TrainConfig:
        return load_config(given["preset"], given["config"], stage=name, **stage_options)

    settings = load_loop_settings(
        given["preset"],
        rounds=given["rounds"],
        count=given["count"],
        # 0 leaves GRPO out (below); for the loop's own setting it means the preset's number.
        prompts=given["prompts"] or None,
        held_out=given["exam"],
        plays=given["plays"],
        temperature=given["temperature"],
        epsilon=given["epsilon"],
        improve=given["improve"] or None,
    )
    return settings | {
        "target": given["target"],
        "seed": given["seed"],
        "slack": given["slack"],
        "grow": {"band": BAND if given["band"] else None, "replay": given["replay"]},
        "sft": stage("sft"),
        "grpo": None if given["prompts"] == 0 else stage("grpo"),
    }


def _show(rounds: list[LoopRound]) -> None:
    for item in rounds:
        low, high = (100 * bound for bound in item.interval)
        out.print(
            f"round {item.round}: {item.kept} kept, {100 * item.exact:.1f}% exact on held-out specs"
            f" ({low:.1f}–{high:.1f})"
        )
        for sentence in item.gaps[:GAPS_SHOWN]:
            out.print(f"    {plain(sentence)}")
