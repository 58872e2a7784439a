"""Scripted lines take values from earlier results."""

from __future__ import annotations

import json
from typing import Any

from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    UserMessage,
)

from inftool.agents.scripted.line_client import Lines


def test_lines_resolve_what_came_before() -> None:
    lines = Lines(
        [
            [("a", {"x": 1}), ("b", {})],
            ("c", {"y": {"$from": "s2", "at": "/id"}}),
            "It is {s3} and {s1/v}.",
        ]
    )
    messages: list[Any] = [UserMessage(content="go", source="user")]
    calls = lines.next(messages)
    assert not isinstance(calls, str)
    assert [call.id for call in calls] == ["s1", "s2"]
    messages += [AssistantMessage(content=calls, source="assistant")]
    messages += [
        FunctionExecutionResultMessage(
            content=[
                FunctionExecutionResult(content=text, name="", call_id=i)
                for i, text in (("s1", '{"v": "2026-03-03"}'), ("s2", '{"id": 9}'))
            ]
        )
    ]
    calls = lines.next(messages)
    assert not isinstance(calls, str)
    assert json.loads(calls[0].arguments) == {"y": 9}
    messages += [AssistantMessage(content=calls, source="assistant")]
    messages += [
        FunctionExecutionResultMessage(
            content=[FunctionExecutionResult(content="fine", name="", call_id="s3")]
        )
    ]
    assert lines.next(messages) == "It is fine and 3 March 2026."
