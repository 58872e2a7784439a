"""Tool calls as text, for models without calls of their own: `<tool_call>{"name": …, "arguments": {…}}</tool_call>`, read strictly."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.errors import NonsenseError

_TAG = re.compile(r"</?tool_call>")
_HOW = """

# Tools

You may call one or more of these tools (JSON Schema):
<tools>
{tools}
</tools>

To call tools, write each call as a JSON object with its name and arguments within tags of its own, and nothing after the last one:
<tool_call>
{{"name": "the tool's name", "arguments": {{}}}}
</tool_call>

The results come back within <tool_response></tool_response>. When you call no tool, just answer."""


def instructed(rows: Sequence[ChatMessage], tools: Sequence[ToolSpec]) -> list[ChatMessage]:
    """Messages whose system prompt says which tools there are and how they are called."""
    how = _HOW.format(
        tools="\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)
    )
    if rows and rows[0]["role"] == "system":
        return [{**rows[0], "content": f"{rows[0]['content']}{how}"}, *rows[1:]]
    return [{"role": "system", "content": how.lstrip()}, *rows]


def as_text(rows: Sequence[ChatMessage]) -> list[ChatMessage]:
    """Messages with calls and results as text; the results of one round are one message of the user's."""
    told: list[ChatMessage] = []
    answers: list[str] = []
    for row in rows:
        if row["role"] == "tool":
            answers.append(f"<tool_response>\n{row['content']}\n</tool_response>")
            continue
        told += _answered(answers)
        if calls := row.get("tool_calls"):
            blocks = [
                f'<tool_call>\n{{"name": {json.dumps(c["function"]["name"])}, "arguments": {c["function"]["arguments"]}}}\n</tool_call>'
                for c in calls
            ]
            told.append({"role": "assistant", "content": "\n".join(blocks)})
        else:
            told.append(row)
    return [*told, *_answered(answers)]


def _answered(answers: list[str]) -> list[ChatMessage]:
    """The results of a round as one message; there are none afterwards."""
    said: list[ChatMessage] = [{"role": "user", "content": "\n".join(answers)}] if answers else []
    answers.clear()
    return said


def read_calls(text: str) -> tuple[str, list[tuple[str, str]]]:
    """The words before the calls, and each call's name and arguments (JSON text); NonsenseError where the tags or what they hold are not exact."""
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
        try:
            call = json.loads(text[opening.end() : closing.start()])
        except ValueError as error:
            raise NonsenseError(f"a tool call is no JSON: {error}") from error
        if (
            not isinstance(call, dict)
            or call.keys() != {"name", "arguments"}
            or not isinstance(call["name"], str)
            or not isinstance(call["arguments"], dict)
        ):
            raise NonsenseError("a tool call is an object with a name and an object of arguments")
        calls.append((call["name"], json.dumps(call["arguments"], ensure_ascii=False)))
        end = closing.end()
    if text[end:].strip():
        raise NonsenseError("words after the last tool call")
    return text[: tags[0].start()].strip(), calls
