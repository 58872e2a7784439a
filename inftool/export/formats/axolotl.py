"""axolotl's `type: chat_template`.

Arguments and parameters are JSON text, since their types vary from row to row, and each message
says whether to `train` on it (`message_field_training: train`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from inftool.core.types import JsonObject
from inftool.export.sample import (
    Format,
    Row,
    Sample,
    dumps,
    with_object_arguments,
    with_text_arguments,
    without,
)


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """One line: `messages`, and `tools` whose `parameters` are JSON text."""
    messages = [
        {**message, "train": learn}
        for message, learn in zip(with_text_arguments(sample.messages), sample.learn, strict=True)
    ]
    # As objects, `parameters` of different shapes would be merged into one Arrow struct, and every
    # schema would be padded with the null keys of all others. JSON text is left as it is.
    tools = [
        {
            **tool,
            "function": {**tool["function"], "parameters": dumps(tool["function"]["parameters"])},
        }
        for tool in sample.tools
    ]
    yield "train", {"messages": messages, "tools": tools}


def back(file: str, row: JsonObject) -> object:
    """Messages, tools and which of the messages are learned from."""
    messages = [without(message, "train") for message in with_object_arguments(row["messages"])]
    tools = [
        {
            **tool,
            "function": {
                **tool["function"],
                "parameters": json.loads(tool["function"]["parameters"]),
            },
        }
        for tool in row["tools"]
    ]
    # `train` is compared with the mask, not only the text: a masked message that is learned from
    # would be the worse mistake of the two.
    return [messages, tools, [message["train"] for message in row["messages"]]]


def said(sample: Sample) -> Iterator[object]:
    """Everything."""
    yield [list(sample.messages), list(sample.tools), list(sample.learn)]


FORMAT = Format(
    "axolotl", "axolotl (chat_template, message_field_training: train)", rows, back, said
)
