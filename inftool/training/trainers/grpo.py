"""GRPO with the gated reward over whole episodes (InfTool, section on training): TRL's GRPOTrainer
over our rollouts.

Groups whose episodes all earn the same have no advantage and change nothing. An episode that failed
through no fault of the assistant's is left out of its group's baseline.
"""

from __future__ import annotations

import importlib.util
import os
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

from inftool.core.blueprints import Blueprint
from inftool.core.errors import TrainingError
from inftool.scenarios.world_pool import WorldPool
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.datasets import training_spec_hashes
from inftool.training.models.loading import LoadedModel, load_model
from inftool.training.rewards.score import REWARD_GATES, Score
from inftool.training.trainers.rollout import first_prompt, has_fixed_tools, rollout_func
from inftool.training.trainers.training_run import (
    TrainingRun,
    TrainingSummary,
    lora_config,
    shared_trainer_settings,
    train_and_save,
)

# An episode may take as many tokens as this many messages of full length: a call and a reply for
# each of a few turns, with the results between them.
_MESSAGES_PER_EPISODE = 8


def train_grpo(
    model: str | Path,
    blueprints: Sequence[Blueprint],
    pool: WorldPool,
    out: Path,
    config: TrainConfig,
    *,
    resume: bool = False,
) -> TrainingSummary:
    """Train a model by playing blueprints, and save it into `out`.

    Returns the record with each step's reward and gate shares. Blueprints whose tools change on the
    way are left out. TrainingError where the batch is not a multiple of the generations.
    """
    trl, datasets = require("trl"), require("datasets")
    batch = config.batch * config.accumulate
    if batch % config.generations:
        raise TrainingError(
            f"{batch} plays a step are no multiple of {config.generations} generations"
        )
    loaded = load_model(model)
    # Tools that come later would change the beginning of the sequence.
    usable = [blueprint for blueprint in blueprints if has_fixed_tools(blueprint)]
    if not usable:
        raise TrainingError(
            "every blueprint changes its tools on the way, which GRPO cannot play as one sequence"
        )
    # Filled in by the reward function while TRL trains.
    gate_shares: list[dict[str, float]] = []
    max_completion = min(config.max_length, _MESSAGES_PER_EPISODE * config.max_new_tokens)
    prompts = [{"prompt": first_prompt(blueprint, pool)} for blueprint in usable]
    trainer = trl.GRPOTrainer(
        model=loaded.model,
        args=trl.GRPOConfig(**_settings(config, loaded, max_completion, out)),
        reward_funcs=[_reward_function(config, gate_shares)],
        train_dataset=datasets.Dataset.from_list(prompts),
        processing_class=loaded.tokenizer,
        peft_config=lora_config(config),
        rollout_func=rollout_func(
            usable,
            pool,
            loaded,
            max_new_tokens=config.max_new_tokens,
            max_completion=max_completion,
            temperature=config.temperature,
            constrained=config.constrained,
        ),
    )
    specs = training_spec_hashes(model, pool=pool)
    decoding = {
        "temperature": config.temperature,
        "max_new_tokens": config.max_new_tokens,
        "constrained": config.constrained,
    }
    run = TrainingRun("grpo", config, out, resume, specs, decoding, gate_shares)
    summary = train_and_save(trainer, loaded.tokenizer, run)
    return {**summary, "blueprints": len(usable), "left_out": len(blueprints) - len(usable)}


def _settings(
    config: TrainConfig, loaded: LoadedModel, max_completion: int, out: Path
) -> dict[str, object]:
    """The keyword arguments of TRL's `GRPOConfig`."""
    settings: dict[str, object] = {
        "num_generations": config.generations,
        "max_completion_length": max_completion,
        "beta": config.beta,
        "temperature": config.temperature,
        # The reward function takes the column `score`, which no model does.
        "remove_unused_columns": False,
        **_vllm_settings(config, loaded),
    }
    return settings | shared_trainer_settings(config, out)


def _reward_function(
    config: TrainConfig, gate_shares: list[dict[str, float]]
) -> Callable[..., list[float | None]]:
    """The reward function for TRL, which also appends each batch's gate shares to `gate_shares`.

    TRL logs the mean of a reward under the name of its function, so the name is recorded.
    """

    def gated_reward(score: Sequence[Score], **_: object) -> list[float | None]:
        counts = Counter(item.gate for item in score)
        gate_shares.append(
            {gate: counts[gate] / len(score) for gate in REWARD_GATES if counts[gate]}
        )
        # TRL leaves None out of the baseline and gives it no advantage.
        return [
            episode_reward(item, gated=config.gated) if item.counted or item.exact else None
            for item in score
        ]

    return gated_reward


def _vllm_settings(config: TrainConfig, loaded: LoadedModel) -> dict[str, object]:
    """TRL's settings for vLLM; empty where it is not used.

    TrainingError where vLLM is not installed, or is asked for what it cannot do here.
    """
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
        # TRL gathers the prompts of all processes for its server; episodes of different lengths
        # would wait for one another forever.
        raise TrainingError(
            "several processes cannot play through one vLLM server", hint='use vllm = "colocate"'
        )
    return {
        "use_vllm": True,
        "vllm_mode": config.vllm,
        # The trainer computes logits again: what vLLM says of the pieces of an episode would not
        # line up with the whole.
        "vllm_importance_sampling_correction": False,
        "generation_kwargs": {"stop_token_ids": list(loaded.end_tokens)},
    }


def episode_reward(score: Score, *, gated: bool = True) -> float:
    """What an episode earns: its reward, between 0 and 1.

    Without the gates it is the mean of the parts, whichever gate the episode stopped at. That is
    for comparison only, since it can be farmed by episodes that do a little of everything.
    """
    if gated or not score.parts:
        return score.reward
    return sum(score.parts.values()) / len(score.parts)
