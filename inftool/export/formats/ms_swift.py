"""ms-swift's agent format.

Calls and results are messages of their own (`tool_call`, `tool_response`); tools are JSON text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inftool.core.chat import ToolCallMessage
from inftool.core.types import JsonObject
from inftool.export.sample import Format, Row, Sample, dumps, learned_whole


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """One line: `messages` and `tools`; several `tool_call` rows in a row are parallel calls."""
    learned_whole(sample)
    messages = []
    for message in sample.messages:
        if message["role"] == "tool":
            messages.append({"role": "tool_response", "content": message["content"] or ""})
            continue
        # Words beside calls come first, as a message of their own; a message of calls alone has
        # none.
        if message["content"] or "tool_calls" not in message:
            messages.append({"role": message["role"], "content": message["content"] or ""})
        # Repeated `tool_call` messages mean parallel calls; each holds one call as JSON text.
        for call in message.get("tool_calls", ()):
            messages.append({"role": "tool_call", "content": dumps(_bare(call))})
    yield "train", {"messages": messages, "tools": dumps(list(sample.tools))}


def _bare(call: ToolCallMessage) -> JsonObject:
    return {"name": call["function"]["name"], "arguments": call["function"]["arguments"]}


def back(file: str, row: JsonObject) -> object:
    """The tools and each message."""
    parts = [
        [
            part["role"],
            json.loads(part["content"]) if part["role"] == "tool_call" else part["content"],
        ]
        for part in row["messages"]
    ]
    return [json.loads(row["tools"]), parts]


def said(sample: Sample) -> Iterator[object]:
    """The same; the ids of calls and the names in results are not kept, their order is."""
    parts: list[Any] = []
    for message in sample.messages:
        if message["role"] == "tool":
            parts.append(["tool_response", message["content"] or ""])
            continue
        calls = [["tool_call", _bare(call)] for call in message.get("tool_calls", ())]
        parts += [
            *(
                []
                if calls and not message["content"]
                else [[message["role"], message["content"] or ""]]
            ),
            *calls,
        ]
    yield [list(sample.tools), parts]


FORMAT = Format("ms-swift", "ms-swift", rows, back, said)
