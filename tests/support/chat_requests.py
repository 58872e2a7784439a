"""A small conversation with parallel calls: its request bodies, and replies of an endpoint."""

from __future__ import annotations

import json
from typing import Any

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

from inftool.core.types import JsonObject
from inftool.llm.chat_protocol import CompletionRequest, Schemas
from inftool.llm.config import Endpoint

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
