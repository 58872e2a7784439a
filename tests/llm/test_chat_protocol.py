"""Requests and replies of the chat protocol: bodies, usage, reasoning, parallel and text calls,
structured output."""

from __future__ import annotations

import json
from typing import Any

import pytest
from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import ToolSchema
from pydantic import BaseModel, ValidationError

from inftool.core.errors import (
    AddressError,
    FatalError,
    NonsenseError,
    RetryableError,
    StructuralError,
)
from inftool.core.types import JsonObject
from inftool.llm.chat_protocol import CompletionRequest, Schemas
from inftool.llm.chat_replies import to_create_result
from inftool.llm.config import Endpoint
from inftool.llm.error_mapping import refusal, wait_asked
from inftool.llm.text_tool_calls import read_calls

TOOL: ToolSchema = {
    "name": "find",
    "description": "Find it.",
    "parameters": {"type": "object", "properties": {"q": {"type": "string"}}},
}
SYSTEM, ASK = SystemMessage(content="Help."), UserMessage(content="Find a and b", source="user")
CALLS = AssistantMessage(
    content=[
        FunctionCall(id="c1", name="find", arguments='{"q": "a"}'),
        FunctionCall(id="c2", name="find", arguments='{"q": "b"}'),
    ],
    source="assistant",
    thought="two things",
)
ANSWERS = FunctionExecutionResultMessage(
    content=[
        FunctionExecutionResult(content=text, name="find", call_id=call, is_error=False)
        for call, text in (("c1", "A"), ("c2", "B"))
    ]
)


class Colour(BaseModel):
    name: str


def body(
    endpoint: Endpoint,
    messages: list[LLMMessage],
    *,
    request: CompletionRequest | None = None,
    wanted: Any = None,
    **extra: Any,
) -> JsonObject:
    made: JsonObject = json.loads(
        (request or CompletionRequest(endpoint, Schemas())).body(
            messages, [TOOL], "auto", wanted, extra
        )
    )
    return made


def reply(message: JsonObject, **more: Any) -> JsonObject:
    return {
        "choices": [{"message": {"role": "assistant", **message}, "finish_reason": "stop"}],
        **more,
    }


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


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (429, "slow down", {}, RetryableError),
        (500, "", {}, RetryableError),
        (503, "", {}, RetryableError),
        (408, "", {}, RetryableError),
        (400, '{"error": {"message": "context_length_exceeded"}}', {}, StructuralError),
        (422, "", {}, StructuralError),
        (501, "", {}, StructuralError),
        (401, "", {}, FatalError),
        (403, "", {}, FatalError),
        (404, "no such model", {}, AddressError),
        (302, "", {}, AddressError),
        (402, "", {}, FatalError),
        (429, '{"error": {"code": "insufficient_quota"}}', {}, FatalError),
        (500, "", {"x-should-retry": "false"}, StructuralError),
        (400, "", {"x-should-retry": "true"}, RetryableError),
    ],
)
def test_every_status_has_its_class(
    status: int, body: str, headers: dict[str, str], kind: type[Exception]
) -> None:
    error = refusal(Endpoint(model="m"), status, headers, body, "sk-secret")
    assert type(error) is kind
    assert error.fatal == issubclass(kind, FatalError)


def test_a_key_that_comes_back_is_blotted_out() -> None:
    assert "sk-secret" not in str(
        refusal(
            Endpoint(model="m"),
            400,
            {},
            '{"error": {"message": "Incorrect: sk-secret"}}',
            "sk-secret",
        )
    )


def test_waits_are_read_as_openai_reads_them() -> None:
    assert wait_asked({"retry-after-ms": "1500"}) == 1.5
    assert wait_asked({"retry-after": "3"}) == 3
    assert wait_asked({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}) == 120
    for nonsense in (
        {},
        {"retry-after": "soon"},
        {"retry-after": "-1"},
        {"retry-after": "Wed, 21 Oct 1999 07:28:00 GMT"},
        {"retry-after-ms": "x"},
    ):
        assert wait_asked(nonsense) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://me:key@host/v1"},
        {"base_url": "host/v1"},
        {"base_url": "http://h/v1?key=1"},
        {"extra": {"model": "x"}},
    ],
)
def test_an_address_holds_no_secret_and_settings_no_nonsense(wrong: JsonObject) -> None:
    with pytest.raises(ValidationError):
        Endpoint(model="m", **wrong)
