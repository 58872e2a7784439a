"""Supervised training on verified conversations (InfTool's cold start): TRL's SFTTrainer over our
own labels, so that no masked message is learned."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inftool.core.errors import TrainingError
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.datasets import run_samples, training_spec_hashes
from inftool.training.models.loading import LoadedModel, load_model
from inftool.training.tokenization.protocol import RenderError
from inftool.training.tokenization.tokens import encode
from inftool.training.trainers.dataset_rows import DatasetRows
from inftool.training.trainers.training_run import (
    TrainingRun,
    TrainingSummary,
    lora_config,
    shared_trainer_settings,
    train_and_save,
)


def train_sft(
    model: str | Path, runs: Sequence[Path], out: Path, config: TrainConfig, *, resume: bool = False
) -> TrainingSummary:
    """Train a model on what runs kept, save it into `out`, and return the record with counts.

    TrainingError where no conversation fits `max_length`.
    """
    trl, datasets = require("trl"), require("datasets")
    loaded = load_model(model)
    rows = _encode_samples(loaded, runs, config.max_length)
    samples = rows.in_order()
    if not samples:
        raise TrainingError(
            f"none of the conversations has at most {config.max_length} tokens ({rows.too_long} "
            f"are longer, {rows.unsayable} cannot be said in the chat template)",
            hint="raise max_length",
        )
    # Packing would put several conversations into one row, which may then attend to one another.
    settings = {"max_length": config.max_length, "packing": False}
    trainer = trl.SFTTrainer(
        model=loaded.model,
        args=trl.SFTConfig(**(settings | shared_trainer_settings(config, out))),
        train_dataset=datasets.Dataset.from_list(samples),
        processing_class=loaded.tokenizer,
        peft_config=lora_config(config),
    )
    specs = training_spec_hashes(model, runs=runs)
    summary = train_and_save(
        trainer, loaded.tokenizer, TrainingRun("sft", config, out, resume, specs)
    )
    return {
        **summary,
        "conversations": len(samples),
        "too_long": rows.too_long,
        "unsayable": rows.unsayable,
    }


def _encode_samples(
    loaded: LoadedModel, runs: Sequence[Path], max_length: int
) -> DatasetRows[dict[str, list[int]]]:
    rows = DatasetRows[dict[str, list[int]]]()
    for number, folder in enumerate(runs):
        for sample in run_samples([folder]):
            try:
                encoded = encode(loaded.tokenizer, loaded.template, sample, max_length)
            except RenderError:
                rows.unsayable += 1
                continue
            if encoded is None:
                rows.too_long += 1
            else:
                row = {"input_ids": encoded.input_ids, "labels": encoded.labels}
                rows.add(number, sample.id, row)
    return rows
