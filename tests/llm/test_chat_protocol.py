"""Requests of the chat protocol: settings, known messages and structured output."""

from __future__ import annotations

from typing import Any

import pytest
from autogen_core.models import (
    LLMMessage,
    UserMessage,
)
from pydantic import BaseModel

from inftool.llm.chat_protocol import CompletionRequest, Schemas
from inftool.llm.config import Endpoint
from tests.support.chat_requests import ANSWERS, ASK, CALLS, SYSTEM, TOOL, body


class Colour(BaseModel):
    name: str


def test_a_request_says_all_that_was_set() -> None:
    endpoint = Endpoint(
        model="m",
        temperature=0.5,
        top_p=0.9,
        max_tokens=99,
        seed=4,
        stop=("END",),
        extra={"top_k": 3},
        parallel_tool_calls=False,
        tool_choice="required",
    )
    made = body(endpoint, [SYSTEM, ASK, CALLS, ANSWERS], max_tokens=7)
    assert [row["role"] for row in made["messages"]] == [
        "system",
        "user",
        "assistant",
        "tool",
        "tool",
    ]
    assert made["messages"][2]["tool_calls"][1] == {
        "id": "c2",
        "type": "function",
        "function": {"name": "find", "arguments": '{"q": "b"}'},
    }
    assert "reasoning_content" not in made["messages"][2]
    del made["messages"]
    assert made == {
        "model": "m",
        "temperature": 0.5,
        "top_p": 0.9,
        "max_tokens": 7,
        "seed": 4,
        "stop": ["END"],
        "top_k": 3,
        "parallel_tool_calls": False,
        "tool_choice": "required",
        "tools": [{"type": "function", "function": TOOL}],
    }
    assert (
        body(Endpoint(model="m", send_reasoning=True), [ASK, CALLS])["messages"][1][
            "reasoning_content"
        ]
        == "two things"
    )


def test_what_was_sent_before_is_not_written_again_and_still_right() -> None:
    endpoint = Endpoint(model="m")
    messages: list[LLMMessage] = [SYSTEM, ASK]
    request = CompletionRequest(endpoint, Schemas())
    first = body(endpoint, list(messages), request=request)
    later = body(endpoint, [*messages, CALLS, ANSWERS], request=request)
    assert later["messages"][:2] == first["messages"]
    assert later == body(endpoint, [*messages, CALLS, ANSWERS])
    assert (
        body(endpoint, [SYSTEM, UserMessage(content="else", source="user")], request=request)[
            "messages"
        ][1]["content"]
        == "else"
    )


@pytest.mark.parametrize(
    ("structured", "format"),
    [("object", {"type": "json_object"}), ("none", None), ("schema", "json_schema")],
)
def test_structured_output_is_asked_for_as_the_endpoint_has_it(
    structured: Any, format: Any
) -> None:
    found: Any = body(Endpoint(model="m", structured=structured), [ASK], wanted=Colour).get(
        "response_format"
    )
    assert (found["type"] if isinstance(format, str) else found) == format
