"""Turns of foreign layouts, read into messages of the OpenAI chat format."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from typing import Any

from inftool.core.chat import ChatMessage, FunctionCall, ToolCallMessage
from inftool.core.errors import VerifyError
from inftool.core.types import JsonObject
from inftool.verification.strict_json import strict_json

_CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_ANSWER = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.DOTALL)
_TOOLS = re.compile(r"<tools>\s*(.*?)\s*</tools>", re.DOTALL)
_NAMED = re.compile(r"""["']name["']\s*:\s*["']([^"']+)["']""")
_THOUGHT = re.compile(r"<think>.*?</think>\s*", re.DOTALL)
_FROM = {
    "human": "user", "user": "user", "gpt": "assistant", "assistant": "assistant", "system": "system", "function_call": "tool_call",
    "tool_call": "tool_call", "observation": "tool_response", "tool": "tool_response", "tool_response": "tool_response",
    "function_response": "tool_response", "function": "tool_response", "developer": "system", "model": "assistant", "bot": "assistant", "chatgpt": "assistant",
    "function-call": "tool_call", "tool_output": "tool_response", "tool_result": "tool_response", "ipython": "tool_response", "function-response": "tool_response",
}  # fmt: skip
# JSON Schema's words for the words that others use; what is neither stays as it is and is mended with the rest of a BFCL doc.
PYTHON = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object", "tuple": "array", "set": "array",
    "none": "null", "string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "array": "array", "object": "object",
    "text": "string",
}  # fmt: skip
JSON_TYPES = frozenset(("string", "integer", "number", "boolean", "array", "object", "null"))


def parsed(value: Any) -> Any:
    """A value that may have been written as JSON text, or as the text of a Python literal."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        try:
            return ast.literal_eval(value)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise VerifyError(f"neither JSON nor a literal: {value[:60]!r}") from error


class Turns:
    """Turns of any layout put down as OpenAI messages; calls without ids get one, and answers go to the calls that wait, in order."""

    def __init__(self, *, literal: bool = False) -> None:
        self.literal = literal
        self.messages: list[ChatMessage] = []
        self.tools: Any = None
        self._waiting: list[ToolCallMessage] = []
        self._count = 0

    def take(self, turn: JsonObject) -> None:
        """Read one turn of a foreign layout into messages."""
        role = str(turn.get("from") or turn.get("role"))
        content = turn.get("value") if "value" in turn else turn.get("content")
        if isinstance(content, list):
            content = "".join(
                str(part.get("text", "")) if isinstance(part, dict) else str(part)
                for part in content
            )
        kind = _FROM.get(role, role)
        text = (
            content
            if isinstance(content, str)
            else ""
            if content is None
            else json.dumps(content, ensure_ascii=False)
        )
        if kind == "system":
            # "Within <tools></tools> tags" stands in many a prompt before the tools themselves.
            if found := [part for part in _TOOLS.findall(text) if part]:
                self.tools = _listed(found[-1])
            self.messages.append({"role": "system", "content": text})
        elif kind == "user":
            self.messages.append({"role": "user", "content": text})
        elif kind == "tool_call":
            self._call(
                _calls_in(text)
                if "<tool_call>" in text
                else as_calls(parsed(text))
                if self.literal
                else said_calls(text),
                "",
            )
        elif kind == "tool_response":
            self._answer(turn, text)
        elif kind == "assistant":
            self._assistant(turn, text)
        else:
            # Unknown roles are left to the format gate, which names them.
            unknown: Any = {"role": role, "content": text}
            self.messages.append(unknown)

    def _assistant(self, turn: JsonObject, text: str) -> None:
        calls = turn.get("tool_calls") or (
            [{"function": turn["function_call"]}] if turn.get("function_call") else []
        )
        if calls:
            self._call(
                [
                    call.get("function", call) | ({"id": call["id"]} if call.get("id") else {})
                    for call in parsed(calls)
                ],
                text,
            )
        elif "<tool_call>" in text:
            self._call(_calls_in(text), _THOUGHT.sub("", _CALL.sub("", text)).strip())
        else:
            self.messages.append({"role": "assistant", "content": _THOUGHT.sub("", text)})

    def _call(self, calls: Sequence[JsonObject], text: str) -> None:
        made: list[ToolCallMessage] = []
        for call in calls:
            self._count += 1
            given = call.get("arguments", call.get("parameters", {}))
            function: FunctionCall = {"name": call["name"], "arguments": as_text(given)}
            made.append(
                {
                    "id": str(call.get("id") or f"call_{self._count}"),
                    "type": "function",
                    "function": function,
                }
            )
        last = self.messages[-1] if self.messages else None
        if self._waiting and last is not None and last.get("tool_calls"):
            # One turn a call, several in a row: they went out together.
            last["tool_calls"] += made
        else:
            self.messages.append({"role": "assistant", "content": text or None, "tool_calls": made})
        self._waiting += made

    def _answer(self, turn: JsonObject, text: str) -> None:
        parts = _ANSWER.findall(text) or [text]
        if len(parts) == 1 and len(self._waiting) > 1 and turn.get("tool_call_id") is None:
            several = _several(parts[0], len(self._waiting))
            parts = several or parts
        for part in parts:
            wanted = turn.get("tool_call_id")
            call = next(
                (call for call in self._waiting if wanted is None or call["id"] == wanted), None
            )
            if call is not None:
                self._waiting.remove(call)
            self.messages.append(
                {
                    "role": "tool",
                    "tool_call_id": call["id"] if call else str(wanted),
                    "content": part,
                }
            )


def as_text(arguments: Any) -> str:
    """Arguments as JSON text, whether they came as text or as an object."""
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _several(text: str, count: int) -> list[str] | None:
    """One answer that is a list of as many as there are calls waiting, taken apart."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return (
        [json.dumps(item, ensure_ascii=False) for item in value]
        if isinstance(value, list) and len(value) == count
        else None
    )


def _calls_in(text: str) -> list[JsonObject]:
    return [call for part in _CALL.findall(text) for call in said_calls(part)]


def said_calls(text: str) -> list[JsonObject]:
    """The calls that a model's text holds as JSON. What is no JSON stays as it was said, for the format gate; VerifyError where it names no tool."""
    try:
        value = strict_json(text)
    except (ValueError, RecursionError) as error:
        if (named := _NAMED.search(text)) is None:
            raise VerifyError(f"no call: {text[:60]!r}") from error
        return [{"name": named[1], "arguments": text}]
    return as_calls(value)


def as_calls(value: Any) -> list[JsonObject]:
    """One call or a list of calls, as a list. VerifyError where one has no name."""
    calls = value if isinstance(value, list) else [value]
    for call in calls:
        if not isinstance(call, dict) or not isinstance(call.get("name"), str):
            raise VerifyError(f"no call: {str(call)[:60]!r}")
    return calls


def _listed(text: str) -> list[Any]:
    """The tools between Hermes' tags: a list, or one a line."""
    try:
        value = json.loads(text)
        return value if isinstance(value, list) else [value]
    except ValueError:
        pass
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        value = parsed(text)
        return value if isinstance(value, list) else [value]
