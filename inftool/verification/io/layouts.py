"""Anybody's layouts as trajectories: OpenAI, ShareGPT, Hermes, xLAM, Toucan and BFCL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from pydantic import ValidationError

from inftool.core.chat import ChatMessage
from inftool.core.errors import VerifyError
from inftool.core.trajectories import Trajectory
from inftool.verification.io.bfcl.data import FOLDER_VARIABLE, data_folder, is_code, questions
from inftool.verification.io.bfcl.function_docs import FunctionDoc, fitting, offered
from inftool.verification.io.bfcl.gold_answers import gold_turns
from inftool.verification.io.bfcl.results import result_turns
from inftool.verification.io.bfcl.trajectories import turns_of
from inftool.verification.io.foreign_tools import tools_of
from inftool.verification.io.turn_reader import (
    TurnReader,
    as_calls,
    chat_call,
    parsed,
    said_calls,
)

Layout = Literal["inftool", "openai", "sharegpt", "hermes", "xlam", "toucan", "bfcl"]

Row = Mapping[str, object]
"""A JSON object from a line of a file."""

# One of these beside an `id` makes a line one of BFCL's files.
_BFCL_KEYS = frozenset(("result", "function", "ground_truth", "question"))

# Hermes shows its tools in the system's message or with the first call. Four turns reach both.
_TURNS_LOOKED_AT = 4

_CHAT_ROLES = frozenset(("system", "developer", "user", "assistant", "tool"))


def layout_of(row: Row) -> Layout:
    """Which layout a line has; VerifyError if it has none that is known."""
    if "blueprint" in row and "provenance" in row:
        return "inftool"
    if "conversations" in row:
        text = _beginning(parsed(row["conversations"]))
        return "hermes" if "<tool_call>" in text or "<tools>" in text else "sharegpt"
    if "messages" in row:
        messages = row["messages"]
        if isinstance(messages, str) or "available_tools" in row:
            return "toucan"
        first = messages[0] if isinstance(messages, list) and messages else None
        content = first.get("content") if isinstance(first, dict) else None
        return "hermes" if isinstance(content, str) and "<tools>" in content else "openai"
    if "query" in row and "answers" in row:
        return "xlam"
    if "id" in row and row.keys() & _BFCL_KEYS:
        return "bfcl"
    raise VerifyError(
        "there is no list of `messages` in it, nor `conversations`, `query` with `answers`,"
        " or a BFCL `result`"
    )


def _beginning(turns: object) -> str:
    """The texts of the first turns of ShareGPT's layout."""
    if not isinstance(turns, list):
        return ""
    return " ".join(
        str(turn.get("value") or turn.get("content"))
        for turn in turns[:_TURNS_LOOKED_AT]
        if isinstance(turn, dict)
    )


def as_trajectory(row: Row, name: str) -> Trajectory:
    """A JSON object of any known layout as a trajectory; VerifyError that says what is wrong.

    `name` is its id if it has none.
    """
    layout = layout_of(row)
    if layout == "inftool":
        return _own_trajectory(row)
    try:
        if layout == "bfcl":
            return _from_bfcl(row)
        if layout == "xlam":
            return _from_xlam(row, name)
        messages, tools = _conversation(row, layout)
    except (TypeError, ValueError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise VerifyError(f"it cannot be read as {layout}: {error!r}") from error
    names, offered_tools = tools_of(tools)
    return Trajectory(
        id=str(row.get("id") or row.get("uuid") or name),
        messages=tuple(_with_tool_names(message, names) for message in messages),
        tools=offered_tools,
        provenance={"format": layout} if layout != "openai" else {},
    )


def _own_trajectory(row: Row) -> Trajectory:
    try:
        return Trajectory.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        path = "/".join(map(str, first["loc"]))
        raise VerifyError(f"a line of ours that was changed: {path}: {first['msg']}") from error


def _with_tool_names(message: ChatMessage, names: Mapping[str, str]) -> ChatMessage:
    """A message with the new names of tools whose own could not be kept."""
    if not names:
        return message
    # What the message holds was not checked yet, whatever its type says.
    renamed: dict[str, object] = dict(message)
    if (name := renamed.get("name")) in names:
        renamed["name"] = names[cast(str, name)]
    calls = renamed.get("tool_calls")
    if isinstance(calls, list):
        renamed["tool_calls"] = [_call_with_tool_name(call, names) for call in calls]
    return cast(ChatMessage, renamed)


def _call_with_tool_name(call: object, names: Mapping[str, str]) -> object:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(call, dict) or not isinstance(function, dict):
        return call
    name: object = function.get("name")
    new_name = names.get(name, name) if isinstance(name, str) else name
    return {**call, "function": {**function, "name": new_name}}


def _conversation(row: Row, layout: Layout) -> tuple[list[ChatMessage], object]:
    """The messages of a line in the chat format, and its tools as they are written there."""
    turns = parsed(row["conversations"] if "conversations" in row else row["messages"])
    if not isinstance(turns, list) or not all(isinstance(turn, dict) for turn in turns):
        raise VerifyError("there is no list of `messages` in it")
    keys = ("tools", "functions", "available_tools")
    tools = next((row[key] for key in keys if row.get(key)), None)
    if layout == "openai" and all(map(_is_chat_message, turns)) and not _lacks_ids(turns):
        return turns, tools
    # Toucan's builder wrote each call as the text of a Python literal. Elsewhere the text is what a
    # model said, which is not to be read as anything but JSON.
    reader = TurnReader(literal=layout == "toucan")
    system = row.get("system")
    if isinstance(system, str) and system:
        reader.messages.append({"role": "system", "content": system})
    for turn in turns:
        reader.take(turn)
    return reader.messages, tools if tools is not None else reader.tools


def _is_chat_message(turn: Row) -> bool:
    """Whether a message is in today's chat format.

    Not so are those with content in parts, or with the former `function_call`.
    """
    return (
        turn.get("role") in _CHAT_ROLES
        and not isinstance(turn.get("content"), list)
        and not turn.get("function_call")
    )


def _lacks_ids(turns: Sequence[Row]) -> bool:
    """Whether calls and results have no ids at all, so that they belong together by their order.

    TRL's data sets are written so.
    """
    calls: list[object] = []
    for turn in turns:
        calls_of_turn = turn.get("tool_calls")
        if isinstance(calls_of_turn, list):
            calls += calls_of_turn
    results = [turn for turn in turns if turn.get("role") == "tool"]
    return (
        bool(calls)
        and all(isinstance(call, dict) and call.get("id") is None for call in calls)
        and all(result.get("tool_call_id") is None for result in results)
    )


def _from_xlam(row: Row, name: str) -> Trajectory:
    """A line of xLAM: a `query`, and the calls that answer it."""
    names, tools = tools_of(row.get("tools"))
    answers = row["answers"]
    calls = said_calls(answers) if isinstance(answers, str) else as_calls(answers)
    chat_calls = []
    for number, call in enumerate(calls):
        tool = str(names.get(call["name"], call["name"]))
        chat_calls.append(chat_call(f"call_{number}", tool, call.get("arguments", {})))
    # The format gate checks that the query is a text.
    messages: list[ChatMessage] = [{"role": "user", "content": cast(str, row["query"])}]
    if chat_calls:
        messages.append({"role": "assistant", "content": None, "tool_calls": chat_calls})
    return Trajectory(
        id=str(row.get("id", name)),
        messages=tuple(messages),
        tools=tools,
        provenance={"format": "xlam", "results": False},
    )


def _from_bfcl(row: Row) -> Trajectory:
    """A line of a BFCL result file, or a gold answer.

    Its question and docs are in the line, or in BFCL's data by its id.
    """
    question_id = str(row["id"])
    item = row if "function" in row else _bfcl_question(question_id)
    # Both are lists in BFCL's files; anything else fails below and is reported.
    question = cast("Sequence[object] | None", item.get("question"))
    functions = cast(Sequence[FunctionDoc], item.get("function") or [])
    code = is_code(question_id)
    if "result" in row:
        turns = result_turns(row["result"])
    else:
        names, tools = offered(functions, code=code) if functions else ({}, ())
        turns = gold_turns(row.get("ground_truth"), fitting(names, tools))
    return turns_of(question_id, question, functions, turns, code=code)


def _bfcl_question(question_id: str) -> Row:
    folder = data_folder()
    question = questions(folder).get(question_id) if folder else None
    if question is None:
        raise VerifyError(
            f"the functions of {question_id} are not known: install bfcl-eval, or name the folder"
            f" of its data in {FOLDER_VARIABLE}"
        )
    return question
