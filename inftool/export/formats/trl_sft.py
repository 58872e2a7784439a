"""TRL's SFTTrainer: `messages` with arguments as objects, and `tools` as JSON text.

Arrow would pad tools as objects with nulls. A conversation of which only a part is to be learned
goes to a second file as `prompt` and `completion`; TRL computes the loss on the completion alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from inftool.core.types import JsonObject
from inftool.export.sample import Format, Row, Sample, dumps, segments


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """A whole conversation, or one line for each stretch of it that is learned from."""
    # Arrow pads the schemas of a `tools` column with the null keys of all other rows, which then
    # reach the chat template. JSON text is not touched.
    tools = dumps(list(sample.tools))
    if sample.whole:
        yield "train", {"messages": list(sample.messages), "tools": tools}
        return
    # TRL's `assistant_only_loss` learns from all assistant messages or from none, so a masked one
    # has to move into the prompt.
    for start, end in segments(sample):
        yield (
            "partial",
            {
                "prompt": list(sample.messages[:start]),
                "completion": list(sample.messages[start:end]),
                "tools": tools,
            },
        )


def back(file: str, row: JsonObject) -> object:
    """Messages, tools, and from which message on they are learned from."""
    if file == "train":
        return [row["messages"], json.loads(row["tools"]), None]
    return [[*row["prompt"], *row["completion"]], json.loads(row["tools"]), len(row["prompt"])]


def said(sample: Sample) -> Iterator[object]:
    """Everything."""
    tools = list(sample.tools)
    if sample.whole:
        yield [list(sample.messages), tools, None]
        return
    for start, end in segments(sample):
        yield [list(sample.messages[:end]), tools, start]


FORMAT = Format("trl-sft", "TRL's SFTTrainer (with assistant_only_loss)", rows, back, said)
