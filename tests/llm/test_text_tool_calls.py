"""Tool calls as text: written, read back, and refused if they are not exact."""

from __future__ import annotations

import json

import pytest

from inftool.core.errors import (
    NonsenseError,
)
from inftool.llm.chat_replies import to_create_result
from inftool.llm.config import Endpoint
from inftool.llm.text_tool_calls import read_calls
from tests.support.chat_requests import ANSWERS, ASK, CALLS, SYSTEM, body, reply


def test_calls_as_text_go_there_and_back() -> None:
    endpoint = Endpoint(model="m", tool_calls="hermes")
    made = body(endpoint, [SYSTEM, ASK, CALLS, ANSWERS])
    assert "tools" not in made
    assert '"name": "find"' in made["messages"][0]["content"]
    assert [row["role"] for row in made["messages"]] == ["system", "user", "assistant", "user"]
    assert made["messages"][3]["content"].count("<tool_response>") == 2
    back = to_create_result(
        reply({"content": f"Let me look.\n{made['messages'][2]['content']}"}),
        endpoint,
        sent=1,
        offered=True,
    )
    assert not isinstance(back.content, str)
    assert [(call.name, json.loads(call.arguments)) for call in back.content] == [
        ("find", {"q": "a"}),
        ("find", {"q": "b"}),
    ]
    assert len({call.id for call in back.content}) == 2
    assert (back.thought, getattr(back, "text", None)) == (None, "Let me look.")


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>{"name": "find", "arguments": {}}',
        "</tool_call><tool_call>",
        '<tool_call>{"name": "find"}</tool_call>',
        '<tool_call>{"name": "find", "arguments": "{}"}</tool_call>',
        "<tool_call>[1]</tool_call>",
        '<tool_call>{"name": 1, "arguments": {}}</tool_call>',
        '<tool_call>{"name": "find", "arguments": {}, "x": 1}</tool_call>',
        '<tool_call>{"name": "find", "arguments": {}}</tool_call> and more',
        '<tool_call><tool_call>{"name": "find", "arguments": {}}</tool_call></tool_call>',
        "<tool_call>find(q='a')</tool_call>",
    ],
)
def test_calls_as_text_are_read_strictly(text: str) -> None:
    with pytest.raises(NonsenseError):
        read_calls(text)
