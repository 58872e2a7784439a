"""LLaMA-Factory's sharegpt layout, with its `dataset_info.json`.

It wants human or observation and gpt or function_call in turn, and an even number of parts. A
conversation that breaks this order would be skipped there with only a warning; here it is left out
and counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from inftool.core.types import JsonObject
from inftool.export.sample import Format, Lost, Row, Sample, dumps, functions, learned_whole

# LLaMA-Factory counts turns from 1: odd ones must be human or observation, even ones gpt or
# function_call, and it skips a conversation that breaks this with only a warning.
_ASKS, _ANSWERS = ("human", "observation"), ("gpt", "function_call")


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """One line: `conversations`, `system`, `tools` (JSON text).

    Parallel calls are one list, and so are their results.
    """
    learned_whole(sample)
    parts = list(_parts(sample))
    for index, (speaker, _) in enumerate(parts):
        if speaker not in (_ANSWERS if index % 2 else _ASKS):
            raise Lost("a conversation in which the sides do not take turns")
    # A conversation that ends with the user has nothing to learn at its end, and is skipped there.
    if len(parts) % 2:
        raise Lost("a conversation in which the sides do not take turns")
    conversations = [
        {"from": speaker, "value": value if isinstance(value, str) else dumps(value)}
        for speaker, value in parts
    ]
    yield (
        "train",
        {
            "conversations": conversations,
            "system": _system(sample),
            "tools": dumps(functions(sample)),
        },
    )


def _system(sample: Sample) -> str:
    return "\n\n".join(
        message["content"] or "" for message in sample.messages if message["role"] == "system"
    )


def _parts(sample: Sample) -> Iterator[tuple[str, Any]]:
    waiting: list[str] = []
    for message in sample.messages:
        if message["role"] == "tool":
            waiting.append(message["content"] or "")
            continue
        if waiting:
            # The results of parallel calls are one turn, or the sides would not take turns.
            yield "observation", waiting if len(waiting) > 1 else waiting[0]
            waiting = []
        if message["role"] == "user":
            yield "human", message["content"] or ""
        elif message["role"] == "assistant":
            calls = [
                {"name": call["function"]["name"], "arguments": call["function"]["arguments"]}
                for call in message.get("tool_calls", ())
            ]
            # `formatting: openai` drops text beside tool calls without a word; sharegpt has no
            # place for it.
            if calls and message["content"]:
                raise Lost("words beside calls, which this format drops")
            yield (
                ("function_call", calls if len(calls) > 1 else calls[0])
                if calls
                else ("gpt", message["content"] or "")
            )


def back(file: str, row: JsonObject) -> object:
    """The system's words, the tools, and each part."""
    parts: list[Any] = []
    calls = 1
    for part in row["conversations"]:
        value = part["value"]
        if part["from"] == "function_call":
            value = json.loads(value)
            calls = len(value) if isinstance(value, list) else 1
        # One result is plain text and may itself look like a JSON list: only the number of calls
        # tells.
        elif part["from"] == "observation" and calls > 1:
            value = json.loads(value)
        parts.append([part["from"], value])
    return [row["system"], json.loads(row["tools"]), parts]


def said(sample: Sample) -> Iterator[object]:
    """The same; the ids of calls and the names in results are not kept, their order is."""
    yield [_system(sample), functions(sample), [list(part) for part in _parts(sample)]]


def beside(counts: dict[str, int]) -> dict[str, JsonObject]:
    """The description that LLaMA-Factory needs."""
    columns = {"messages": "conversations", "system": "system", "tools": "tools"}
    return {
        "dataset_info.json": {
            "inftool": {"file_name": "train.jsonl", "formatting": "sharegpt", "columns": columns}
        }
    }


FORMAT = Format(
    "llamafactory", "LLaMA-Factory (formatting: sharegpt)", rows, back, said, beside=beside
)
