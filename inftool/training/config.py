"""Settings of training: a record, presets for it, and a TOML file over a preset."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from inftool.core.errors import UsageError
from inftool.core.types import Record

Settings = Mapping[str, object]
"""Names of settings -> values, before they are checked."""


class TrainConfig(Record):
    """Settings of one training run."""

    epochs: float = Field(default=2.0, gt=0)
    """Passes over the data."""

    steps: int = Field(default=-1, ge=-1)
    """Steps of the optimizer, whatever `epochs` says; -1 for as many as the epochs need."""

    batch: int = Field(default=8, ge=1)
    """Conversations in a batch; for GRPO episodes, of which `generations` belong to one group."""

    accumulate: int = Field(default=1, ge=1)
    """Batches to a step."""

    learning_rate: float = Field(default=5e-6, gt=0)
    """At the top of TRL's schedule."""

    max_length: int = Field(default=8192, ge=16)
    """The longest conversation, in tokens; longer ones are left out."""

    lora: int = Field(default=0, ge=0)
    """The rank of the adapters; 0 trains all weights."""

    seed: int = 0

    generations: int = Field(default=8, ge=2)
    """GRPO: episodes in a group, which are played from the same blueprint."""

    max_new_tokens: int = Field(default=512, ge=1)
    """GRPO: the longest message, in tokens."""

    temperature: float = Field(default=1.0, gt=0)
    """GRPO: the temperature at which messages are sampled."""

    beta: float = Field(default=0.0, ge=0)
    """The weight of the divergence from the model at the start; 0 is none for GRPO, and TRL's
    default for DPO."""

    constrained: bool = False
    """Whether only words or valid calls are written, in GRPO and in the loop's evaluations."""

    vllm: Literal["colocate", "server"] | None = None
    """Where vLLM writes GRPO's rollouts, which TRL runs or reaches; its own settings go into
    `trl`. None lets transformers write them."""

    gated: bool = True
    """GRPO: whether the reward stops at the first gate that an episode does not pass."""

    save_steps: int = Field(default=0, ge=0)
    """Steps between checkpoints; 0 saves none."""

    cpu: bool | None = None
    """Whether to train on the CPU; None takes a GPU if there is one."""

    trl: dict[str, Any] = Field(default_factory=dict)
    """Further settings for TRL's configuration of the method, over everything above."""


# GEM trained with a learning rate of 5e-6, 2 epochs and 32K tokens; InfTool publishes no settings.
# The other numbers are ours [reconstructed]: `tiny-cpu` is made for the model that ships, the other
# two for the memory of the GPUs that they name.
PRESETS: dict[str, Settings] = {
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
"""Settings of one training run by the name of the preset."""

# Chosen so that the loop ends within five minutes on two cores. What it comes to with these
# numbers is in docs/training.md, with the intervals.
LOOP_PRESETS: dict[str, dict[str, Any]] = {
    "tiny-cpu": {
        "rounds": 2,
        "count": 240,
        "prompts": 96,
        "held_out": 80,
        "plays": 2,
        "temperature": 1.0,
        # Below any loss: the second round is always run.
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
"""Settings of a whole loop by the name of the preset; `sft` and `grpo` are those of its stages,
over the preset of the same name."""

LoopStage = Literal["", "sft", "grpo"]


def load_loop_settings(preset: str | None = None, **given: object) -> dict[str, Any]:
    """The settings of a loop without those of its stages: a preset, and what was given over it.

    A given None counts as not given.
    """
    whole = LOOP_PRESETS.get(preset or "", {})
    settings = {key: value for key, value in whole.items() if key not in ("sft", "grpo")}
    return settings | _without_none(given)


def load_config(
    preset: str | None = None,
    file: Path | None = None,
    *,
    stage: LoopStage = "",
    **given: object,
) -> TrainConfig:
    """The settings of a training run: a preset, a TOML file over it, and what was given over both.

    With a `stage` what the preset says of that stage of a loop goes over the preset. A given None
    counts as not given. UsageError that names what is wrong.
    """
    if preset is not None and preset not in PRESETS:
        raise UsageError(f"there is no preset {preset!r}", hint=f"there are: {', '.join(PRESETS)}")
    settings: dict[str, object] = {}
    if preset:
        settings = {**PRESETS[preset], **LOOP_PRESETS.get(preset, {}).get(stage, {})}
    if file is not None:
        try:
            settings |= tomllib.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise UsageError(f"{file} cannot be read: {error}") from error
    # Checked only when all layers are there: one may mend what another breaks.
    try:
        return TrainConfig.model_validate(settings | _without_none(given))
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        raise UsageError(f"a training setting is wrong: {problems}") from error


def _without_none(given: Settings) -> dict[str, object]:
    return {key: value for key, value in given.items() if value is not None}
