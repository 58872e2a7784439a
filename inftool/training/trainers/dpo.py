"""Preference training on step-wise pairs: the same conversation up to one message of the assistant,
what should have come there against what did."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from inftool.core.errors import TrainingError
from inftool.export.formats.trl_dpo import PreferencePair
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.datasets import run_pairs, training_spec_hashes
from inftool.training.models.loading import LoadedModel, load_model
from inftool.training.tokenization.protocol import RenderError
from inftool.training.tokenization.tokens import render
from inftool.training.trainers.dataset_rows import DatasetRows
from inftool.training.trainers.training_run import (
    TrainingRun,
    TrainingSummary,
    lora_config,
    shared_trainer_settings,
    train_and_save,
)

# TRL's own default, for configurations that leave `beta` at 0, which would train nothing.
_DEFAULT_BETA = 0.1


def train_dpo(
    model: str | Path, runs: Sequence[Path], out: Path, config: TrainConfig, *, resume: bool = False
) -> TrainingSummary:
    """Train a model on the rejected messages of runs against their plans, and save it into `out`.

    Returns the record with counts. TrainingError where there is no pair.
    """
    trl, datasets = require("trl"), require("datasets")
    loaded = load_model(model)
    rows = _render_pairs(loaded, runs, config.max_length)
    pairs = rows.in_order()
    if not pairs:
        raise TrainingError(
            f"there is no preference pair that fits ({rows.too_long} are too long)",
            hint="synthesize with --mistakes, or raise max_length",
        )
    settings = {"max_length": config.max_length, "beta": config.beta or _DEFAULT_BETA}
    trainer = trl.DPOTrainer(
        model=loaded.model,
        args=trl.DPOConfig(**(settings | shared_trainer_settings(config, out))),
        train_dataset=datasets.Dataset.from_list(pairs),
        processing_class=loaded.tokenizer,
        peft_config=lora_config(config),
    )
    # With those of the model's own record: an evaluation can refuse them all.
    specs = training_spec_hashes(model, runs=runs)
    summary = train_and_save(
        trainer, loaded.tokenizer, TrainingRun("dpo", config, out, resume, specs)
    )
    return {
        **summary,
        "pairs": len(pairs),
        "too_long": rows.too_long,
        "unsayable": rows.unsayable,
    }


def _render_pairs(
    loaded: LoadedModel, runs: Sequence[Path], max_length: int
) -> DatasetRows[dict[str, str]]:
    rows = DatasetRows[dict[str, str]]()
    for number, folder in enumerate(runs):
        for pair in run_pairs([folder]):
            try:
                row = _render_pair(loaded, pair)
            except RenderError:
                rows.unsayable += 1
                continue
            # Prompt and answer together: tokens may join where one meets the other.
            texts = (row["prompt"] + row["chosen"], row["prompt"] + row["rejected"])
            if max(len(loaded.tokenizer(text).input_ids) for text in texts) > max_length:
                rows.too_long += 1
            else:
                rows.add(number, pair.id, row)
    return rows


def _render_pair(loaded: LoadedModel, pair: PreferencePair) -> dict[str, str]:
    """A pair as text: `prompt`, and `chosen` and `rejected` as they continue it.

    As text rather than as messages, so that Arrow needs no schema for arguments, and the prompt
    ends at the same token in both.
    """
    prompt = render(loaded.tokenizer, loaded.template, pair.prompt, pair.tools)
    answers = []
    for message in (pair.chosen, pair.rejected):
        messages = [*pair.prompt, message]
        text = render(loaded.tokenizer, loaded.template, messages, pair.tools, reply=False)
        if not text.startswith(prompt):
            raise TrainingError(
                "the chat template does not begin a conversation as it begins its start"
            )
        # The line break behind the end token is the template's, not the model's.
        answers.append(text[len(prompt) :].rstrip("\n"))
    chosen, rejected = answers
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}
