"""`inftool train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import AsJson, Preset, TrainFile, app
from inftool.cli.rendering import out, plain, show_json


@app.command(
    epilog="Example:  inftool train sft --model models/base --run runs/first -o models/sft --preset tiny-cpu"
)
def train(
    method: Annotated[
        str,
        typer.Argument(
            help="sft (on what runs kept), dpo (on what they rejected), or grpo (by playing blueprints of specs)."
        ),
    ],
    model: Annotated[str, typer.Option("--model", "-m", help="A Hugging Face folder.")],
    folder: Annotated[Path, typer.Option("-o", "--out", help="Where the trained model goes.")],
    run: Annotated[
        list[Path] | None,
        typer.Option(
            "--run", "-r", help="A run to learn from (sft, dpo); may be given several times."
        ),
    ] = None,
    specs: Annotated[
        list[str] | None,
        typer.Option("--specs", "-s", help="Specs to play (grpo); may be given several times."),
    ] = None,
    prompts: Annotated[int, typer.Option(min=1, help="How many blueprints grpo plays.")] = 64,
    preset: Preset = None,
    config: TrainFile = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Stop after so many steps.")] = None,
    lora: Annotated[
        int | None, typer.Option(min=0, help="The rank of LoRA adapters; 0 trains everything.")
    ] = None,
    learning_rate: Annotated[float | None, typer.Option(help="The learning rate.")] = None,
    seed: Annotated[int | None, typer.Option(help="The seed.")] = None,
    constrained: Annotated[
        bool | None,
        typer.Option(
            "--constrained/--free", help="Whether grpo may write only words or valid calls."
        ),
    ] = None,
    resume: Annotated[
        bool,
        typer.Option(
            "--resume", help="Go on from the last checkpoint in -o (settings: save_steps)."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Train a model on verified conversations (needs the extra: train)."""
    from inftool.training.commands import start_training
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
        runs=run or (),
        specs=specs or (),
        prompts=prompts,
        resume=resume,
    )
    if as_json:
        show_json(done)
    else:
        last = done["history"][-1] if done["history"] else {}
        out.print(
            f"{plain(str(folder))}: {done['steps']} steps, "
            + ", ".join(f"{key} {last[key]:.4g}" for key in ("loss", "reward") if key in last)
        )
