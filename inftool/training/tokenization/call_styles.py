"""How models write their calls: found out from the chat template, and read back strictly.

| style          | a call                                                                     |
|----------------|----------------------------------------------------------------------------|
| `hermes`       | `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`                 |
| `llama`        | `{"name": ..., "parameters": {...}}`, with or without `<|python_tag|>`      |
| `mistral`      | `[TOOL_CALLS] [{"name": ..., "arguments": {...}}, ...]`                    |
| `mistral-args` | `[TOOL_CALLS]name[ARGS]{...}`, as later tokenizers of Mistral have it      |
| `qwen-xml`     | `<function=name><parameter=key>value</parameter></function>` in the tags    |
|                | of `hermes`                                                                |
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NoReturn, get_args

from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import NonsenseError
from inftool.core.types import Schema
from inftool.llm.text_tool_calls import read_calls

CallStyle = Literal["hermes", "llama", "mistral", "mistral-args", "qwen-xml"]
CALL_STYLES: tuple[CallStyle, ...] = get_args(CallStyle)
Calls = list[tuple[str, str]]
"""The name of each call, and its arguments as the text of a JSON object."""

PYTHON_TAG, MISTRAL, ARGS = "<|python_tag|>", "[TOOL_CALLS]", "[ARGS]"
_PROBE_TEXT = "A probe."
_PROBE_TOOL: ToolSpec = {
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
# "get_weather[CALL_ID]a1B2c3D4e[ARGS]"; the id is optional.
_MISTRAL_CALL = re.compile(r"\s*([A-Za-z0-9_.-]+)(?:\[CALL_ID\][A-Za-z0-9]+)?\[ARGS\]")
# Templates write bare values with Python's `str`.
_PYTHON_LITERALS = {"True": "true", "False": "false", "None": "null"}


def detect_call_style(
    render: Callable[[Sequence[ChatMessage], Sequence[ToolSpec]], str],
) -> CallStyle | None:
    """The style of a chat template, from how it writes a call.

    `render` makes text of messages and tools by the template. None where the call comes out in a
    form that we cannot read.
    """
    call: ToolCallMessage = {
        "id": "probe0001",
        "type": "function",
        "function": {"name": "probe_tool", "arguments": {"probe_key": 7}},
    }
    question: ChatMessage = {"role": "user", "content": _PROBE_TEXT}
    answer: ChatMessage = {"role": "assistant", "content": "", "tool_calls": [call]}
    text = render([question, answer], [_PROBE_TOOL])
    # The system message may show examples of calls: only what follows the question counts.
    written = text[text.rfind(_PROBE_TEXT) :]
    if "<function=probe_tool>" in written and "<tool_call>" in written:
        return "qwen-xml"
    if "<tool_call>" in written and re.search(r'"name":\s*"probe_tool"', written):
        return "hermes"
    if MISTRAL in written:
        return "mistral-args" if ARGS in written else "mistral"
    has_parameters = re.search(r'"name":\s*"probe_tool",\s*"parameters"', written)
    return "llama" if has_parameters else None


def read_message(
    text: str, style: CallStyle = "hermes", tools: Sequence[ToolSpec] = ()
) -> ChatMessage | None:
    """What a model wrote as a message, without the thoughts before `</think>`.

    `tools` tell the types of the arguments in the style `qwen-xml`, which come as bare text. None
    where the text breaks the style's form.
    """
    # Some templates open the thoughts themselves, so that only their end is written.
    answer = text.split("</think>", 1)[1] if "</think>" in text else text
    try:
        words, calls = _split_calls(answer, style, tools)
    except (NonsenseError, ValueError, RecursionError):
        return None
    if not calls:
        return {"role": "assistant", "content": words}
    messages: list[ToolCallMessage] = [
        {"type": "function", "function": {"name": name, "arguments": arguments}}
        for name, arguments in calls
    ]
    return {"role": "assistant", "content": words or None, "tool_calls": messages}


def _split_calls(text: str, style: CallStyle, tools: Sequence[ToolSpec]) -> tuple[str, Calls]:
    """The words of a message and its calls; ValueError or NonsenseError for a broken call."""
    if style == "hermes":
        return read_calls(text)
    if style == "qwen-xml":
        functions = [tool["function"] for tool in tools]
        return _read_xml(text, {item["name"]: item.get("parameters") or {} for item in functions})
    return _read_llama(text) if style == "llama" else _read_mistral(text)


def _read_llama(text: str) -> tuple[str, Calls]:
    before, tag, after = text.partition(PYTHON_TAG)
    body = (after if tag else text).strip()
    # Without the tag a call is known by its brace alone: words never begin with one.
    if not tag and not body.startswith("{"):
        return body, []
    # Several calls are separated by "; " in Llama 3.1 and by line breaks in later versions.
    calls = [
        _named_call(item, "parameters", optional=("type",))
        for item in _json_values(body, separators=";\n ")
    ]
    return (before.strip() if tag else ""), calls


def _read_mistral(text: str) -> tuple[str, Calls]:
    before, tag, after = text.partition(MISTRAL)
    if not tag:
        return text.strip(), []
    if after.lstrip().startswith("["):
        items = _parse_json(after)
        if not isinstance(items, list) or not items:
            raise NonsenseError("no list of calls")
        optional = ("id", "type")
        return before.strip(), [_named_call(item, "arguments", optional) for item in items]
    calls: Calls = []
    for part in after.split(MISTRAL):
        head = _MISTRAL_CALL.match(part)
        if head is None:
            raise NonsenseError("a call has no name")
        calls.append((head[1], _object_text(_parse_json(part[head.end() :]))))
    return before.strip(), calls


def _read_xml(text: str, schemas: Mapping[str, Schema]) -> tuple[str, Calls]:
    before, tag, after = text.partition("<tool_call>")
    if not tag:
        return text.strip(), []
    calls: Calls = []
    rest = tag + after
    while rest.strip():
        rest = rest.lstrip()
        function = _FUNCTION.match(rest)
        if function is None:
            raise NonsenseError("a call is not whole")
        name, body = function[1], function[2]
        # Strict: what is not a parameter would be lost without a word.
        if _PARAMETER.sub("", body).strip():
            raise NonsenseError("something between the parameters")
        properties = schemas.get(name, {}).get("properties")
        types = properties if isinstance(properties, dict) else {}
        arguments: dict[str, object] = {}
        for key, value in _PARAMETER.findall(body):
            if key in arguments:
                raise NonsenseError("a parameter was given twice")
            arguments[key] = _typed_value(value, types.get(key))
        calls.append((name, _object_text(arguments)))
        rest = rest[function.end() :]
    return before.strip(), calls


def _typed_value(text: str, schema: object) -> object:
    """A bare value in the type of its schema: ("7", {"type": "integer"}) -> 7.

    Text where the schema allows text, else JSON. What is not JSON stays text, which the world
    refuses.
    """
    types = schema.get("type") if isinstance(schema, dict) else None
    allowed = [types] if isinstance(types, str) else types or []
    if "string" in allowed:
        return None if text in ("null", "None") and "null" in allowed else text
    try:
        return _parse_json(_PYTHON_LITERALS.get(text, text))
    except ValueError:
        return text


def _json_values(text: str, separators: str) -> Iterator[object]:
    """JSON values that stand one after another, with separators between them."""
    decoder, place = json.JSONDecoder(parse_constant=_refuse_constant), 0
    while place < len(text):
        value, place = decoder.raw_decode(text, place)
        yield value
        while place < len(text) and text[place] in separators:
            place += 1


def _named_call(call: object, arguments: str, optional: Sequence[str] = ()) -> tuple[str, str]:
    """The name and arguments of a call object; NonsenseError for any other key or type."""
    if isinstance(call, dict):
        name = call.get("name")
        required = {"name", arguments}
        if isinstance(name, str) and required <= call.keys() <= required.union(optional):
            return name, _object_text(call[arguments])
    raise NonsenseError(f"a call is an object with a name and {arguments}")


def _object_text(value: object) -> str:
    if not isinstance(value, dict):
        raise NonsenseError("arguments are an object")
    return json.dumps(value, ensure_ascii=False)


def _parse_json(text: str) -> object:
    """JSON as RFC 8259 has it: NaN and the infinities, which Python also reads, are refused."""
    return json.loads(text, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
