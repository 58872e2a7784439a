"""Anybody's layouts as trajectories: OpenAI, ShareGPT, Hermes, xLAM, Toucan and BFCL, with the tools they carry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import ValidationError

from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import VerifyError
from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.verification.io import bfcl
from inftool.verification.io.turn_reader import (
    JSON_TYPES,
    PYTHON,
    Turns,
    as_calls,
    as_text,
    parsed,
    said_calls,
)

Layout = Literal["inftool", "openai", "sharegpt", "hermes", "xlam", "toucan", "bfcl"]
_BFCL = frozenset(("result", "function", "ground_truth", "question"))


def layout_of(row: Mapping[str, Any]) -> Layout:
    """Which layout a line has; VerifyError where it has none that is known."""
    if "blueprint" in row and "provenance" in row:
        return "inftool"
    if "conversations" in row:
        turns = parsed(row["conversations"])
        text = (
            " ".join(
                str(turn.get("value") or turn.get("content"))
                for turn in turns[:4]
                if isinstance(turn, dict)
            )
            if isinstance(turns, list)
            else ""
        )
        return "hermes" if "<tool_call>" in text or "<tools>" in text else "sharegpt"
    if "messages" in row:
        if isinstance(row["messages"], str) or "available_tools" in row:
            return "toucan"
        system = (
            row["messages"][0] if isinstance(row["messages"], list) and row["messages"] else None
        )
        content = system.get("content") if isinstance(system, dict) else None
        return "hermes" if isinstance(content, str) and "<tools>" in content else "openai"
    if "query" in row and "answers" in row:
        return "xlam"
    if "id" in row and row.keys() & _BFCL:
        return "bfcl"
    raise VerifyError(
        "there is no list of `messages` in it, nor `conversations`, `query` with `answers`, or a BFCL `result`"
    )


def as_trajectory(row: Mapping[str, Any], name: str) -> Trajectory:
    """A JSON object of any known layout as a trajectory; VerifyError that says what is wrong where it is none."""
    layout = layout_of(row)
    if layout == "inftool":
        try:
            return Trajectory.model_validate(row)
        except ValidationError as error:
            first = error.errors()[0]
            raise VerifyError(
                f"a line of ours that was changed: {'/'.join(map(str, first['loc']))}: {first['msg']}"
            ) from error
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


def tools_of(tools: Any) -> tuple[dict[str, str], tuple[ToolSpec, ...]]:
    """Tools of any layout in the OpenAI chat format, and new names for those whose own cannot be a tool's.

    JSON text, bare functions, Anthropic's and MCP's, xLAM's flat parameters and BFCL's types are all taken.
    """
    listed = parsed(tools) or []
    if isinstance(listed, Mapping):
        listed = listed.get("tools") or listed.get("functions") or [listed]
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise VerifyError("its `tools` cannot be read: they are no list")
    functions = [_function(tool) for tool in listed]
    if any(_is_foreign(function["parameters"]) for function in functions):
        names, offered = bfcl.offered(functions)
        return {old: new for old, new in names.items() if old != new}, offered
    return {}, tuple({"type": "function", "function": function} for function in functions)


def _function(tool: Any) -> Any:
    if not isinstance(tool, Mapping):
        raise VerifyError(f"its `tools` cannot be read: {str(tool)[:60]!r} is no tool")
    inner = tool.get("function") if isinstance(tool.get("function"), Mapping) else tool
    assert isinstance(inner, Mapping)
    if not isinstance(inner.get("name"), str):
        raise VerifyError("its `tools` cannot be read: one has no name")
    schema: Any = parsed(
        next(
            (
                inner[key]
                for key in ("parameters", "input_schema", "inputSchema")
                if inner.get(key) is not None
            ),
            {},
        )
    )
    if not isinstance(schema, dict):
        raise VerifyError(
            f"its `tools` cannot be read: the parameters of {inner['name']} are no object"
        )
    kept = {
        key: value for key, value in inner.items() if key not in ("input_schema", "inputSchema")
    }
    return {**kept, "parameters": _schema(schema)}


def _schema(schema: JsonObject) -> JsonObject:
    """Parameters as a JSON Schema: xLAM's are a flat object of descriptions, with "optional" among the words of the type."""
    if "type" in schema and not isinstance(schema["type"], dict):
        return schema
    if (
        "properties" in schema
        or not schema
        or not all(isinstance(part, dict) for part in schema.values())
    ):
        return schema
    properties: JsonObject = {}
    required: list[str] = []
    for name, part in schema.items():
        words = [word.strip() for word in str(part.get("type", "")).split(",")]
        properties[name] = {
            **{key: value for key, value in part.items() if key not in ("type", "required")},
            **_flat_type(words[0]),
        }
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
    known = PYTHON.get(outer)
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
            if isinstance(word, str) and word not in JSON_TYPES:
                return True
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return False


def _renamed(message: Any, names: Mapping[str, str]) -> Any:
    if not names:
        return message
    found = dict(message)
    if found.get("name") in names:
        found["name"] = names[found["name"]]
    if isinstance(found.get("tool_calls"), list):
        found["tool_calls"] = [
            {
                **call,
                "function": {
                    **call["function"],
                    "name": names.get(call["function"].get("name"), call["function"].get("name")),
                },
            }
            if isinstance(call, dict) and isinstance(call.get("function"), dict)
            else call
            for call in found["tool_calls"]
        ]
    return found


def _conversation(row: Mapping[str, Any], layout: Layout) -> tuple[list[ChatMessage], Any]:
    turns = parsed(row["conversations"] if "conversations" in row else row["messages"])
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise VerifyError("there is no list of `messages` in it")
    tools = next(
        (row[key] for key in ("tools", "functions", "available_tools") if row.get(key)), None
    )
    if layout == "openai" and all(map(_is_plain, turns)) and not _is_without_ids(turns):
        return turns, tools
    # Toucan's builder wrote each call down as the text of a Python literal; elsewhere what stands there is what a model said.
    reader = Turns(literal=layout == "toucan")
    if isinstance(row.get("system"), str) and row["system"]:
        reader.messages.append({"role": "system", "content": row["system"]})
    for turn in turns:
        reader.take(turn)
    return reader.messages, tools if tools is not None else reader.tools


_PLAIN = frozenset(("system", "developer", "user", "assistant", "tool"))


def _is_plain(turn: JsonObject) -> bool:
    """Whether a message is in today's OpenAI format, not one in parts or with the former `function_call`."""
    return (
        turn.get("role") in _PLAIN
        and not isinstance(turn.get("content"), list)
        and not turn.get("function_call")
    )


def _is_without_ids(turns: Sequence[JsonObject]) -> bool:
    """Whether calls and results have no ids at all, as in TRL's sets: they belong together by their order."""
    calls = [
        call
        for turn in turns
        if isinstance(turn.get("tool_calls"), list)
        for call in turn["tool_calls"]
    ]
    answers = [turn for turn in turns if turn.get("role") == "tool"]
    return (
        bool(calls)
        and all(isinstance(c, dict) and c.get("id") is None for c in calls)
        and all(t.get("tool_call_id") is None for t in answers)
    )


def _xlam(row: Mapping[str, Any], name: str) -> Trajectory:
    names, tools = tools_of(row.get("tools"))
    calls = (
        said_calls(row["answers"]) if isinstance(row["answers"], str) else as_calls(row["answers"])
    )
    made: list[ToolCallMessage] = [
        {
            "id": f"call_{place}",
            "type": "function",
            "function": {
                "name": str(names.get(call["name"], call["name"])),
                "arguments": as_text(call.get("arguments", {})),
            },
        }
        for place, call in enumerate(calls)
    ]
    messages: list[ChatMessage] = [{"role": "user", "content": row["query"]}]
    if made:
        messages.append({"role": "assistant", "content": None, "tool_calls": made})
    return Trajectory(
        id=str(row.get("id", name)),
        messages=tuple(messages),
        tools=tools,
        provenance={"format": "xlam", "results": False},
    )


def _bfcl(row: Mapping[str, Any]) -> Trajectory:
    """A line of a BFCL result file, or a gold answer; its question and docs are in the line, or in BFCL's data by its id."""
    item = str(row["id"])
    question: Mapping[str, Any] = row
    if "function" not in row:
        folder = bfcl.data_folder()
        known = bfcl.questions(folder).get(item) if folder else None
        if known is None:
            raise VerifyError(
                f"the functions of {item} are not known: install bfcl-eval, or name the folder of its data in {bfcl.FOLDER_VARIABLE}"
            )
        question = known
    functions = question.get("function") or []
    code = bfcl.is_code(item)
    if "result" in row:
        return bfcl.turns_of(
            item, question.get("question"), functions, bfcl.result_turns(row["result"]), code=code
        )
    names, tools = bfcl.offered(functions, code=code) if functions else ({}, ())
    gold = bfcl.gold_turns(row.get("ground_truth"), bfcl.fitting(names, tools))
    return bfcl.turns_of(item, question.get("question"), functions, gold, code=code)
