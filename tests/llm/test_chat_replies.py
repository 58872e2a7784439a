"""Replies of the chat protocol: text, reasoning, calls, token counts, and nonsense."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inftool.core.errors import (
    NonsenseError,
)
from inftool.llm.chat_replies import to_create_result
from inftool.llm.config import Endpoint
from tests.support.chat_requests import reply


def test_a_reply_is_read_whatever_the_server_calls_things() -> None:
    endpoint = Endpoint(model="m")
    calls = [
        {"id": "x", "function": {"name": "find", "arguments": {"q": "a"}}},
        {"id": "y", "function": {"name": "find", "arguments": '{"q":"b"}'}},
    ]
    made = to_create_result(
        reply({"tool_calls": calls, "reasoning_content": "hm"}), endpoint, sent=400, offered=True
    )
    assert made.thought == "hm"
    assert [
        json.loads(call.arguments)["q"] for call in made.content if not isinstance(call, str)
    ] == ["a", "b"]
    thinking = to_create_result(
        reply({"content": "<think>\nlet me see\n</think>\n\nHello"}),
        endpoint,
        sent=400,
        offered=True,
    )
    assert (thinking.content, thinking.thought) == ("Hello", "let me see")
    parts = to_create_result(
        reply({"content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]}),
        endpoint,
        sent=400,
        offered=True,
    )
    assert parts.content == "Hello"


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens": -1, "completion_tokens": 0},
        {"prompt_tokens": "9", "completion_tokens": True},
        {"prompt_tokens": 10**9},
        "none",
        [1],
    ],
)
def test_wrong_counts_are_estimated(usage: Any) -> None:
    made = to_create_result(
        reply({"content": "Hello"}, usage=usage), Endpoint(model="m"), sent=4000, offered=False
    )
    assert made.usage.prompt_tokens == 1000
    assert 0 < made.usage.completion_tokens < 100


@pytest.mark.parametrize(
    "nothing",
    [
        None,
        [],
        {},
        "text",
        7,
        {"choices": []},
        {"choices": [{}]},
        reply({"content": "  "}),
        reply({"tool_calls": [{}]}),
    ],
)
def test_what_is_no_completion_is_nonsense(nothing: Any) -> None:
    with pytest.raises(NonsenseError):
        to_create_result(nothing, Endpoint(model="m"), sent=100, offered=True)
