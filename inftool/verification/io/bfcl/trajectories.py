"""BFCL's questions and calls as trajectories: nobody answered the calls, and there is no world."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count, zip_longest
from typing import cast

from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.trajectories import Trajectory
from inftool.verification.io.bfcl.function_docs import FunctionDoc, offered
from inftool.verification.io.bfcl.python_calls import named
from inftool.verification.io.bfcl.results import Said, SaidCall


def trajectory_of(
    name: str,
    question: Sequence[object] | None,
    functions: Sequence[FunctionDoc],
    calls: Sequence[SaidCall],
    *,
    code: bool = False,
) -> Trajectory:
    """A question, all its turns in one, and the calls that end the trajectory.

    `question` is a list of messages, or of turns that are lists of messages. `code`: see `offered`.
    """
    return turns_of(name, question, functions, [[list(calls)]] if calls else [[]], code=code)


def turns_of(
    name: str,
    question: Sequence[object] | None,
    functions: Sequence[FunctionDoc],
    turns: Sequence[Sequence[Said]],
    *,
    code: bool = False,
) -> Trajectory:
    """The same where it is known which of the user's turns each call and word belongs to."""
    asked = [turn if isinstance(turn, list) else [turn] for turn in question or ()]
    if len(turns) == 1:
        asked = [[message for turn in asked for message in turn]]
    names, tools = offered(functions, code=code) if functions else ({}, ())
    messages: list[ChatMessage] = []
    numbers = count()
    for asked_in_turn, steps in zip_longest(asked, turns, fillvalue=()):
        # The format gate checks what the file holds beside role and content.
        requests = [cast(ChatMessage, item) for item in asked_in_turn if isinstance(item, dict)]
        # BFCL says nothing where it only offers more functions.
        messages += requests or [{"role": "user", "content": ""}]
        for said in steps:
            if not isinstance(said, list):
                messages.append({"role": "assistant", "content": str(said)})
            elif said:
                calls = [
                    _call(f"call_{next(numbers)}", names.get(function, function), arguments)
                    for function, arguments in named(said, functions)
                ]
                messages.append({"role": "assistant", "content": None, "tool_calls": calls})
    return Trajectory(
        id=name,
        messages=tuple(messages),
        tools=tools,
        provenance={"format": "bfcl", "results": False},
    )


def _call(call_id: str, tool: str, arguments: object) -> ToolCallMessage:
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False)
    return {"id": call_id, "type": "function", "function": {"name": tool, "arguments": arguments}}
