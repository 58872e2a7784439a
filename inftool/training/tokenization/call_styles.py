"""How a model writes its calls: found by letting its chat template write one, and read back strictly.

`hermes`: `<tool_call>{"name", "arguments"}</tool_call>`. `llama`: `{"name", "parameters"}`, after `<|python_tag|>` or not. `mistral`: `[TOOL_CALLS]` and a list
of `{"name", "arguments"}`, or, later, `[TOOL_CALLS]name[ARGS]{…}`. `qwen-xml`: `<function=name><parameter=key>value</parameter></function>` within tags.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, get_args

from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import NonsenseError
from inftool.core.types import JsonObject
from inftool.llm.text_tool_calls import read_calls

CallStyle = Literal["hermes", "llama", "mistral", "mistral-args", "qwen-xml"]
CALL_STYLES: tuple[CallStyle, ...] = get_args(CallStyle)
Calls = list[tuple[str, str]]

PYTHON_TAG, MISTRAL, ARGS = "<|python_tag|>", "[TOOL_CALLS]", "[ARGS]"
_PROBE: ToolSpec = {
    "type": "function",
    "function": {
        "name": "probe_tool",
        "description": "A probe.",
        "parameters": {
            "type": "object",
            "properties": {"probe_key": {"type": "integer"}},
            "required": ["probe_key"],
        },
    },
}
_FUNCTION = re.compile(
    r"<tool_call>\s*<function=([^>\n]+)>\n(.*?)</function>\s*</tool_call>", re.DOTALL
)
_PARAMETER = re.compile(r"<parameter=([^>\n]+)>\n(.*?)\n</parameter>\n?", re.DOTALL)
_MISTRAL_CALL = re.compile(r"\s*([A-Za-z0-9_.-]+)(?:\[CALL_ID\][A-Za-z0-9]+)?\[ARGS\]")


def detect_call_style(
    say: Callable[[Sequence[ChatMessage], Sequence[ToolSpec]], str],
) -> CallStyle | None:
    """The style of a chat template, given as what makes text of messages and tools; None where it writes no call that we can read."""
    call: ToolCallMessage = {
        "id": "probe0001",
        "type": "function",
        "function": {"name": "probe_tool", "arguments": {"probe_key": 7}},
    }
    asked: ChatMessage = {"role": "user", "content": "A probe."}
    text = say([asked, {"role": "assistant", "content": "", "tool_calls": [call]}], [_PROBE])
    said = text[text.rfind("A probe.") :]
    if "<function=probe_tool>" in said and "<tool_call>" in said:
        return "qwen-xml"
    if "<tool_call>" in said and re.search(r'"name":\s*"probe_tool"', said):
        return "hermes"
    if MISTRAL in said:
        return "mistral-args" if ARGS in said else "mistral"
    return "llama" if re.search(r'"name":\s*"probe_tool",\s*"parameters"', said) else None


def read_message(
    text: str, style: CallStyle = "hermes", tools: Sequence[ToolSpec] = ()
) -> ChatMessage | None:
    """What a model wrote as a message; None where it cannot be read. Thoughts within <think> tags are taken off.

    `tools` say what the parameters of `qwen-xml`, which come as bare text, are to be.
    """
    words = text.split("</think>", 1)[1] if "</think>" in text else text
    try:
        if style == "hermes":
            said, calls = read_calls(words)
        elif style == "qwen-xml":
            said, calls = _xml(
                words,
                {
                    tool["function"]["name"]: tool["function"].get("parameters") or {}
                    for tool in tools
                },
            )
        elif style == "llama":
            said, calls = _llama(words)
        else:
            said, calls = _mistral(words)
    except (NonsenseError, ValueError, RecursionError):
        return None
    if not calls:
        return {"role": "assistant", "content": said}
    made: list[ToolCallMessage] = [
        {"type": "function", "function": {"name": name, "arguments": arguments}}
        for name, arguments in calls
    ]
    return {"role": "assistant", "content": said or None, "tool_calls": made}


def _llama(text: str) -> tuple[str, Calls]:
    before, tag, rest = text.partition(PYTHON_TAG)
    body = (rest if tag else text).strip()
    if not tag and not body.startswith("{"):
        return body, []
    calls = [
        _named(found, "parameters", optional=("type",))
        for found in _objects(body, separators=";\n ")
    ]
    return (before.strip() if tag else ""), calls


def _mistral(text: str) -> tuple[str, Calls]:
    before, tag, rest = text.partition(MISTRAL)
    if not tag:
        return text.strip(), []
    calls: Calls = []
    if rest.lstrip().startswith("["):
        found = _strict(rest)
        if not isinstance(found, list) or not found:
            raise NonsenseError("no list of calls")
        return before.strip(), [
            _named(item, "arguments", optional=("id", "type")) for item in found
        ]
    for part in rest.split(MISTRAL):
        head = _MISTRAL_CALL.match(part)
        if head is None:
            raise NonsenseError("a call has no name")
        calls.append((head[1], _object(_strict(part[head.end() :]))))
    return before.strip(), calls


def _xml(text: str, schemas: dict[str, JsonObject]) -> tuple[str, Calls]:
    if "<tool_call>" not in text:
        return text.strip(), []
    before = text[: text.index("<tool_call>")]
    calls: Calls = []
    rest = text[len(before) :]
    while rest.strip():
        found = _FUNCTION.match(rest.lstrip())
        if found is None:
            raise NonsenseError("a call is not whole")
        properties = schemas.get(found[1], {}).get("properties") or {}
        given: JsonObject = {}
        if _PARAMETER.sub("", found[2]).strip():
            raise NonsenseError("something between the parameters")
        for key, value in _PARAMETER.findall(found[2]):
            if key in given:
                raise NonsenseError("a parameter was given twice")
            given[key] = _typed(value, properties.get(key))
        calls.append((found[1], _object(given)))
        rest = rest.lstrip()[found.end() :]
    return before.strip(), calls


def _typed(text: str, schema: Any) -> Any:
    """A bare value as its schema wants it: text where text may be, else JSON, and text where it is none, which the world then refuses."""
    kinds = schema.get("type") if isinstance(schema, dict) else None
    kinds = [kinds] if isinstance(kinds, str) else kinds or []
    if "string" in kinds:
        return None if text in ("null", "None") and "null" in kinds else text
    # The template writes true as Python does.
    spelt = {"True": "true", "False": "false", "None": "null"}.get(text, text)
    try:
        return _strict(spelt)
    except ValueError:
        return text


def _objects(text: str, separators: str) -> Iterator[Any]:
    decoder, place = json.JSONDecoder(parse_constant=_refuse), 0
    while place < len(text):
        value, place = decoder.raw_decode(text, place)
        yield value
        while place < len(text) and text[place] in separators:
            place += 1


def _named(call: Any, arguments: str, optional: Sequence[str] = ()) -> tuple[str, str]:
    if (
        not isinstance(call, dict)
        or not {"name", arguments} <= call.keys() <= {"name", arguments, *optional}
        or not isinstance(call["name"], str)
    ):
        raise NonsenseError(f"a call is an object with a name and {arguments}")
    return call["name"], _object(call[arguments])


def _object(value: Any) -> str:
    if not isinstance(value, dict):
        raise NonsenseError("arguments are an object")
    return json.dumps(value, ensure_ascii=False)


def _strict(text: str) -> Any:
    return json.loads(text, parse_constant=_refuse)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
