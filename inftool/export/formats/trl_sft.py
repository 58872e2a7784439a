"""TRL's SFTTrainer: `messages` with arguments as objects, and `tools` as JSON text, which Arrow cannot pad with nulls.

What is only partly to be learnt from goes to a second file as `prompt` and `completion`; TRL learns from the completion alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inftool.core.types import JsonObject
from inftool.export.sample import Format, Sample, dumps, segments


def rows(sample: Sample) -> Iterator[tuple[str, JsonObject]]:
    """A whole conversation, or one line for each stretch of it that is learnt from."""
    tools = dumps(list(sample.tools))
    if sample.whole:
        yield "train", {"messages": list(sample.messages), "tools": tools}
        return
    for start, end in segments(sample):
        yield (
            "partial",
            {
                "prompt": list(sample.messages[:start]),
                "completion": list(sample.messages[start:end]),
                "tools": tools,
            },
        )


def back(file: str, row: JsonObject) -> Any:
    """Messages, tools, and from which message on they are learnt from."""
    if file == "train":
        return [row["messages"], json.loads(row["tools"]), None]
    return [[*row["prompt"], *row["completion"]], json.loads(row["tools"]), len(row["prompt"])]


def said(sample: Sample) -> Iterator[Any]:
    """Everything."""
    tools = list(sample.tools)
    if sample.whole:
        yield [list(sample.messages), tools, None]
        return
    for start, end in segments(sample):
        yield [list(sample.messages[:end]), tools, start]


FORMAT = Format("trl-sft", "TRL's SFTTrainer (with assistant_only_loss)", rows, back, said)
