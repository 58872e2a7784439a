"""Requests and replies of the OpenAI chat protocol: AutoGen's messages become a body, a reply becomes AutoGen's record."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from autogen_core import FunctionCall
from autogen_core.models import (
    AssistantMessage,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    RequestUsage,
    SystemMessage,
)
from autogen_core.tools import Tool as AutoGenTool
from autogen_core.tools import ToolSchema
from pydantic import BaseModel

from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import NonsenseError
from inftool.core.identity_cache import IdentityCache
from inftool.core.types import JsonObject
from inftool.llm import text_tool_calls
from inftool.llm.config import Endpoint

ToolChoice = AutoGenTool | Literal["auto", "required", "none"]
AnyTool = AutoGenTool | ToolSchema
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
# Some templates open the thinking themselves: only its end is in the reply then.
_THINKING = re.compile(r"^\s*(?:<think>)?(.*?)</think>", re.DOTALL)
# A chat template adds tokens of its own around what was sent; more than this is a wrong count.
_TEMPLATE_TOKENS = 4096
_MOST_OUT = 1_000_000


class Reply(CreateResult):
    """A completion whose calls came with `words` for the user; `thought` is the model's reasoning only."""

    words: str | None = None


class Spoken(AssistantMessage):
    """A message of calls with the words that came beside them."""

    words: str | None = None


def openai_messages(messages: Sequence[LLMMessage]) -> list[ChatMessage]:
    """AutoGen's messages in the OpenAI chat format; tool calls keep their arguments as the JSON text the model wrote."""
    return [row for message in messages for row in _rows(message)]


def _rows(message: LLMMessage) -> list[ChatMessage]:
    if isinstance(message, AssistantMessage):
        if isinstance(message.content, str):
            row: ChatMessage = {"role": "assistant", "content": message.content}
        else:
            calls: list[ToolCallMessage] = [
                {
                    "id": c.id,
                    "type": "function",
                    "function": {"name": c.name, "arguments": c.arguments},
                }
                for c in message.content
            ]
            row = {
                "role": "assistant",
                "content": message.words if isinstance(message, Spoken) else None,
                "tool_calls": calls,
            }
        if message.thought:
            row["reasoning_content"] = message.thought
        return [row]
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
    return [
        {
            "role": "user",
            "content": message.content
            if isinstance(message.content, str)
            else json.dumps(message.content),
        }
    ]


class Schemas:
    """The JSON of tools, made once and shared by every conversation that offers the same objects."""

    def __init__(self) -> None:
        self._encoded: IdentityCache[AnyTool, bytes] = IdentityCache(50_000)

    def json(self, tools: Sequence[AnyTool]) -> bytes:
        """Tools as the JSON list of a request."""
        return b"[" + b",".join([self._one(tool) for tool in tools]) + b"]"

    def _one(self, tool: AnyTool) -> bytes:
        encoded = self._encoded.get(tool)
        if encoded is None:
            encoded = self._encoded.put(tool, _encode(function(tool)).encode())
        return encoded


class CompletionRequest:
    """The bodies of one conversation's requests; each message is written once, though it is sent again with every later request."""

    __slots__ = ("_endpoint", "_head", "_known", "_rows", "_schemas", "_tail")

    def __init__(self, endpoint: Endpoint, schemas: Schemas) -> None:
        self._endpoint = endpoint
        self._schemas = schemas
        self._known: list[LLMMessage] = []
        self._rows: list[bytes] = []
        self._head = _encode({"model": endpoint.model}).encode()[:-1] + b',"messages":['
        self._tail = _tail(sampling(endpoint))

    def body(
        self,
        messages: Sequence[LLMMessage],
        tools: Sequence[AnyTool],
        choice: ToolChoice,
        wanted: bool | type[BaseModel] | None,
        extra: JsonObject,
    ) -> bytes:
        """The JSON of a request."""
        known = self._known
        same = 0
        for old, new in zip(known, messages, strict=False):
            if old is not new:
                break
            same += 1
        if same < len(known):
            del known[same:], self._rows[same:]
        textual = self._endpoint.tool_calls == "hermes"
        for message in messages[same:]:
            known.append(message)
            self._rows.append(
                b",".join([_encode(row).encode() for row in self._spoken(message, textual)])
            )
        rows = self._rows
        if textual and tools:
            rows = [
                _encode(
                    text_tool_calls.instructed(
                        openai_messages(messages[:1]), [function(tool) for tool in tools]
                    )[0]
                ).encode(),
                *rows[1:],
            ]
        parts = [self._head, b",".join(rows), b"]"]
        if tools and not textual:
            parts += [
                b',"tools":',
                self._schemas.json(tools),
                b',"tool_choice":',
                _encode(_choice(choice, self._endpoint)).encode(),
            ]
            if self._endpoint.parallel_tool_calls is not None:
                parts.append(
                    b',"parallel_tool_calls":true'
                    if self._endpoint.parallel_tool_calls
                    else b',"parallel_tool_calls":false'
                )
        if wanted and (shape := response_format(wanted, self._endpoint)):
            parts += [b',"response_format":', _encode(shape).encode()]
        parts.append(_tail(sampling(self._endpoint) | extra) if extra else self._tail)
        return b"".join(parts)

    def _spoken(self, message: LLMMessage, textual: bool) -> list[ChatMessage]:
        rows = _rows(message)
        if not self._endpoint.send_reasoning:
            for row in rows:
                row.pop("reasoning_content", None)
        return text_tool_calls.as_text(rows) if textual else rows


def sampling(endpoint: Endpoint) -> JsonObject:
    """How an endpoint is to sample, in the words of the protocol."""
    said: JsonObject = {
        key: value
        for key in ("temperature", "top_p", "max_tokens", "seed")
        if (value := getattr(endpoint, key)) is not None
    }
    if endpoint.stop:
        said["stop"] = list(endpoint.stop)
    return said | endpoint.extra


def _tail(said: JsonObject) -> bytes:
    return b"," + _encode(said).encode()[1:] if said else b"}"


def function(tool: AnyTool) -> ToolSpec:
    """A tool in the OpenAI chat format."""
    schema: Any = tool if isinstance(tool, dict) else tool.schema
    offered: Any = {
        key: schema[key] for key in ("name", "description", "parameters") if key in schema
    }
    return {"type": "function", "function": offered}


def _choice(choice: ToolChoice, endpoint: Endpoint) -> Any:
    if isinstance(choice, str):
        return endpoint.tool_choice if choice == "auto" else choice
    return {"type": "function", "function": {"name": choice.name}}


def response_format(wanted: bool | type[BaseModel], endpoint: Endpoint) -> JsonObject | None:
    """What asks an endpoint for JSON, as far as it can be asked."""
    if endpoint.structured == "none":
        return None
    if wanted is True or endpoint.structured == "object" or isinstance(wanted, bool):
        return {"type": "json_object"}
    return {
        "type": "json_schema",
        "json_schema": {
            "name": wanted.__name__,
            "strict": True,
            "schema": wanted.model_json_schema(),
        },
    }


def result_of(reply: Any, endpoint: Endpoint, *, sent: int, offered: bool) -> CreateResult:
    """A reply as AutoGen's record; NonsenseError where it is no completion. `sent` is the size of the request in bytes."""
    spent = (0, 0)
    try:
        spent = _usage(reply, sent)
        choice = reply["choices"][0]
        message = choice["message"]
        thought = message.get("reasoning_content") or message.get("reasoning") or None
        content = message.get("content")
        if isinstance(content, list):
            content = "".join(part.get("text", "") for part in content)
        # A refusal to answer in the shape that was asked for is an answer all the same.
        content = content or message.get("refusal")
        content = content or ""
        if not isinstance(content, str):
            raise NonsenseError(f"content of type {type(content).__name__}")
        if "</think>" in content and (found := _THINKING.match(content)):
            thought, content = thought or found[1].strip() or None, content[found.end() :].lstrip()
        usage = RequestUsage(prompt_tokens=spent[0], completion_tokens=spent[1])
        finish: Literal["stop", "length", "content_filter"] = "stop"
        if (told := choice.get("finish_reason")) in ("length", "content_filter"):
            finish = told
        if calls := message.get("tool_calls"):
            made = [_call(call) for call in calls]
            return Reply(
                finish_reason="function_calls",
                content=made,
                usage=usage,
                cached=False,
                thought=thought,
                words=content.strip() or None,
            )
        if finish == "stop" and (not content.strip() or content.lstrip().startswith("<think>")):
            raise NonsenseError("an unfinished thought" if content.strip() else "an empty message")
        if finish == "stop" and offered and endpoint.tool_calls == "hermes":
            before, texts = text_tool_calls.read_calls(content)
            if texts:
                made = [
                    FunctionCall(id=_text_id(sent, number, text), name=text[0], arguments=text[1])
                    for number, text in enumerate(texts)
                ]
                return Reply(
                    finish_reason="function_calls",
                    content=made,
                    usage=usage,
                    cached=False,
                    thought=thought,
                    words=before or None,
                )
        return CreateResult(
            finish_reason=finish, content=content, usage=usage, cached=False, thought=thought
        )
    except NonsenseError as error:
        error.spent = spent
        raise
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise NonsenseError(f"{type(error).__name__}: {error}", spent=spent) from error


def _call(call: Mapping[str, Any]) -> FunctionCall:
    asked = call["function"]
    arguments = asked.get("arguments")
    if isinstance(arguments, dict):
        # Some local servers send the object itself.
        arguments = _encode(arguments)
    return FunctionCall(
        id=str(call["id"]), name=str(asked["name"]), arguments=str(arguments or "{}")
    )


def _text_id(sent: int, number: int, text: tuple[str, str]) -> str:
    """An id for a call that came as text; the size of the request, which grows all along, tells equal calls of one conversation apart."""
    return f"call_{hashlib.sha256(repr((sent, number, text)).encode()).hexdigest()[:16]}"


def _usage(reply: Any, sent: int) -> tuple[int, int]:
    """The tokens of a reply as the endpoint counts them, or an estimate (four bytes a token) where it does not count, or cannot have counted right."""
    counted = reply.get("usage") if isinstance(reply, dict) else None
    prompt, completion = (
        (counted.get("prompt_tokens"), counted.get("completion_tokens"))
        if isinstance(counted, dict)
        else (None, None)
    )
    if (
        not isinstance(prompt, int)
        or isinstance(prompt, bool)
        or not 0 < prompt <= sent + _TEMPLATE_TOKENS
    ):
        prompt = sent // 4
    if (
        not isinstance(completion, int)
        or isinstance(completion, bool)
        or not 0 < completion <= _MOST_OUT
    ):
        completion = len(_encode(reply.get("choices") if isinstance(reply, dict) else reply)) // 4
    return prompt, completion
