"""prime-rl's SFT: `messages`, and `tools` as JSON text; one row for each conversation."""

from __future__ import annotations

import json
from collections.abc import Iterator

from inftool.core.types import JsonObject
from inftool.export.sample import (
    Format,
    Row,
    Sample,
    dumps,
    learned_whole,
    with_object_arguments,
    with_text_arguments,
)


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """One line: `messages` with arguments as JSON text, and `tools`."""
    # A row is a branch of a conversation without a mask: all its assistant messages are learned.
    learned_whole(sample)
    yield (
        "train",
        {"messages": with_text_arguments(sample.messages), "tools": dumps(list(sample.tools))},
    )


def back(file: str, row: JsonObject) -> object:
    """Messages and tools."""
    return [with_object_arguments(row["messages"]), json.loads(row["tools"])]


def said(sample: Sample) -> Iterator[object]:
    """Everything."""
    yield [list(sample.messages), list(sample.tools)]


FORMAT = Format("prime-rl", "prime-rl's SFT", rows, back, said)
