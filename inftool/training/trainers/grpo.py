"""GRPO with the gated reward over whole plays (InfTool, section on training): TRL's GRPOTrainer over our rollouts.

Groups whose plays all earn the same have no advantage and change nothing; a play that failed through no fault of the assistant's is out of its group's baseline.
"""

from __future__ import annotations

import importlib.util
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inftool.core.blueprints import Blueprint
from inftool.core.errors import TrainingError
from inftool.scenarios.world_pool import WorldPool
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.datasets import training_spec_hashes
from inftool.training.models.loading import (
    LoadedModel,
    load_model,
    lora_config,
    shared_trainer_settings,
    train_and_save,
)
from inftool.training.rewards.message import REWARD_GATES, Score
from inftool.training.trainers.rollout import first_prompt, has_fixed_tools, rollout_func


def train_grpo(
    model: str | Path,
    blueprints: Sequence[Blueprint],
    stage: WorldPool,
    out: Path,
    config: TrainConfig,
    *,
    resume: bool = False,
) -> dict[str, Any]:
    """Train a model by playing blueprints and save it into `out`; the summary with each step's reward and gate shares.

    Blueprints whose tools change on the way are left out. TrainingError where the batch is no multiple of the generations.
    """
    trl, datasets = require("trl"), require("datasets")
    if config.batch * config.accumulate % config.generations:
        raise TrainingError(
            f"{config.batch * config.accumulate} plays a step are no multiple of {config.generations} generations"
        )
    loaded = load_model(model)
    usable = [blueprint for blueprint in blueprints if has_fixed_tools(blueprint)]
    if not usable:
        raise TrainingError(
            "every blueprint changes its tools on the way, which GRPO cannot play as one sequence"
        )
    gates: list[dict[str, float]] = []

    def gated_reward(score: Sequence[Score], **_: Any) -> list[float | None]:
        counts = Counter(item.gate for item in score)
        gates.append({gate: counts[gate] / len(score) for gate in REWARD_GATES if counts[gate]})
        # TRL leaves None out of the baseline and gives it no advantage.
        return [
            worth(item, gated=config.gated) if item.counted or item.exact else None
            for item in score
        ]

    completion = min(config.max_length, 8 * config.max_new_tokens)
    settings = trl.GRPOConfig(
        **{
            "num_generations": config.generations,
            "max_completion_length": completion,
            "beta": config.beta,
            "temperature": config.temperature,
            "remove_unused_columns": False,
            **_vllm(config, loaded),
            **shared_trainer_settings(config, out),
        }
    )
    trainer = trl.GRPOTrainer(
        model=loaded.model,
        args=settings,
        reward_funcs=[gated_reward],
        train_dataset=datasets.Dataset.from_list(
            [{"prompt": first_prompt(blueprint, stage)} for blueprint in usable]
        ),
        processing_class=loaded.tokenizer,
        peft_config=lora_config(config),
        rollout_func=rollout_func(
            usable,
            stage,
            loaded,
            max_new_tokens=config.max_new_tokens,
            max_completion=completion,
            temperature=config.temperature,
            constrained=config.constrained,
        ),
    )
    decoding = {
        "temperature": config.temperature,
        "max_new_tokens": config.max_new_tokens,
        "constrained": config.constrained,
    }
    summary = train_and_save(
        trainer,
        loaded.tokenizer,
        out,
        resume=resume,
        method="grpo",
        config=config,
        gates=gates,
        decoding=decoding,
        specs=training_spec_hashes(model, stage=stage),
    )
    return summary | {"blueprints": len(usable), "left_out": len(blueprints) - len(usable)}


def _vllm(config: TrainConfig, loaded: LoadedModel) -> dict[str, Any]:
    """TRL's settings for vLLM; TrainingError where it is not installed, or asked for what it cannot do here."""
    if config.vllm is None:
        return {}
    if config.constrained:
        raise TrainingError(
            "constrained decoding goes through transformers, not through vLLM",
            hint="leave out one of the two",
        )
    if importlib.util.find_spec("vllm") is None:
        raise TrainingError(
            "vLLM is not installed", hint="pip install 'trl[vllm]' beside a GPU, or leave out vllm"
        )
    if config.vllm == "server" and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        # TRL gathers all processes' prompts for its server; plays of different lengths would wait for one another for ever.
        raise TrainingError(
            "several processes cannot play through one vLLM server", hint='use vllm = "colocate"'
        )
    # Logits are computed again by the trainer: what vLLM says of a whole play's pieces would not line up with it.
    stops = {"stop_token_ids": list(loaded.ends)}
    return {
        "use_vllm": True,
        "vllm_mode": config.vllm,
        "vllm_importance_sampling_correction": False,
        "generation_kwargs": stops,
    }


def worth(score: Score, *, gated: bool = True) -> float:
    """What a play earns: its reward, or, without the gates, the mean of its parts, whichever gate it stopped at (for comparison only: it can be farmed)."""
    return (
        score.reward if gated or not score.parts else sum(score.parts.values()) / len(score.parts)
    )
