"""Preference training on step-wise pairs: the same conversation up to one step, what should have been done there against what was."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inftool.core.errors import TrainingError
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.datasets import run_pairs, training_spec_hashes
from inftool.training.models.loading import (
    load_model,
    lora_config,
    shared_trainer_settings,
    train_and_save,
)
from inftool.training.tokenization.tokens import RenderError, render


def train_dpo(
    model: str | Path, runs: Sequence[Path], out: Path, config: TrainConfig, *, resume: bool = False
) -> dict[str, Any]:
    """Train a model on the rejected plays of runs against their plans and save it into `out`. TrainingError where there is no pair."""
    trl, datasets = require("trl"), require("datasets")
    loaded = load_model(model)
    found, long, unsayable = list[tuple[int, str, dict[str, str]]](), 0, 0
    for number, pair in (
        (number, pair) for number, folder in enumerate(runs) for pair in run_pairs([folder])
    ):
        # As text, with the template at hand: Arrow sees no schema, and prompt and answer meet at the same token in both.
        both = (pair.chosen, pair.rejected)
        try:
            before = render(loaded.tokenizer, loaded.template, pair.prompt, pair.tools)
            texts = [
                render(
                    loaded.tokenizer,
                    loaded.template,
                    [*pair.prompt, message],
                    pair.tools,
                    reply=False,
                )
                for message in both
            ]
        except RenderError:
            unsayable += 1
            continue
        if not all(text.startswith(before) for text in texts):
            raise TrainingError(
                "the chat template does not begin a conversation as it begins its start"
            )
        chosen, rejected = (text[len(before) :].rstrip("\n") for text in texts)
        if (
            max(len(loaded.tokenizer(before + answer).input_ids) for answer in (chosen, rejected))
            > config.max_length
        ):
            long += 1
            continue
        found.append((number, pair.id, {"prompt": before, "chosen": chosen, "rejected": rejected}))
    # As in supervised training, whatever order the run's lines lie in.
    rows = [row for _, _, row in sorted(found, key=lambda item: item[:2])]
    if not rows:
        raise TrainingError(
            f"there is no preference pair that fits ({long} are too long)",
            hint="synthesize with --mistakes, or raise max_length",
        )
    settings = trl.DPOConfig(
        **{
            "max_length": config.max_length,
            "beta": config.beta or 0.1,
            **shared_trainer_settings(config, out),
        }
    )
    trainer = trl.DPOTrainer(
        model=loaded.model,
        args=settings,
        train_dataset=datasets.Dataset.from_list(rows),
        processing_class=loaded.tokenizer,
        peft_config=lora_config(config),
    )
    return train_and_save(
        trainer,
        loaded.tokenizer,
        out,
        resume=resume,
        method="dpo",
        config=config,
        specs=training_spec_hashes(model, runs=runs),
    ) | {
        "pairs": len(rows),
        "too_long": long,
        "unsayable": unsayable,
    }
