"""`inftool train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import AsJson, Preset, TrainFile, app
from inftool.cli.rendering import out, plain, show_json

Method = Annotated[
    str,
    typer.Argument(
        help="sft (on what runs kept), dpo (on what they rejected), or grpo (by playing blueprints"
        " of specs)."
    ),
]
Model = Annotated[str, typer.Option("--model", "-m", help="A Hugging Face folder.")]
Folder = Annotated[Path, typer.Option("-o", "--out", help="Where the trained model goes.")]
Runs = Annotated[
    list[Path] | None,
    typer.Option("--run", "-r", help="A run to learn from (sft, dpo); may be given several times."),
]
SpecsToPlay = Annotated[
    list[str] | None,
    typer.Option("--specs", "-s", help="Specs to play (grpo); may be given several times."),
]
Prompts = Annotated[int, typer.Option(min=1, help="How many blueprints grpo plays.")]
Steps = Annotated[int | None, typer.Option(min=1, help="Stop after so many steps.")]
Lora = Annotated[
    int | None, typer.Option(min=0, help="The rank of LoRA adapters; 0 trains everything.")
]
LearningRate = Annotated[float | None, typer.Option(help="The learning rate.")]
Seed = Annotated[int | None, typer.Option(help="The seed.")]
Constrained = Annotated[
    bool | None,
    typer.Option("--constrained/--free", help="Whether grpo may write only words or valid calls."),
]
Resume = Annotated[
    bool,
    typer.Option("--resume", help="Go on from the last checkpoint in -o (settings: save_steps)."),
]


@app.command(
    epilog="Example:  inftool train sft --model models/base --run runs/first -o models/sft"
    " --preset tiny-cpu"
)
def train(
    method: Method,
    model: Model,
    folder: Folder,
    run: Runs = None,
    specs: SpecsToPlay = None,
    prompts: Prompts = 64,
    preset: Preset = None,
    config: TrainFile = None,
    steps: Steps = None,
    lora: Lora = None,
    learning_rate: LearningRate = None,
    seed: Seed = None,
    constrained: Constrained = None,
    resume: Resume = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on verified conversations (needs the extra: train)."""
    from inftool.training.commands import TrainingData, start_training
    from inftool.training.config import load_config

    settings = load_config(
        preset,
        config,
        steps=steps,
        lora=lora,
        learning_rate=learning_rate,
        seed=seed,
        constrained=constrained,
    )
    done = start_training(
        method,
        model,
        folder,
        settings,
        TrainingData(runs=run or (), specs=specs or (), prompts=prompts),
        resume=resume,
    )
    if as_json:
        show_json(done)
    else:
        last = done["history"][-1] if done["history"] else {}
        figures = [f"{key} {last[key]:.4g}" for key in ("loss", "reward") if key in last]
        out.print(f"{plain(str(folder))}: {done['steps']} steps, {', '.join(figures)}")
