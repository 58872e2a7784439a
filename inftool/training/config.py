"""How to train: a record with presets and a TOML file on top; what it does not name goes to TRL's own configuration as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from inftool.core.errors import UsageError
from inftool.core.types import JsonObject, Record


class TrainConfig(Record):
    """Settings of one training run.

    `lora` is the rank of the adapters, 0 for full training. `batch` is in conversations (for GRPO in plays, a multiple of `generations`), `max_length` and
    `max_new_tokens` in tokens. `constrained`: only words or valid calls are written, in GRPO and in the loop's examinations. `gated`: GRPO's reward stops at the
    first gate that a play does not pass. `trl` is handed to TRL's configuration of the method. `vllm`: where GRPO's
    rollouts are written by vLLM, which TRL runs or reaches (its own settings go into `trl`). `cpu`: None takes a GPU where there is one.
    """

    epochs: float = Field(default=2.0, gt=0)
    steps: int = Field(default=-1, ge=-1)
    batch: int = Field(default=8, ge=1)
    accumulate: int = Field(default=1, ge=1)
    learning_rate: float = Field(default=5e-6, gt=0)
    max_length: int = Field(default=8192, ge=16)
    lora: int = Field(default=0, ge=0)
    seed: int = 0
    generations: int = Field(default=8, ge=2)
    max_new_tokens: int = Field(default=512, ge=1)
    temperature: float = Field(default=1.0, gt=0)
    beta: float = Field(default=0.0, ge=0)
    constrained: bool = False
    vllm: Literal["colocate", "server"] | None = None
    gated: bool = True
    save_steps: int = Field(default=0, ge=0)
    cpu: bool | None = None
    trl: dict[str, Any] = Field(default_factory=dict)


# GEM trained with a learning rate of 5e-6, 2 epochs and 32K tokens; InfTool publishes no settings. The rest is ours [reconstructed].
PRESETS: dict[str, JsonObject] = {
    "tiny-cpu": {
        "cpu": True,
        "batch": 16,
        "learning_rate": 3e-3,
        "max_length": 4096,
        "max_new_tokens": 128,
        "epochs": 3.0,
    },
    "7b-lora-1gpu": {
        "batch": 1,
        "accumulate": 16,
        "learning_rate": 1e-4,
        "lora": 32,
        "max_length": 16384,
    },
    "32b-8gpu": {
        "batch": 1,
        "accumulate": 4,
        "learning_rate": 5e-6,
        "max_length": 32768,
        "epochs": 2.0,
    },
}


# Whole loops. What the tiny model's numbers come to is in docs/training.md, with the intervals.
LOOP_PRESETS: dict[str, JsonObject] = {
    "tiny-cpu": {
        "rounds": 2,
        "count": 240,
        "prompts": 96,
        "held_out": 80,
        "plays": 2,
        "temperature": 1.0,
        "epsilon": -1.0,
        "sft": {
            "epochs": 3.0,
            "batch": 16,
            "learning_rate": 1e-3,
            "max_length": 900,
            "max_new_tokens": 72,
        },
        "grpo": {
            "steps": 12,
            "batch": 128,
            "generations": 8,
            "learning_rate": 8e-4,
            "max_length": 900,
            "max_new_tokens": 72,
            "trl": {"lr_scheduler_type": "constant", "max_grad_norm": 1.0},
        },
    },
}


def load_loop_settings(preset: str | None = None, **given: Any) -> JsonObject:
    """The settings of a whole loop of a preset, without its training settings, and what was given over them (None counts as not given)."""
    found = {
        key: value
        for key, value in LOOP_PRESETS.get(preset or "", {}).items()
        if key not in ("sft", "grpo")
    }
    return found | {key: value for key, value in given.items() if value is not None}


def load_config(
    preset: str | None = None,
    file: Path | None = None,
    *,
    stage: Literal["", "sft", "grpo"] = "",
    **given: Any,
) -> TrainConfig:
    """A preset (with what it says of a loop's `stage`), a TOML file over it, and what was given over both (None counts as not given); UsageError that names what is wrong."""
    if preset is not None and preset not in PRESETS:
        raise UsageError(f"there is no preset {preset!r}", hint=f"there are: {', '.join(PRESETS)}")
    settings: JsonObject = (
        PRESETS[preset] | LOOP_PRESETS.get(preset, {}).get(stage, {}) if preset else {}
    )
    if file is not None:
        try:
            settings |= tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{file} cannot be read: {error}") from error
    settings |= {key: value for key, value in given.items() if value is not None}
    try:
        return TrainConfig(**settings)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        raise UsageError(f"a training setting is wrong: {problems}") from error
