"""Tool calls as text, for models that cannot make calls natively (the format of Hermes).

`<tool_call>{"name": "getBook", "arguments": {"id": 1}}</tool_call>`, read strictly.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import NonsenseError

_TAG = re.compile(r"</?tool_call>")
# Part of every request's prompt: a changed word changes what models are asked.
_INSTRUCTIONS = """

# Tools

You may call one or more of these tools (JSON Schema):
<tools>
{tools}
</tools>

To call tools, write each call as a JSON object with its name and arguments within \
tags of its own, and nothing after the last one:
<tool_call>
{{"name": "the tool's name", "arguments": {{}}}}
</tool_call>

The results come back within <tool_response></tool_response>. When you call no tool, just answer."""


def with_instructions(
    messages: Sequence[ChatMessage], tools: Sequence[ToolSpec]
) -> list[ChatMessage]:
    """Messages whose system prompt says which tools there are and how they are called."""
    listed = "\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)
    instructions = _INSTRUCTIONS.format(tools=listed)
    if messages and messages[0]["role"] == "system":
        system: ChatMessage = {
            **messages[0],
            "content": f"{messages[0]['content']}{instructions}",
        }
        return [system, *messages[1:]]
    return [{"role": "system", "content": instructions.lstrip()}, *messages]


def calls_as_text(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Messages with calls and results as text; the results of one round are one user message."""
    rewritten: list[ChatMessage] = []
    results: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            results.append(f"<tool_response>\n{message['content']}\n</tool_response>")
            continue
        rewritten += _as_user_message(results)
        results.clear()
        if calls := message.get("tool_calls"):
            content = "\n".join(map(_call_text, calls))
            rewritten.append({"role": "assistant", "content": content})
        else:
            rewritten.append(message)
    return [*rewritten, *_as_user_message(results)]


def _call_text(call: ToolCallMessage) -> str:
    function = call["function"]
    # The arguments are JSON text already, and stay as the model wrote them.
    name, arguments = json.dumps(function["name"]), function["arguments"]
    return f'<tool_call>\n{{"name": {name}, "arguments": {arguments}}}\n</tool_call>'


def _as_user_message(results: Sequence[str]) -> list[ChatMessage]:
    return [{"role": "user", "content": "\n".join(results)}] if results else []


def read_calls(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The text before the calls, and each call's name and arguments (JSON text).

    `'Sure. <tool_call>{"name": "a", "arguments": {}}</tool_call>'` -> `("Sure.", [("a", "{}")])`.
    NonsenseError if the tags or what they hold are not exact.
    """
    tags = list(_TAG.finditer(text))
    if not tags:
        return text.strip(), []
    calls: list[tuple[str, str]] = []
    end = tags[0].start()
    if len(tags) % 2:
        raise NonsenseError("a tool_call tag has no partner")
    for opening, closing in zip(tags[::2], tags[1::2], strict=True):
        if opening[0] != "<tool_call>" or closing[0] != "</tool_call>":
            raise NonsenseError("tool_call tags out of order")
        if calls and text[end : opening.start()].strip():
            raise NonsenseError("words between two tool calls")
        calls.append(_read_call(text[opening.end() : closing.start()]))
        end = closing.end()
    if text[end:].strip():
        raise NonsenseError("words after the last tool call")
    return text[: tags[0].start()].strip(), calls


def _read_call(text: str) -> tuple[str, str]:
    try:
        call = json.loads(text)
    except ValueError as error:
        raise NonsenseError(f"a tool call is no JSON: {error}") from error
    if (
        not isinstance(call, dict)
        or call.keys() != {"name", "arguments"}
        or not isinstance(call["name"], str)
        or not isinstance(call["arguments"], dict)
    ):
        raise NonsenseError("a tool call is an object with a name and an object of arguments")
    return call["name"], json.dumps(call["arguments"], ensure_ascii=False)
