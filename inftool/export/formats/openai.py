"""The OpenAI chat format, as its fine-tuning API reads it; masked messages have the weight 0."""

from __future__ import annotations

from collections.abc import Iterator

from inftool.core.types import JsonObject
from inftool.export.sample import (
    Format,
    Row,
    Sample,
    with_object_arguments,
    with_text_arguments,
    without,
)


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """One line: `messages` and `tools`."""
    messages = []
    for message, learn in zip(with_text_arguments(sample.messages), sample.learn, strict=True):
        row = without(message, "name")
        messages.append(
            {**row, "weight": 0} if message["role"] == "assistant" and not learn else row
        )
    yield "train", {"messages": messages, "tools": list(sample.tools)}


def back(file: str, row: JsonObject) -> object:
    """Messages, tools and which of them are learned from."""
    learn = [
        message["role"] == "assistant" and message.get("weight") != 0 for message in row["messages"]
    ]
    return [
        [without(message, "weight") for message in with_object_arguments(row["messages"])],
        row["tools"],
        learn,
    ]


def said(sample: Sample) -> Iterator[object]:
    """All but the names in the results, which the ids already give."""
    yield [
        [without(message, "name") for message in sample.messages],
        list(sample.tools),
        list(sample.learn),
    ]


FORMAT = Format("openai", "OpenAI fine-tuning, and most things that read chats", rows, back, said)
