"""The text format of Hermes and Qwen: tools in the system message, calls and results in tags."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from inftool.core.chat import ToolCallMessage
from inftool.core.types import JsonObject
from inftool.export.sample import Format, Row, Sample, dumps, learned_whole

# Our wording around the tags; reading back finds the tools between these two texts.
_ASK = (
    "\n\n# Tools\n\nYou may call one or more functions to assist with the user query. The "
    "signatures of the functions are within <tools></tools>:\n<tools>\n"
)
_HOW = (
    "\n</tools>\n\nFor each call, write a JSON object with its name and arguments within "
    'tags:\n<tool_call>\n{"name": ..., "arguments": {...}}\n</tool_call>'
)
_CALL = re.compile(r"<tool_call>\n(.*?)\n</tool_call>", re.DOTALL)
_RESULT = re.compile(r"<tool_response>\n(.*?)\n</tool_response>", re.DOTALL)


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """One line: `conversations`, whose parts have `from` (system, human, gpt, tool) and `value`."""
    learned_whole(sample)
    parts = [{"from": "system", "value": _system(sample)}]
    for message in sample.messages:
        role, text = message["role"], message["content"] or ""
        if role == "user":
            parts.append({"from": "human", "value": text})
        elif role == "tool":
            result = dumps({"name": message["name"], "content": text})
            value = f"<tool_response>\n{result}\n</tool_response>"
            # The results of parallel calls share one turn, each in tags of its own.
            if parts[-1]["from"] == "tool":
                parts[-1]["value"] += f"\n{value}"
            else:
                parts.append({"from": "tool", "value": value})
        elif role == "assistant":
            calls = [
                f"<tool_call>\n{dumps(_bare(call))}\n</tool_call>"
                for call in message.get("tool_calls", ())
            ]
            parts.append({"from": "gpt", "value": "\n".join([text, *calls] if text else calls)})
    yield "train", {"conversations": parts}


def _system(sample: Sample) -> str:
    text = "\n\n".join(
        message["content"] or "" for message in sample.messages if message["role"] == "system"
    )
    return f"{text}{_ASK}" + "\n".join(dumps(tool) for tool in sample.tools) + _HOW


def _bare(call: ToolCallMessage) -> JsonObject:
    return {"name": call["function"]["name"], "arguments": call["function"]["arguments"]}


def back(file: str, row: JsonObject) -> object:
    """Tools, and what each side said, called and answered."""
    system, *rest = row["conversations"]
    text, _, tools = system["value"].rpartition(_ASK)
    found: list[Any] = [
        text,
        [json.loads(line) for line in tools.removesuffix(_HOW).split("\n") if line],
    ]
    for part in rest:
        if part["from"] == "tool":
            found += [
                ["tool", *json.loads(answer).values()] for answer in _RESULT.findall(part["value"])
            ]
        elif part["from"] == "gpt":
            # Real JSON with double quotes: a Python literal would pass many readers and fail
            # others.
            calls = [json.loads(call) for call in _CALL.findall(part["value"])]
            found.append(
                [
                    "gpt",
                    part["value"].split("<tool_call>\n")[0].removesuffix("\n")
                    if calls
                    else part["value"],
                    calls,
                ]
            )
        else:
            found.append([part["from"], part["value"]])
    return found


def said(sample: Sample) -> Iterator[object]:
    """The same; the ids of calls are not kept, their order is."""
    found: list[Any] = [
        "\n\n".join(m["content"] or "" for m in sample.messages if m["role"] == "system"),
        list(sample.tools),
    ]
    for message in sample.messages:
        if message["role"] == "tool":
            found.append(["tool", message["name"], message["content"] or ""])
        elif message["role"] == "assistant":
            found.append(
                [
                    "gpt",
                    message["content"] or "",
                    [_bare(call) for call in message.get("tool_calls", ())],
                ]
            )
        elif message["role"] == "user":
            found.append(["human", message["content"] or ""])
    yield found


FORMAT = Format(
    "hermes", "whatever reads ShareGPT with Hermes or Qwen tool calls", rows, back, said
)
