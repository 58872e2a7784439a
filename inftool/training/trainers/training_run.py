"""What SFT, DPO and GRPO have in common: settings of TRL, LoRA, and the run with its record."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.rewards.score import REWARD_GATES
from inftool.training.svg_charts import line_chart
from inftool.training.tokenization.tokenizer import Tokenizer

Method = Literal["sft", "dpo", "grpo"]

# Checkpoints are off unless asked for; TRL wants a number all the same.
_DEFAULT_SAVE_STEPS = 500


@dataclass(frozen=True, slots=True)
class TrainingRun:
    """One training run, apart from what only its method needs."""

    method: Method
    config: TrainConfig

    out: Path
    """The folder for checkpoints, the trained model, its record and its curves."""

    resume: bool
    """Whether to go on from the last checkpoint in `out`."""

    specs: Collection[str]
    """The hashes of all specs that the model was ever trained on, this run included."""

    decoding: Mapping[str, object] | None = None
    """How the model generated, where it did (GRPO)."""

    gate_shares: Sequence[Mapping[str, float]] = ()
    """The shares of episodes that stopped at each gate, one mapping a batch; filled in while
    training."""


class TrainingSummary(TypedDict):
    """What a run came to; the first seven keys are its record, `training.json`."""

    method: str
    config: dict[str, object]
    steps: int

    history: list[dict[str, float]]
    """What TRL logged for each step that has a loss."""

    specs: list[str]
    decoding: NotRequired[dict[str, object]]
    gates: NotRequired[list[Mapping[str, float]]]

    conversations: NotRequired[int]
    """SFT: the samples trained on."""

    pairs: NotRequired[int]
    """DPO: the preference pairs trained on."""

    too_long: NotRequired[int]
    """Samples or pairs left out because they are longer than `max_length`."""

    unsayable: NotRequired[int]
    """Samples or pairs left out because the chat template cannot express them."""

    blueprints: NotRequired[int]
    """GRPO: the blueprints played."""

    left_out: NotRequired[int]
    """GRPO: blueprints whose tools change on the way, which it cannot play."""


def lora_config(config: TrainConfig) -> Any:
    """peft's `LoraConfig` for adapters on every linear layer; None for full training."""
    if not config.lora:
        return None
    return require("peft").LoraConfig(
        r=config.lora,
        # A scale of 2, as is usual: the learning rate then need not change with the rank.
        lora_alpha=2 * config.lora,
        target_modules="all-linear",
        task_type="CAUSAL_LM",
    )


def shared_trainer_settings(config: TrainConfig, folder: Path) -> dict[str, Any]:
    """What TRL's three configurations have in common, as keyword arguments.

    On a CPU nothing is done in half precision.
    """
    torch = require("torch")
    cpu = config.cpu if config.cpu is not None else not torch.cuda.is_available()
    settings: dict[str, Any] = {
        "output_dir": str(folder / "checkpoints"),
        "num_train_epochs": config.epochs,
        "max_steps": config.steps,
        "per_device_train_batch_size": config.batch,
        "gradient_accumulation_steps": config.accumulate,
        "learning_rate": config.learning_rate,
        "seed": config.seed,
        # Every step is recorded: the curves and the loop read them.
        "logging_steps": 1,
        "report_to": "none",
        "disable_tqdm": True,
        "save_strategy": "steps" if config.save_steps else "no",
        "save_steps": config.save_steps or _DEFAULT_SAVE_STEPS,
        "use_cpu": cpu,
        "bf16": not cpu,
        "gradient_checkpointing": not cpu,
        "dataloader_pin_memory": not cpu,
    }
    return settings | config.trl


def train_and_save(trainer: Any, tokenizer: Tokenizer, run: TrainingRun) -> TrainingSummary:
    """Let a trainer of TRL train, and save the whole model with its record and curves.

    Adapters are merged into the model. The result is the record.
    """
    checkpoints = run.out / "checkpoints"
    latest = None
    if run.resume and checkpoints.is_dir():
        latest = require("transformers.trainer_utils").get_last_checkpoint(str(checkpoints))
    # It prints to standard output, which belongs to the command's JSON.
    trainer.remove_callback(require("transformers").PrinterCallback)
    trainer.train(resume_from_checkpoint=latest)
    model = trainer.accelerator.unwrap_model(trainer.model)
    # Only a model with adapters has it: what is saved needs no peft to be loaded.
    if hasattr(model, "merge_and_unload"):
        model = model.merge_and_unload()
    model.save_pretrained(str(run.out))
    tokenizer.save_pretrained(str(run.out))
    summary: TrainingSummary = {
        "method": run.method,
        "config": run.config.model_dump(mode="json"),
        "steps": trainer.state.global_step,
        "history": [row for row in trainer.state.log_history if "loss" in row],
        "specs": sorted(run.specs),
    }
    if run.decoding is not None:
        summary["decoding"] = dict(run.decoding)
    if run.gate_shares:
        summary["gates"] = list(run.gate_shares)
    for name, chart in _charts(run, summary["history"]).items():
        (run.out / f"{name}.svg").write_text(chart, "utf-8")
    # Last, since its presence says that the run came to its end.
    (run.out / "training.json").write_text(json.dumps(summary, indent=1) + "\n", "utf-8")
    return summary


def _charts(run: TrainingRun, history: Sequence[Mapping[str, float]]) -> dict[str, str]:
    """The curves of a run as SVG, by the name of the file."""
    losses = [row["loss"] for row in history]
    charts = {"loss": line_chart(f"{run.method}: loss", {"loss": losses})}
    if rewards := [row["reward"] for row in history if "reward" in row]:
        title = f"{run.method}: mean reward"
        charts["reward"] = line_chart(title, {"reward": rewards}, low=0.0, high=1.0)
    if batches := run.gate_shares:
        reached = [gate for gate in REWARD_GATES if any(gate in shares for shares in batches)]
        curves: dict[str, list[float]] = {
            gate: [shares.get(gate, 0.0) for shares in batches] for gate in reached
        }
        # In the order of the gates, whichever came up first.
        title = "share of plays by the gate they stopped at"
        charts["gates"] = line_chart(title, curves, low=0.0, high=1.0)
    return charts
