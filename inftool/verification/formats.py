"""Anybody's layouts as trajectories: OpenAI, ShareGPT, Hermes, xLAM, Toucan and BFCL, with the tools they carry."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from inftool.errors import VerifyError
from inftool.records import JsonObject, Trajectory
from inftool.verification import bfcl
from inftool.verification.calls import strict_json

Layout = Literal["inftool", "openai", "sharegpt", "hermes", "xlam", "toucan", "bfcl"]
_BFCL = frozenset(("result", "function", "ground_truth", "question"))
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
_PYTHON = {
    "str": "string", "int": "integer", "float": "number", "bool": "boolean", "list": "array", "dict": "object", "tuple": "array", "set": "array",
    "none": "null", "string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "array": "array", "object": "object",
    "text": "string",
}  # fmt: skip
_JSON_TYPES = frozenset(("string", "integer", "number", "boolean", "array", "object", "null"))


def layout_of(row: Mapping[str, Any]) -> Layout:
    """Which layout a line has; VerifyError where it has none that is known."""
    if "blueprint" in row and "provenance" in row:
        return "inftool"
    if "conversations" in row:
        turns = _parsed(row["conversations"])
        text = (
            " ".join(str(turn.get("value") or turn.get("content")) for turn in turns[:4] if isinstance(turn, dict)) if isinstance(turns, list) else ""
        )
        return "hermes" if "<tool_call>" in text or "<tools>" in text else "sharegpt"
    if "messages" in row:
        if isinstance(row["messages"], str) or "available_tools" in row:
            return "toucan"
        system = row["messages"][0] if isinstance(row["messages"], list) and row["messages"] else None
        content = system.get("content") if isinstance(system, dict) else None
        return "hermes" if isinstance(content, str) and "<tools>" in content else "openai"
    if "query" in row and "answers" in row:
        return "xlam"
    if "id" in row and row.keys() & _BFCL:
        return "bfcl"
    raise VerifyError("there is no list of `messages` in it, nor `conversations`, `query` with `answers`, or a BFCL `result`")


def as_trajectory(row: Mapping[str, Any], name: str) -> Trajectory:
    """A JSON object of any known layout as a trajectory; VerifyError that says what is wrong where it is none."""
    layout = layout_of(row)
    if layout == "inftool":
        try:
            return Trajectory.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            raise VerifyError(f"a line of ours that was changed: {'/'.join(map(str, first['loc']))}: {first['msg']}") from error
    try:
        if layout == "bfcl":
            return _bfcl(row)
        if layout == "xlam":
            return _xlam(row, name)
        messages, tools = _conversation(row, layout)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise VerifyError(f"it cannot be read as {layout}: {error!r}") from error
    names, offered = tools_of(tools)
    return Trajectory(
        id=str(row.get("id") or row.get("uuid") or name),
        messages=tuple(_renamed(message, names) for message in messages),
        tools=offered,
        provenance={"format": layout} if layout != "openai" else {},
    )


def _parsed(value: Any) -> Any:
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


def tools_of(tools: Any) -> tuple[dict[str, str], tuple[JsonObject, ...]]:
    """Tools of any layout in the OpenAI chat format, and new names for those whose own cannot be a tool's.

    JSON text, bare functions, Anthropic's and MCP's, xLAM's flat parameters and BFCL's types are all taken.
    """
    listed = _parsed(tools) or []
    if isinstance(listed, Mapping):
        listed = listed.get("tools") or listed.get("functions") or [listed]
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise VerifyError("its `tools` cannot be read: they are no list")
    functions = [_function(tool) for tool in listed]
    if any(_is_foreign(function["parameters"]) for function in functions):
        names, offered = bfcl.offered(functions)
        return {old: new for old, new in names.items() if old != new}, offered
    return {}, tuple({"type": "function", "function": function} for function in functions)


def _function(tool: Any) -> JsonObject:
    if not isinstance(tool, Mapping):
        raise VerifyError(f"its `tools` cannot be read: {str(tool)[:60]!r} is no tool")
    inner = tool.get("function") if isinstance(tool.get("function"), Mapping) else tool
    assert isinstance(inner, Mapping)
    if not isinstance(inner.get("name"), str):
        raise VerifyError("its `tools` cannot be read: one has no name")
    schema: Any = _parsed(next((inner[key] for key in ("parameters", "input_schema", "inputSchema") if inner.get(key) is not None), {}))
    if not isinstance(schema, dict):
        raise VerifyError(f"its `tools` cannot be read: the parameters of {inner['name']} are no object")
    return {**{key: value for key, value in inner.items() if key not in ("input_schema", "inputSchema")}, "parameters": _schema(schema)}


def _schema(schema: JsonObject) -> JsonObject:
    """Parameters as a JSON Schema: xLAM's are a flat object of descriptions, with "optional" among the words of the type."""
    if "type" in schema and not isinstance(schema["type"], dict):
        return schema
    if "properties" in schema or not schema or not all(isinstance(part, dict) for part in schema.values()):
        return schema
    properties: JsonObject = {}
    required: list[str] = []
    for name, part in schema.items():
        words = [word.strip() for word in str(part.get("type", "")).split(",")]
        properties[name] = {**{key: value for key, value in part.items() if key not in ("type", "required")}, **_flat_type(words[0])}
        if "optional" not in words and "default" not in part and part.get("required", True):
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}


def _flat_type(word: str) -> JsonObject:
    """Python's type words ("List[int]", "Optional[str]") as a schema; nothing is asked for where the word says nothing."""
    word = word.strip()
    outer, _, inner = word.partition("[")
    outer, inner = outer.casefold().rpartition(".")[2], inner.removesuffix("]")
    if outer in ("optional", "union"):
        branches = [_flat_type(part) for part in inner.split(",") if part.strip()]
        return {"anyOf": [*branches, {"type": "null"}]} if branches else {}
    known = _PYTHON.get(outer)
    if known is None:
        return {}
    if known == "array" and inner and outer == "list":
        return {"type": "array", "items": _flat_type(inner)}
    return {"type": known}


def _is_foreign(schema: JsonObject) -> bool:
    """Whether a schema uses type words that JSON Schema does not know."""
    stack: list[Any] = [schema]
    seen: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if id(node) in seen:
                continue
            seen.add(id(node))
            word = node.get("type")
            if isinstance(word, str) and word not in _JSON_TYPES:
                return True
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return False


def _renamed(message: JsonObject, names: Mapping[str, str]) -> JsonObject:
    if not names:
        return message
    found = dict(message)
    if found.get("name") in names:
        found["name"] = names[found["name"]]
    if isinstance(found.get("tool_calls"), list):
        found["tool_calls"] = [
            {**call, "function": {**call["function"], "name": names.get(call["function"].get("name"), call["function"].get("name"))}}
            if isinstance(call, dict) and isinstance(call.get("function"), dict)
            else call
            for call in found["tool_calls"]
        ]
    return found


def _conversation(row: Mapping[str, Any], layout: Layout) -> tuple[list[JsonObject], Any]:
    turns = _parsed(row["conversations"] if "conversations" in row else row["messages"])
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise VerifyError("there is no list of `messages` in it")
    tools = next((row[key] for key in ("tools", "functions", "available_tools") if row.get(key)), None)
    if layout == "openai" and all(map(_is_plain, turns)) and not _is_without_ids(turns):
        return turns, tools
    # Toucan's builder wrote each call down as the text of a Python literal; elsewhere what stands there is what a model said.
    reader = _Turns(literal=layout == "toucan")
    if isinstance(row.get("system"), str) and row["system"]:
        reader.messages.append({"role": "system", "content": row["system"]})
    for turn in turns:
        reader.take(turn)
    return reader.messages, tools if tools is not None else reader.tools


_PLAIN = frozenset(("system", "developer", "user", "assistant", "tool"))


def _is_plain(turn: JsonObject) -> bool:
    """Whether a message is in today's OpenAI format, not one in parts or with the former `function_call`."""
    return turn.get("role") in _PLAIN and not isinstance(turn.get("content"), list) and not turn.get("function_call")


def _is_without_ids(turns: Sequence[JsonObject]) -> bool:
    """Whether calls and results have no ids at all, as in TRL's sets: they belong together by their order."""
    calls = [call for turn in turns if isinstance(turn.get("tool_calls"), list) for call in turn["tool_calls"]]
    answers = [turn for turn in turns if turn.get("role") == "tool"]
    return bool(calls) and all(isinstance(c, dict) and c.get("id") is None for c in calls) and all(t.get("tool_call_id") is None for t in answers)


class _Turns:
    """Turns of any layout put down as OpenAI messages; calls without ids get one, and answers go to the calls that wait, in order."""

    def __init__(self, *, literal: bool = False) -> None:
        self.literal = literal
        self.messages: list[JsonObject] = []
        self.tools: Any = None
        self._waiting: list[JsonObject] = []
        self._count = 0

    def take(self, turn: JsonObject) -> None:
        role = str(turn.get("from") or turn.get("role"))
        content = turn.get("value") if "value" in turn else turn.get("content")
        if isinstance(content, list):
            content = "".join(str(part.get("text", "")) if isinstance(part, dict) else str(part) for part in content)
        kind = _FROM.get(role, role)
        text = content if isinstance(content, str) else "" if content is None else json.dumps(content, ensure_ascii=False)
        if kind == "system":
            # "Within <tools></tools> tags" stands in many a prompt before the tools themselves.
            if found := [part for part in _TOOLS.findall(text) if part]:
                self.tools = _listed(found[-1])
            self.messages.append({"role": "system", "content": text})
        elif kind == "user":
            self.messages.append({"role": "user", "content": text})
        elif kind == "tool_call":
            self._call(_calls_in(text) if "<tool_call>" in text else _as_calls(_parsed(text)) if self.literal else _said_calls(text), "")
        elif kind == "tool_response":
            self._answer(turn, text)
        elif kind == "assistant":
            self._assistant(turn, text)
        else:
            # Unknown roles are left to the format gate, which names them.
            self.messages.append({"role": role, "content": text})

    def _assistant(self, turn: JsonObject, text: str) -> None:
        calls = turn.get("tool_calls") or ([{"function": turn["function_call"]}] if turn.get("function_call") else [])
        if calls:
            self._call([call.get("function", call) | ({"id": call["id"]} if call.get("id") else {}) for call in _parsed(calls)], text)
        elif "<tool_call>" in text:
            self._call(_calls_in(text), _THOUGHT.sub("", _CALL.sub("", text)).strip())
        else:
            self.messages.append({"role": "assistant", "content": _THOUGHT.sub("", text)})

    def _call(self, calls: Sequence[JsonObject], text: str) -> None:
        made = []
        for call in calls:
            self._count += 1
            given = call.get("arguments", call.get("parameters", {}))
            function = {"name": call["name"], "arguments": _as_text(given)}
            made.append({"id": str(call.get("id") or f"call_{self._count}"), "type": "function", "function": function})
        last = self.messages[-1] if self.messages else {}
        if self._waiting and last.get("tool_calls"):
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
            call = next((call for call in self._waiting if wanted is None or call["id"] == wanted), None)
            if call is not None:
                self._waiting.remove(call)
            self.messages.append({"role": "tool", "tool_call_id": call["id"] if call else str(wanted), "content": part})


def _as_text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


def _several(text: str, count: int) -> list[str] | None:
    """One answer that is a list of as many as there are calls waiting, taken apart."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return [json.dumps(item, ensure_ascii=False) for item in value] if isinstance(value, list) and len(value) == count else None


def _calls_in(text: str) -> list[JsonObject]:
    return [call for part in _CALL.findall(text) for call in _said_calls(part)]


def _said_calls(text: str) -> list[JsonObject]:
    """The calls that a model's text holds as JSON. What is no JSON stays as it was said, for the format gate; VerifyError where it names no tool."""
    try:
        value = strict_json(text)
    except (ValueError, RecursionError) as error:
        if (named := _NAMED.search(text)) is None:
            raise VerifyError(f"no call: {text[:60]!r}") from error
        return [{"name": named[1], "arguments": text}]
    return _as_calls(value)


def _as_calls(value: Any) -> list[JsonObject]:
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
        value = _parsed(text)
        return value if isinstance(value, list) else [value]


def _xlam(row: Mapping[str, Any], name: str) -> Trajectory:
    names, tools = tools_of(row.get("tools"))
    calls = _said_calls(row["answers"]) if isinstance(row["answers"], str) else _as_calls(row["answers"])
    made = [
        {
            "id": f"call_{place}",
            "type": "function",
            "function": {"name": names.get(call["name"], call["name"]), "arguments": _as_text(call.get("arguments", {}))},
        }
        for place, call in enumerate(calls)
    ]
    messages: list[JsonObject] = [{"role": "user", "content": row["query"]}]
    if made:
        messages.append({"role": "assistant", "content": None, "tool_calls": made})
    return Trajectory(id=str(row.get("id", name)), messages=tuple(messages), tools=tools, provenance={"format": "xlam", "results": False})


def _bfcl(row: Mapping[str, Any]) -> Trajectory:
    """A line of a BFCL result file, or a gold answer; its question and docs are in the line, or in BFCL's data by its id."""
    item = str(row["id"])
    question: Mapping[str, Any] = row
    if "function" not in row:
        folder = bfcl.data_folder()
        known = bfcl.questions(folder).get(item) if folder else None
        if known is None:
            raise VerifyError(f"the functions of {item} are not known: install bfcl-eval, or name the folder of its data in {bfcl.FOLDER_VARIABLE}")
        question = known
    functions = question.get("function") or []
    code = bfcl.is_code(item)
    if "result" in row:
        return bfcl.turns_of(item, question.get("question"), functions, bfcl.result_turns(row["result"]), code=code)
    names, tools = bfcl.offered(functions, code=code) if functions else ({}, ())
    gold = bfcl.gold_turns(row.get("ground_truth"), bfcl.fitting(names, tools))
    return bfcl.turns_of(item, question.get("question"), functions, gold, code=code)
