"""TRL's GRPOTrainer: the beginning of a conversation as `prompt`, and its blueprint.

From the blueprint `inftool.training.environment` makes the world, the user and the reward.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.types import JsonObject
from inftool.export.sample import Format, Lost, Row, Sample, dumps


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """One line a blueprint: `id`, `prompt`, `tools` and `blueprint` as JSON text, `category`."""
    if sample.blueprint is None:
        raise Lost("a trajectory without a blueprint")
    if any(message["role"] == "assistant" for message in _prompt(sample)) or (
        sample.id != sample.blueprint.id and not sample.id.endswith("-0")
    ):
        return
    yield (
        "train",
        {
            "id": sample.blueprint.id,
            "prompt": _prompt(sample),
            # GRPOTrainer ignores a `tools` column; the reward functions and the environment read
            # it.
            "tools": dumps(list(sample.tools)),
            "blueprint": sample.blueprint.model_dump_json(),
            "category": sample.blueprint.category,
        },
    )


def _prompt(sample: Sample) -> list[ChatMessage]:
    first = next(
        index for index, message in enumerate(sample.messages) if message["role"] == "user"
    )
    return list(sample.messages[: first + 1])


def back(file: str, row: JsonObject) -> object:
    """The prompt, the tools of the start and the blueprint."""
    return [
        row["prompt"],
        json.loads(row["tools"]),
        Blueprint.model_validate_json(row["blueprint"]).model_dump(mode="json"),
    ]


def said(sample: Sample) -> Iterator[object]:
    """The same of the sample; later samples of one trajectory say nothing more."""
    for _ in rows(sample):
        assert sample.blueprint is not None
        yield [_prompt(sample), list(sample.tools), sample.blueprint.model_dump(mode="json")]


FORMAT = Format("trl-grpo", "TRL's GRPOTrainer, through inftool.training", rows, back, said)
