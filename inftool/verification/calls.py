"""A conversation taken apart: who said what in which turn, which calls were made, what they answered. The format gate is what fails here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from inftool.records import Finding, JsonObject, Record

ROLES = frozenset(("system", "developer", "user", "assistant", "tool"))


class Call(Record):
    """One call: `message` and `position` say where it stands, `turn` counts the user's messages before it (from 0), `result` is the text it got."""

    id: str
    name: str
    arguments: JsonObject
    message: int
    position: int
    turn: int
    result: str | None = None

    @property
    def pointer(self) -> str:
        """Where the call stands in the trajectory's line."""
        return f"/messages/{self.message}/tool_calls/{self.position}"

    def answer(self) -> Any:
        """The result as JSON, or as text where it is none."""
        try:
            return json.loads(self.result) if self.result else None
        except ValueError:
            return self.result


class Conversation(Record):
    """What the gates look at: the calls in order, and what each side said in each turn.

    `user[n]` is what the user said to open turn n, `assistant[n]` all that the assistant said in it, `closing[n]` its last words.
    """

    calls: tuple[Call, ...]
    user: tuple[str, ...]
    assistant: tuple[str, ...]
    closing: tuple[str, ...]
    instructions: str = ""


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _arguments(raw: Any) -> JsonObject:
    parsed = json.loads(raw, parse_constant=_refuse_constant) if isinstance(raw, str) else raw
    if not isinstance(parsed, dict):
        raise TypeError("the arguments are not an object")
    return parsed


def read_conversation(messages: Sequence[JsonObject]) -> tuple[Conversation | None, list[Finding]]:
    """The conversation, or None with what is wrong with its form."""
    problems: list[Finding] = []
    calls: list[Call] = []
    results: dict[str, str] = {}
    user: list[str] = []
    said: list[list[str]] = []
    instructions: list[str] = []

    def wrong(code: str, message: str, index: int, rest: str = "") -> None:
        problems.append(Finding(code=code, message=message, turn=max(len(user) - 1, 0), pointer=f"/messages/{index}{rest}"))

    for index, message in enumerate(messages):
        role = message.get("role")
        content = message.get("content")
        text = content if isinstance(content, str) else ""
        if role not in ROLES or not (content is None or isinstance(content, str)):
            wrong("malformed_message", f"a message of role {role!r} with content of type {type(content).__name__}", index)
        elif role in ("system", "developer"):
            instructions.append(text)
        elif role == "user":
            user.append(text)
            said.append([])
        elif role == "tool":
            call_id = str(message.get("tool_call_id"))
            if not any(call.id == call_id for call in calls) or call_id in results:
                wrong("unmatched_result", f"a result for {call_id!r}, which no earlier call waits for", index, "/tool_call_id")
            else:
                results[call_id] = text
        else:
            if text and said:
                said[-1].append(text)
            for position, raw in enumerate(message.get("tool_calls") or ()):
                where = f"/tool_calls/{position}"
                try:
                    call_id, name, arguments = raw["id"], raw["function"]["name"], _arguments(raw["function"]["arguments"])
                    call = Call(id=call_id, name=name, arguments=arguments, message=index, position=position, turn=max(len(user) - 1, 0))
                except (KeyError, TypeError, ValueError, RecursionError) as error:
                    wrong("malformed_call", f"a call that cannot be read: {error}", index, where)
                    continue
                if any(other.id == call.id for other in calls):
                    wrong("malformed_call", f"two calls share the id {call.id!r}", index, where)
                calls.append(call)
    for call in calls:
        if call.id not in results:
            problems.append(Finding(code="unanswered_call", message=f"{call.name} has no result", turn=call.turn, pointer=call.pointer))
    if not user:
        problems.append(Finding(code="malformed_message", message="no user says anything", pointer="/messages"))
    if problems:
        return None, problems
    return Conversation(
        calls=tuple(call.model_copy(update={"result": results[call.id]}) for call in calls),
        user=tuple(user),
        assistant=tuple("\n".join(texts) for texts in said),
        closing=tuple(texts[-1] if texts else "" for texts in said),
        instructions="\n".join(instructions),
    ), []
