"""Turns of foreign layouts, read into messages of the OpenAI chat format."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Sequence
from typing import Any, Literal, cast

from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.errors import VerifyError
from inftool.core.types import JsonObject
from inftool.verification.strict_json import strict_json

# Hermes' markup.
_TOOL_CALL = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_TOOL_RESPONSE = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.DOTALL)
_TOOLS = re.compile(r"<tools>\s*(.*?)\s*</tools>", re.DOTALL)
_THOUGHT = re.compile(r"<think>.*?</think>\s*", re.DOTALL)

# The name in a call that is not quite JSON: `{"name": "find", "arguments": {broken}`
_CALLED_NAME = re.compile(r"""["']name["']\s*:\s*["']([^"']+)["']""")

TurnKind = Literal["system", "user", "assistant", "tool_call", "tool_response"]

_KINDS: dict[str, TurnKind] = {
    "system": "system",
    "developer": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "chatgpt": "assistant",
    "function_call": "tool_call",
    "function-call": "tool_call",
    "tool_call": "tool_call",
    "observation": "tool_response",
    "tool": "tool_response",
    "tool_response": "tool_response",
    "tool_output": "tool_response",
    "tool_result": "tool_response",
    "function": "tool_response",
    "function_response": "tool_response",
    "function-response": "tool_response",
    "ipython": "tool_response",
}


def parsed(value: object) -> object:
    """A value that may have been written as JSON text, or as the text of a Python literal."""
    if not isinstance(value, str):
        return value
    try:
        decoded: object = json.loads(value)
        return decoded
    except ValueError:
        try:
            literal: object = ast.literal_eval(value)
            return literal
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as error:
            raise VerifyError(f"neither JSON nor a literal: {value[:60]!r}") from error


class TurnReader:
    """Reads turns of any layout into messages.

    Calls without ids get one, and results go to the calls that wait for them, in order.
    """

    def __init__(self, *, literal: bool = False) -> None:
        self._literal = literal
        self.messages: list[ChatMessage] = []
        # The tools that the system's message shows, if any.
        self.tools: list[object] | None = None
        self._waiting: list[ToolCallMessage] = []
        self._count = 0

    def take(self, turn: JsonObject) -> None:
        """Read one turn."""
        role = str(turn.get("from") or turn.get("role"))
        text = _text_of(turn.get("value") if "value" in turn else turn.get("content"))
        match _KINDS.get(role):
            case "system":
                # Many prompts name empty "<tools></tools> tags" before the tools themselves.
                if listings := [listing for listing in _TOOLS.findall(text) if listing]:
                    self.tools = _listed(listings[-1])
                self.messages.append({"role": "system", "content": text})
            case "user":
                self.messages.append({"role": "user", "content": text})
            case "assistant":
                self._take_assistant(turn, text)
            case "tool_call":
                self._add_calls(self._calls_of(text), "")
            case "tool_response":
                self._take_response(turn, text)
            case None:
                # Unknown roles are left to the format gate, which names them.
                self.messages.append(cast(ChatMessage, {"role": role, "content": text}))

    def _calls_of(self, text: str) -> list[JsonObject]:
        if "<tool_call>" in text:
            return _calls_in_markup(text)
        return as_calls(parsed(text)) if self._literal else said_calls(text)

    def _take_assistant(self, turn: JsonObject, text: str) -> None:
        calls = turn.get("tool_calls")
        if not calls and turn.get("function_call"):
            calls = [{"function": turn["function_call"]}]
        if calls:
            self._add_calls(
                [_with_id(call) for call in cast(list[JsonObject], parsed(calls))], text
            )
        elif "<tool_call>" in text:
            words = _THOUGHT.sub("", _TOOL_CALL.sub("", text)).strip()
            self._add_calls(_calls_in_markup(text), words)
        else:
            self.messages.append({"role": "assistant", "content": _THOUGHT.sub("", text)})

    def _add_calls(self, calls: Sequence[JsonObject], text: str) -> None:
        chat_calls: list[ToolCallMessage] = []
        for call in calls:
            self._count += 1
            call_id = str(call.get("id") or f"call_{self._count}")
            arguments = call.get("arguments", call.get("parameters", {}))
            chat_calls.append(chat_call(call_id, call["name"], arguments))
        last = self.messages[-1] if self.messages else None
        if self._waiting and last is not None and last.get("tool_calls"):
            # Several turns of one call each, before any result: they were made together.
            last["tool_calls"] += chat_calls
        else:
            self.messages.append(
                {"role": "assistant", "content": text or None, "tool_calls": chat_calls}
            )
        self._waiting += chat_calls

    def _take_response(self, turn: JsonObject, text: str) -> None:
        call_id = turn.get("tool_call_id")
        results: list[str] = _TOOL_RESPONSE.findall(text) or [text]
        if len(results) == 1 and len(self._waiting) > 1 and call_id is None:
            results = _separate_results(results[0], len(self._waiting)) or results
        for result in results:
            matching = (call for call in self._waiting if call_id is None or call["id"] == call_id)
            call = next(matching, None)
            if call is not None:
                self._waiting.remove(call)
            answered_id = call["id"] if call else str(call_id)
            self.messages.append({"role": "tool", "tool_call_id": answered_id, "content": result})


def chat_call(call_id: str, tool: str, arguments: object) -> ToolCallMessage:
    """A call in the chat format; `arguments` may be JSON text or an object."""
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"id": call_id, "type": "function", "function": {"name": tool, "arguments": text}}


def said_calls(text: str) -> list[JsonObject]:
    """The calls that a model's text holds as JSON; VerifyError if it names no tool.

    Arguments that are no JSON stay the text that was said, for the format gate.
    """
    try:
        value = strict_json(text)
    except (ValueError, RecursionError) as error:
        if (name := _CALLED_NAME.search(text)) is None:
            raise VerifyError(f"no call: {text[:60]!r}") from error
        return [{"name": name[1], "arguments": text}]
    return as_calls(value)


def as_calls(value: object) -> list[JsonObject]:
    """One call or a list of calls, as a list; VerifyError if one has no name."""
    calls: list[Any] = value if isinstance(value, list) else [value]
    for call in calls:
        if not isinstance(call, dict) or not isinstance(call.get("name"), str):
            raise VerifyError(f"no call: {str(call)[:60]!r}")
    return calls


def _text_of(content: object) -> str:
    """The content of a turn as text: parts are joined, and anything else is written as JSON."""
    if isinstance(content, list):
        return "".join(
            str(part.get("text", "")) if isinstance(part, dict) else str(part) for part in content
        )
    if content is None or isinstance(content, str):
        return content or ""
    return json.dumps(content, ensure_ascii=False)


def _with_id(call: JsonObject) -> JsonObject:
    """The function that is called, with the id that stands outside of it."""
    function: JsonObject = call.get("function", call)
    return {**function, "id": call["id"]} if call.get("id") else function


def _calls_in_markup(text: str) -> list[JsonObject]:
    return [call for part in _TOOL_CALL.findall(text) for call in said_calls(part)]


def _separate_results(text: str, count: int) -> list[str] | None:
    """A result that is a list with one entry for each of `count` calls, taken apart."""
    try:
        value: object = json.loads(text)
    except ValueError:
        return None
    if not isinstance(value, list) or len(value) != count:
        return None
    return [json.dumps(item, ensure_ascii=False) for item in value]


def _listed(text: str) -> list[object]:
    """The tools between Hermes' tags: a list, or one on each line."""
    try:
        value: object = json.loads(text)
    except ValueError:
        try:
            return [json.loads(line) for line in text.splitlines() if line.strip()]
        except ValueError:
            value = parsed(text)
    return value if isinstance(value, list) else [value]
