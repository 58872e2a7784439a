"""Requests of the OpenAI chat protocol: AutoGen messages and tools become a request body."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Literal, cast

from autogen_core.models import (
    AssistantMessage,
    FunctionExecutionResultMessage,
    LLMMessage,
    SystemMessage,
)
from autogen_core.tools import Tool as AutoGenTool
from autogen_core.tools import ToolSchema
from pydantic import BaseModel

from inftool.core.chat import ChatMessage, FunctionSpec, ToolCallMessage, ToolSpec
from inftool.core.identity_cache import IdentityCache
from inftool.llm import text_tool_calls
from inftool.llm.config import Endpoint

ToolChoice = AutoGenTool | Literal["auto", "required", "none"]
AnyTool = AutoGenTool | ToolSchema
JsonOutput = bool | type[BaseModel] | None
"""True: any JSON object; a model class: JSON of its schema; False or None: text."""

# More tools than any run offers, so that each is encoded once.
_MAX_ENCODED_TOOLS = 50_000

# The protocol's separators without spaces: long conversations are sent again with every request.
encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class CallsMessage(AssistantMessage):
    """An assistant's message of tool calls, with the text that came beside them."""

    text: str | None = None
    """What the model said to the user along with its calls; AutoGen's own record drops it."""


def openai_messages(messages: Sequence[LLMMessage]) -> list[ChatMessage]:
    """AutoGen's messages in the OpenAI chat format.

    Tool calls keep their arguments as the JSON text that the model wrote. A message with the
    results of several calls becomes one `tool` message for each result.
    """
    return [row for message in messages for row in _chat_messages(message)]


def _chat_messages(message: LLMMessage) -> list[ChatMessage]:
    if isinstance(message, AssistantMessage):
        return [_assistant_message(message)]
    if isinstance(message, FunctionExecutionResultMessage):
        return [
            {
                "role": "tool",
                "tool_call_id": result.call_id,
                "name": result.name,
                "content": result.content,
            }
            for result in message.content
        ]
    if isinstance(message, SystemMessage):
        return [{"role": "system", "content": message.content}]
    content = message.content
    text = content if isinstance(content, str) else json.dumps(content)
    return [{"role": "user", "content": text}]


def _assistant_message(message: AssistantMessage) -> ChatMessage:
    row: ChatMessage
    if isinstance(message.content, str):
        row = {"role": "assistant", "content": message.content}
    else:
        calls: list[ToolCallMessage] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.content
        ]
        text = message.text if isinstance(message, CallsMessage) else None
        row = {"role": "assistant", "content": text, "tool_calls": calls}
    if message.thought:
        row["reasoning_content"] = message.thought
    return row


class Schemas:
    """The JSON of tools, encoded once and shared by every conversation that offers them."""

    def __init__(self) -> None:
        self._encoded: IdentityCache[AnyTool, bytes] = IdentityCache(_MAX_ENCODED_TOOLS)

    def json(self, tools: Sequence[AnyTool]) -> bytes:
        """Tools as the JSON list of a request."""
        return b"[" + b",".join([self._one(tool) for tool in tools]) + b"]"

    def _one(self, tool: AnyTool) -> bytes:
        encoded = self._encoded.get(tool)
        if encoded is None:
            encoded = self._encoded.put(tool, encode(function(tool)).encode())
        return encoded


class CompletionRequest:
    """The request bodies of one conversation.

    Each request repeats the messages of the one before, so each message is encoded only once. A
    message counts as known while it is the same object at the same position.
    """

    __slots__ = ("_encoded", "_endpoint", "_head", "_known", "_schemas", "_tail")

    def __init__(self, endpoint: Endpoint, schemas: Schemas) -> None:
        self._endpoint = endpoint
        self._schemas = schemas
        self._known: list[LLMMessage] = []
        self._encoded: list[bytes] = []
        self._head = encode({"model": endpoint.model}).encode()[:-1] + b',"messages":['
        self._tail = _tail(sampling(endpoint))

    def body(
        self,
        messages: Sequence[LLMMessage],
        tools: Sequence[AnyTool],
        choice: ToolChoice,
        json_output: JsonOutput,
        extra: Mapping[str, object],
    ) -> bytes:
        """The JSON of a request; `extra` goes into the body as it is and wins over the endpoint."""
        textual = self._endpoint.tool_calls == "hermes"
        rows = self._encode_messages(messages, textual)
        if textual and tools:
            # The tools stand in the system message, so it is encoded again.
            specs = [function(tool) for tool in tools]
            system = text_tool_calls.with_instructions(openai_messages(messages[:1]), specs)[0]
            rows = [encode(system).encode(), *rows[1:]]
        parts = [self._head, b",".join(rows), b"]"]
        if tools and not textual:
            parts += self._tool_parts(tools, choice)
        if json_output and (shape := response_format(json_output, self._endpoint)):
            parts += [b',"response_format":', encode(shape).encode()]
        parts.append(_tail(sampling(self._endpoint) | dict(extra)) if extra else self._tail)
        return b"".join(parts)

    def _encode_messages(self, messages: Sequence[LLMMessage], textual: bool) -> list[bytes]:
        """The JSON of each message; an AutoGen message of several results is several rows."""
        known = self._known
        unchanged = 0
        for before, message in zip(known, messages, strict=False):
            if before is not message:
                break
            unchanged += 1
        if unchanged < len(known):
            del known[unchanged:], self._encoded[unchanged:]
        for message in messages[unchanged:]:
            known.append(message)
            rows = self._rows(message, textual)
            self._encoded.append(b",".join([encode(row).encode() for row in rows]))
        return self._encoded

    def _rows(self, message: LLMMessage, textual: bool) -> list[ChatMessage]:
        rows = _chat_messages(message)
        if not self._endpoint.send_reasoning:
            for row in rows:
                row.pop("reasoning_content", None)
        return text_tool_calls.calls_as_text(rows) if textual else rows

    def _tool_parts(self, tools: Sequence[AnyTool], choice: ToolChoice) -> list[bytes]:
        parts = [
            b',"tools":',
            self._schemas.json(tools),
            b',"tool_choice":',
            encode(_tool_choice(choice, self._endpoint)).encode(),
        ]
        # Left out unless it is set: some servers refuse the key.
        if self._endpoint.parallel_tool_calls is not None:
            flag = b"true" if self._endpoint.parallel_tool_calls else b"false"
            parts.append(b',"parallel_tool_calls":' + flag)
        return parts


def sampling(endpoint: Endpoint) -> dict[str, object]:
    """An endpoint's sampling settings under the protocol's names; settings of None are left out."""
    settings: dict[str, object] = {
        key: value
        for key in ("temperature", "top_p", "max_tokens", "seed")
        if (value := getattr(endpoint, key)) is not None
    }
    if endpoint.stop:
        settings["stop"] = list(endpoint.stop)
    return settings | endpoint.extra


def _tail(settings: Mapping[str, object]) -> bytes:
    """The end of a body, which closes it: `{"seed": 1}` -> `,"seed":1}`."""
    return b"," + encode(settings).encode()[1:] if settings else b"}"


def function(tool: AnyTool) -> ToolSpec:
    """A tool in the OpenAI chat format."""
    schema = tool if isinstance(tool, dict) else tool.schema
    # The keys are named, since AutoGen adds `strict`, which not every server takes.
    spec = {key: schema[key] for key in ("name", "description", "parameters") if key in schema}
    return {"type": "function", "function": cast(FunctionSpec, spec)}


def _tool_choice(choice: ToolChoice, endpoint: Endpoint) -> object:
    if isinstance(choice, str):
        return endpoint.tool_choice if choice == "auto" else choice
    return {"type": "function", "function": {"name": choice.name}}


def response_format(
    json_output: Literal[True] | type[BaseModel], endpoint: Endpoint
) -> dict[str, object] | None:
    """The `response_format` that asks for JSON; None where an endpoint takes none."""
    if endpoint.structured == "none":
        return None
    if isinstance(json_output, bool) or endpoint.structured == "object":
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "json_schema": {
            "name": json_output.__name__,
            "strict": True,
            "schema": json_output.model_json_schema(),
        },
    }
