"""BFCL's files: function docs as tools, published gold answers and models' results as calls, judged like anybody's conversations."""

from __future__ import annotations

import importlib.util
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import count, zip_longest
from pathlib import Path
from typing import Any

from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import SpecError, VerifyError
from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.specs import check
from inftool.specs.tool_lists.mcp import compile_listing
from inftool.verification.io.bfcl_python import named, python_calls
from inftool.verification.strict_json import strict_json

FOLDER_VARIABLE = "INFTOOL_BFCL"
_MAX_DOCS = 4096
Fits = Callable[[str, JsonObject], bool]


def data_folder() -> Path | None:
    """Where BFCL's data are: the folder that INFTOOL_BFCL names, or that of an installed `bfcl-eval`; None where there is neither."""
    named = os.environ.get(FOLDER_VARIABLE)
    if named:
        return Path(named) if Path(named).is_dir() else None
    found = importlib.util.find_spec("bfcl_eval")
    for place in (found.submodule_search_locations or ()) if found else ():
        if (folder := Path(place) / "data").is_dir():
            return folder
    return None


def read_lines(path: Path) -> Iterator[JsonObject]:
    """The objects of a file of JSON lines; a line that is none is left out, as BFCL has files of another kind beside these."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row


def offered(
    functions: Sequence[Mapping[str, object]], *, code: bool = False
) -> tuple[dict[str, str], tuple[ToolSpec, ...]]:
    """Function docs as tools in the OpenAI chat format, and the tool's name by the doc's ("math.factorial" cannot be a tool's name).

    `code`: the docs are of Java or JavaScript, where BFCL has every argument passed as the text of an expression. VerifyError where a doc cannot be
    read: nothing can be said about calls of it.
    """
    return _compiled(json.dumps(functions, sort_keys=True), code)


@lru_cache(maxsize=_MAX_DOCS)
def _compiled(text: str, code: bool) -> tuple[dict[str, str], tuple[ToolSpec, ...]]:
    functions = [_mended(function, code) for function in json.loads(text)]
    try:
        api = compile_listing({"functions": functions}, "bfcl", max_schema_bytes=1 << 20)
    except (SpecError, RecursionError) as error:
        raise VerifyError(f"the function docs cannot be read: {error}") from error
    return {tool.operation: tool.name for tool in api.tools}, tuple(
        tool.openai() for tool in api.tools
    )


def _mended(function: Any, code: bool) -> Any:
    """A doc with what BFCL leaves unsaid: an argument whose default is null may be null, one of Java or JavaScript may be an expression as text."""
    if not isinstance(function, dict) or not isinstance(function.get("parameters"), dict):
        return function
    return {**function, "parameters": _nullable(function["parameters"], code, top=True)}


def _nullable(schema: JsonObject, code: bool, *, top: bool = False) -> JsonObject:
    found = dict(schema)
    properties = found.get("properties")
    if isinstance(properties, dict):
        found["properties"] = {
            name: _nullable(part, code) if isinstance(part, dict) else part
            for name, part in properties.items()
        }
    choices = found.get("enum")
    if (
        str(found.get("type")).lower() in ("array", "arraylist", "list")
        and isinstance(choices, list)
        and not any(isinstance(c, list) for c in choices)
    ):
        # The choices of a list are those of its items.
        found.pop("enum")
        found["items"] = {
            **(found["items"] if isinstance(found.get("items"), dict) else {}),
            "enum": choices,
        }
    if isinstance(found.get("items"), dict):
        found["items"] = _nullable(found["items"], code)
    if top:
        return found
    others: list[JsonObject] = []
    if "default" in found and found["default"] is None:
        others.append({"type": "null"})
    if code and str(found.get("type")).lower() not in ("string", "any", ""):
        others.append({"type": "string"})
    if not others:
        return found
    outside: JsonObject = {
        key: found.pop(key) for key in ("description", "default") if key in found
    }
    return {**outside, "anyOf": [found, *others]}


def is_code(question_id: str) -> bool:
    """Whether a question of this id asks for Java or JavaScript."""
    return "java" in question_id.casefold()


def acceptable(alternatives: Any) -> list[Any]:
    """The values that a gold answer accepts for one argument, OMITTED among them where it may be left out (BFCL writes an empty string for that)."""
    options = alternatives if isinstance(alternatives, list) else [alternatives]
    found: list[Any] = []
    for option in options:
        if option == "":
            continue
        found += _settled(option)
    # Alone, an empty string may be meant as one; whether it can be is for the doc to say.
    return [*found, *([""] if options == [""] else []), *([OMITTED] if "" in options else [])]


OMITTED = object()
_MOST = 64


def _settled(value: Any) -> list[Any]:
    """The values that an object with alternatives at its members stands for, up to a limit; any other value stands for itself."""
    if isinstance(value, dict):
        found: list[JsonObject] = [{}]
        for key, inner in value.items():
            options = acceptable(inner) or [OMITTED]
            found = [
                entry if option is OMITTED else {**entry, key: option}
                for entry in found
                for option in options
            ][:_MOST]
        return found
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        rows: list[list[Any]] = [[]]
        for item in value:
            rows = [[*row, option] for row in rows for option in _settled(item)][:_MOST]
        return rows
    return [value]


def gold_calls(
    ground_truth: Sequence[Any], fits: Fits = lambda name, arguments: True
) -> list[tuple[str, JsonObject]]:
    """The calls of a gold answer: of a list of `{"function": {"argument": [alternatives]}}`, or of Python calls as text, turns flattened.

    Of several acceptable values of an argument the first is taken that `fits` says the doc allows, asked with this argument alone.
    """
    calls: list[tuple[str, JsonObject]] = []
    for entry in ground_truth:
        if isinstance(entry, list):
            calls += gold_calls(entry, fits)
        elif isinstance(entry, str):
            calls += python_calls(entry)
        else:
            for name, arguments in entry.items():
                made: JsonObject = {}
                for key, alternatives in arguments.items():
                    options = acceptable(alternatives)
                    chosen = next(
                        (
                            option
                            for option in options
                            if option is OMITTED or fits(name, {key: option})
                        ),
                        options[0] if options else OMITTED,
                    )
                    if chosen is not OMITTED:
                        made[key] = chosen
                calls.append((name, made))
    return calls


def gold_turns(ground_truth: Any, fits: Fits = lambda name, arguments: True) -> list[list[Said]]:
    """A gold answer turn by turn. Where it is words (memory, web search), those are what the assistant is to say."""
    entries = (
        ground_truth if isinstance(ground_truth, list) else [ground_truth] if ground_truth else []
    )
    if entries and all(isinstance(entry, list) for entry in entries):
        return [[list(calls)] if (calls := gold_calls(entry, fits)) else [] for entry in entries]
    if entries and all(isinstance(entry, str) and not _ATTEMPT.match(entry) for entry in entries):
        return [[BfclWording(entries[0])]]
    return [[list(calls)]] if (calls := gold_calls(entries, fits)) else []


def fitting(names: Mapping[str, str], tools: Sequence[ToolSpec]) -> Fits:
    """Whether the docs allow an argument, whatever else the call needs."""
    schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}

    def fits(name: str, arguments: JsonObject) -> bool:
        schema = schemas.get(names.get(name, name))
        return schema is not None and all(
            item.code == "missing_required" and item.pointer.count("/") == 1
            for item in check(schema, arguments)
        )

    return fits


class BfclWording(str):
    """What a model said in a result, where it called nothing."""


Said = BfclWording | list[tuple[str, Any]]


def result_turns(result: Any) -> list[list[Said]]:
    """What a model did in each turn of a result, step by step: calls, or words.

    Function-calling mode (`[{"name": "<JSON>"}]`) and prompting mode (Python text), single or many turns. Arguments that cannot be read stay the text that
    they are, for the format gate. VerifyError where it is no result.
    """
    if isinstance(result, list) and result and all(isinstance(turn, list) for turn in result):
        return [[said for step in turn for said in _steps(step)] for turn in result]
    return [_steps(result)]


def _steps(item: Any) -> list[Said]:
    if isinstance(item, str):
        return [_said(item)]
    if isinstance(item, dict):
        return [_called(item)]
    if not isinstance(item, list):
        raise VerifyError("a result is text or a list")
    found: list[Said] = []
    for step in (said for part in item for said in _steps(part)):
        # Calls of one list were made together.
        if found and isinstance(step, list) and isinstance(found[-1], list):
            found[-1] = [*found[-1], *step]
        else:
            found.append(step)
    return found


def _called(item: JsonObject) -> list[tuple[str, Any]]:
    calls: list[tuple[str, Any]] = []
    for name, given in item.items():
        try:
            arguments = strict_json(given) if isinstance(given, str) else given
        except (ValueError, RecursionError):
            arguments = given
        calls.append((name, arguments))
    return calls


_ATTEMPT = re.compile(r"^[\s`]*(?:python)?\s*\[?\s*([A-Za-z_][\w.]*)\s*\(")


def _said(text: str) -> Said:
    """A step's text: calls where it is Python calls, a broken call where it begins like one, words otherwise."""
    try:
        return [(name, arguments) for name, arguments in python_calls(text)]
    except VerifyError:
        begun = _ATTEMPT.match(text)
        return (
            [(begun[1], text)]
            if begun and text.lstrip(" `\n").startswith("[")
            else BfclWording(text)
        )


def result_calls(result: Any) -> list[tuple[str, JsonObject]]:
    """All calls of a model's result, turns flattened; VerifyError where it holds none, or one that cannot be read."""
    calls = [
        call
        for turn in result_turns(result)
        for said in turn
        if isinstance(said, list)
        for call in said
    ]
    broken = next((name for name, arguments in calls if not isinstance(arguments, dict)), None)
    if not calls or broken is not None:
        raise VerifyError(
            f"the arguments of {broken} are no object" if broken else "no calls in it"
        )
    return calls


def trajectory_of(
    name: str,
    question: Any,
    functions: Sequence[JsonObject],
    calls: Sequence[tuple[str, JsonObject]],
    *,
    code: bool = False,
) -> Trajectory:
    """A question and calls as a trajectory that ends with them: nobody has answered them, and nothing is known about a world."""
    turns: list[list[Said]] = [[list(calls)]] if calls else []
    return _played(
        [
            [
                message
                for turn in question or ()
                for message in (turn if isinstance(turn, list) else [turn])
            ]
        ],
        turns,
        name,
        functions,
        code,
    )


def turns_of(
    name: str,
    question: Any,
    functions: Sequence[JsonObject],
    turns: Sequence[Sequence[Said]],
    *,
    code: bool = False,
) -> Trajectory:
    """The same where it is known which of the user's turns each call and word belongs to."""
    asked = [turn if isinstance(turn, list) else [turn] for turn in question or ()]
    if len(turns) == 1:
        asked = [[message for turn in asked for message in turn]]
    return _played(asked, turns, name, functions, code)


def _played(
    asked: Sequence[Sequence[Any]],
    turns: Sequence[Sequence[Said]],
    name: str,
    functions: Sequence[JsonObject],
    code: bool,
) -> Trajectory:
    names, tools = offered(functions, code=code) if functions else ({}, ())
    messages: list[ChatMessage] = []
    made = count()
    for heard, done in zip_longest(asked, turns, fillvalue=()):
        asked_now: list[Any] = [message for message in heard if isinstance(message, dict)]
        # BFCL says nothing where it only offers more functions.
        messages += asked_now or [{"role": "user", "content": ""}]
        for said in done:
            if not isinstance(said, list):
                messages.append({"role": "assistant", "content": str(said)})
                continue
            calls: list[ToolCallMessage] = [
                {
                    "id": f"call_{next(made)}",
                    "type": "function",
                    "function": {
                        "name": names.get(function, function),
                        "arguments": _as_text(arguments),
                    },
                }
                for function, arguments in named(said, functions)
            ]
            if calls:
                messages.append({"role": "assistant", "content": None, "tool_calls": calls})
    return Trajectory(
        id=name,
        messages=tuple(messages),
        tools=tools,
        provenance={"format": "bfcl", "results": False},
    )


def _as_text(arguments: Any) -> str:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)


@lru_cache(maxsize=4)
def questions(folder: Path) -> dict[str, JsonObject]:
    """Every question of BFCL's data by its id, those of many turns with the docs of their classes."""
    docs = {
        path.stem: list(read_lines(path))
        for path in sorted((folder / "multi_turn_func_doc").glob("*.json"))
    }
    found: dict[str, JsonObject] = {}
    for path in sorted(
        [*folder.glob("BFCL_v*.json"), *folder.glob("memory_prereq_conversation/*.json")]
    ):
        for row in read_lines(path):
            if "id" in row and "question" in row:
                if "function" not in row:
                    row["function"] = [
                        doc
                        for name in row.get("involved_classes", ())
                        for doc in docs.get(_CLASSES.get(name, ""), ())
                    ]
                found[str(row["id"])] = row
    return found


# Which file documents which class of BFCL's simulated services.
_CLASSES = {
    "GorillaFileSystem": "gorilla_file_system",
    "MathAPI": "math_api",
    "MessageAPI": "message_api",
    "TwitterAPI": "posting_api",
    "TicketAPI": "ticket_api",
    "TradingBot": "trading_bot",
    "TravelAPI": "travel_booking",
    "VehicleControlAPI": "vehicle_control",
    "WebSearchAPI": "web_search",
    # The plain class is any of the three; its questions name no backend.
    "MemoryAPI": "memory_kv",
    "MemoryAPI_kv": "memory_kv",
    "MemoryAPI_vector": "memory_vector",
    "MemoryAPI_rec_sum": "memory_rec_sum",
}
