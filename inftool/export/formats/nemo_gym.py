"""NeMo Gym: what to ask the Responses API, and the one action that is expected.

There is a line for each step with exactly one call.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.types import JsonObject
from inftool.export.sample import Format, Lost, Row, Sample, dumps, functions


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """A line for each learned message with one call.

    It holds `responses_create_params` and `expected_action`.
    """
    steps = list(_steps(sample))
    if not steps:
        raise Lost("a conversation without a step of one call")
    for index, call in steps:
        params = {
            "input": list(_input(sample.messages[:index])),
            # The Responses API has no layer `function` around a tool, and `strict: true` would want
            # closed schemas without optional properties.
            "tools": [{"type": "function", **tool, "strict": False} for tool in functions(sample)],
            # The expected action is one call, so the model must not be invited to make several.
            "parallel_tool_calls": False,
            "tool_choice": "auto",
        }
        action = {
            "type": "function_call",
            "name": call["function"]["name"],
            "arguments": dumps(call["function"]["arguments"]),
        }
        yield "train", {"responses_create_params": params, "expected_action": action}


def _steps(sample: Sample) -> Iterator[tuple[int, ToolCallMessage]]:
    for index, message in enumerate(sample.messages):
        # A masked step would make the mistake in it the expected action.
        if sample.learn[index] and len(message.get("tool_calls", ())) == 1:
            yield index, message["tool_calls"][0]


def _input(messages: Sequence[ChatMessage]) -> Iterator[JsonObject]:
    for message in messages:
        if message["role"] == "tool":
            yield {
                "type": "function_call_output",
                "call_id": message["tool_call_id"],
                "output": message["content"] or "",
            }
            continue
        if message["content"]:
            yield {"role": message["role"], "content": message["content"]}
        for call in message.get("tool_calls", ()):
            function = call["function"]
            yield {
                "type": "function_call",
                "call_id": call["id"],
                "name": function["name"],
                "arguments": dumps(function["arguments"]),
            }


def back(file: str, row: JsonObject) -> object:
    """What was said before, the tools, and the call."""
    params, action = row["responses_create_params"], row["expected_action"]
    before: list[Any] = []
    for item in params["input"]:
        if item.get("type") == "function_call":
            before.append(["call", item["call_id"], item["name"], json.loads(item["arguments"])])
        elif item.get("type") == "function_call_output":
            before.append(["result", item["call_id"], item["output"]])
        else:
            before.append([item["role"], item["content"]])
    tools = [
        {key: value for key, value in tool.items() if key not in ("type", "strict")}
        for tool in params["tools"]
    ]
    return [before, tools, action["name"], json.loads(action["arguments"])]


def said(sample: Sample) -> Iterator[object]:
    """The same."""
    for index, call in _steps(sample):
        before: list[Any] = []
        for message in sample.messages[:index]:
            if message["role"] == "tool":
                before.append(["result", message["tool_call_id"], message["content"] or ""])
                continue
            if message["content"]:
                before.append([message["role"], message["content"]])
            before += [
                ["call", made["id"], made["function"]["name"], made["function"]["arguments"]]
                for made in message.get("tool_calls", ())
            ]
        yield [before, functions(sample), call["function"]["name"], call["function"]["arguments"]]


FORMAT = Format("nemo-gym", "NeMo Gym (single actions)", rows, back, said)
