"""Supervised training on verified conversations (InfTool's cold start): TRL's SFTTrainer over labels of our own, so that no masked turn is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inftool.core.errors import TrainingError
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.datasets import run_samples, training_spec_hashes
from inftool.training.models.loading import (
    load_model,
    lora_config,
    shared_trainer_settings,
    train_and_save,
)
from inftool.training.tokenization.tokens import RenderError, encode


def train_sft(
    model: str | Path, runs: Sequence[Path], out: Path, config: TrainConfig, *, resume: bool = False
) -> dict[str, Any]:
    """Train a model on what runs kept and save it into `out`; the summary with the losses. TrainingError where no conversation fits `max_length`."""
    trl, datasets = require("trl"), require("datasets")
    loaded = load_model(model)
    found, long, unsayable = list[tuple[int, str, dict[str, Any]]](), 0, 0
    for number, sample in (
        (number, sample) for number, folder in enumerate(runs) for sample in run_samples([folder])
    ):
        try:
            encoded = encode(loaded.tokenizer, loaded.template, sample, config.max_length)
        except RenderError:
            unsayable += 1
            continue
        if encoded is None:
            long += 1
        else:
            found.append(
                (number, sample.id, {"input_ids": encoded.input_ids, "labels": encoded.labels})
            )
    # A run's lines lie in the order in which they came to an end; what is learnt shall not depend on that.
    rows = [row for _, _, row in sorted(found, key=lambda item: item[:2])]
    if not rows:
        raise TrainingError(
            f"none of the conversations has at most {config.max_length} tokens ({long} are longer, {unsayable} cannot be said in the chat template)",
            hint="raise max_length",
        )
    settings = trl.SFTConfig(
        **{
            "max_length": config.max_length,
            "packing": False,
            **shared_trainer_settings(config, out),
        }
    )
    trainer = trl.SFTTrainer(
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
        method="sft",
        config=config,
        specs=training_spec_hashes(model, runs=runs),
    ) | {
        "conversations": len(rows),
        "too_long": long,
        "unsayable": unsayable,
    }
