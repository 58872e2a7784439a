"""A conversation taken apart: who said what in which turn, which calls were made, what they answered. The format gate is what fails here."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from inftool.core.chat import ChatMessage
from inftool.core.trajectories import Blame, Finding
from inftool.core.types import JsonObject

ROLES = frozenset(("system", "developer", "user", "assistant", "tool"))


class Call(NamedTuple):
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
        """The result as JSON, or as text where it is none; shared, so read only."""
        return parsed(self.result) if self.result else None

    def status(self) -> int:
        """The HTTP status that the result shows; 200 where it shows none, and 400 where it is no JSON but says that there was an error."""
        if self.result is None or "error" not in self.result.casefold():
            return 200
        answer = self.answer()
        if (
            isinstance(answer, dict)
            and "error" in answer
            and answer.keys() <= _REFUSAL
            and isinstance(answer.get("status"), int)
        ):
            return int(answer["status"])
        if isinstance(answer, dict) and answer.keys() == {"error"}:
            return 400
        return 400 if isinstance(answer, str) and "error" in self.result[:80].casefold() else 200


_LONE = re.compile(r"[\ud800-\udfff]")
_REFUSAL = frozenset(("status", "error", "headers"))


class Conversation(NamedTuple):
    """What the gates look at: the calls in order, and what each side said in each turn.

    `user[n]` is what the user said to open turn n, `said[n]` all that the assistant said in it, each with its message's index. `broken` are calls whose
    arguments cannot be read; they are in no other list.
    """

    calls: tuple[Call, ...]
    user: tuple[str, ...]
    said: tuple[tuple[tuple[int, str], ...], ...]
    instructions: str = ""
    broken: tuple[Call, ...] = ()

    def closing(self, turn: int) -> str:
        """The assistant's last words in a turn."""
        return self.said[turn][-1][1] if self.said[turn] else ""

    def without(self, call_ids: Collection[str]) -> Conversation:
        """The same conversation without some calls."""
        if not call_ids:
            return self
        return self._replace(calls=tuple(call for call in self.calls if call.id not in call_ids))


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _once(items: list[tuple[str, Any]]) -> JsonObject:
    found = dict(items)
    if len(found) < len(items):
        twice = next(
            name for name, times in Counter(name for name, _ in items).items() if times > 1
        )
        raise ValueError(f"the name {twice!r} stands twice in one object")
    return found


def strict_json(text: str) -> Any:
    """A JSON text as it was meant: ValueError for NaN, infinities and an object with a name twice, of which readers would take either value."""
    return json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once)


@lru_cache(maxsize=1024)
def parsed(text: str) -> Any:
    """A result's text as JSON, or as it is where it is none."""
    try:
        return strict_json(text)
    except (ValueError, RecursionError):
        return text


def _arguments(raw: Any) -> JsonObject:
    value = strict_json(raw) if isinstance(raw, str) else raw
    if (
        isinstance(raw, str)
        and "\\u" in raw
        and _LONE.search(json.dumps(value, ensure_ascii=False))
    ):
        raise ValueError("a lone surrogate (half a character) is in it")
    if not isinstance(value, dict):
        raise TypeError("the arguments are not an object")
    return value


class _Reader:
    """One pass over the messages."""

    def __init__(self) -> None:
        self.problems: list[Finding] = []
        self.fatal = False
        # What a call is made of, until its result is known.
        self.calls: dict[str, JsonObject] = {}
        self.broken: dict[str, JsonObject] = {}
        self.results: dict[str, str] = {}
        # Calls that still wait for their results, and those that somebody spoke after.
        self.waiting: set[str] = set()
        self.late: set[str] = set()
        self.user: list[str] = []
        self.said: list[list[tuple[int, str]]] = []
        self.instructions: list[str] = []

    def wrong(
        self,
        code: str,
        message: str,
        index: int,
        rest: str = "",
        blame: Blame = "assistant",
        *,
        fatal: bool = True,
    ) -> None:
        where = f"/messages/{index}{rest}"
        self.problems.append(
            Finding(
                code=code,
                message=message,
                turn=max(len(self.user) - 1, 0),
                pointer=where,
                blame=blame,
            )
        )
        self.fatal |= fatal

    def take(self, index: int, message: ChatMessage) -> None:
        role = message.get("role")
        content = message.get("content")
        text = content if isinstance(content, str) else ""
        if self.waiting and role in ("user", "assistant"):
            self.late |= self.waiting
            self.waiting = set()
        if (
            not isinstance(role, str)
            or role not in ROLES
            or not (content is None or isinstance(content, str))
        ):
            self.wrong(
                "malformed_message",
                f"a message of role {role!r} with content of type {type(content).__name__}",
                index,
            )
        elif role in ("system", "developer"):
            self.instructions.append(text)
        elif role == "user" and message.get("tool_calls"):
            self.wrong(
                "malformed_message",
                "only the assistant can call tools",
                index,
                "/tool_calls",
                "user",
            )
        elif role == "user":
            self.user.append(text)
            self.said.append([])
        elif role == "tool":
            self.answer(index, message, text)
        else:
            if text and self.said:
                self.said[-1].append((index, text))
            calls = message.get("tool_calls") or ()
            if isinstance(calls, (list, tuple)):
                for position, raw in enumerate(calls):
                    self.call(index, position, raw)
            else:
                self.wrong(
                    "malformed_message",
                    f"`tool_calls` is of type {type(calls).__name__}",
                    index,
                    "/tool_calls",
                )

    def answer(self, index: int, message: ChatMessage, text: str) -> None:
        call_id = str(message.get("tool_call_id"))
        call = self.calls.get(call_id) or self.broken.get(call_id)
        if call is None or call_id in self.results:
            self.wrong(
                "unmatched_result",
                f"a result for {call_id!r}, which no earlier call waits for",
                index,
                "/tool_call_id",
                "server",
            )
        elif message.get("name") not in (None, call["name"]):
            self.wrong(
                "unmatched_result",
                f"a result of {message.get('name')!r} for a call of {call['name']!r}",
                index,
                "/name",
                "server",
            )
        else:
            self.results[call_id] = text
            self.waiting.discard(call_id)
            if call_id in self.late:
                self.wrong(
                    "unmatched_result",
                    f"a result for {call_id!r} after somebody else has spoken",
                    index,
                    "/tool_call_id",
                    "server",
                )

    def call(self, index: int, position: int, raw: Any) -> None:
        where = f"/tool_calls/{position}"
        turn = max(len(self.user) - 1, 0)
        try:
            call_id, name, given = raw["id"], raw["function"]["name"], raw["function"]["arguments"]
            if (
                not isinstance(call_id, str)
                or not isinstance(name, str)
                or raw.get("type", "function") != "function"
            ):
                raise TypeError(
                    "a call has a string as its id, one as its name, and the type function"
                )
        except (KeyError, TypeError, AttributeError) as error:
            self.wrong("malformed_call", f"a call that cannot be read: {error}", index, where)
            return
        if call_id in self.calls or call_id in self.broken:
            self.wrong("malformed_call", f"two calls share the id {call_id!r}", index, where)
            return
        self.waiting.add(call_id)
        parts = {
            "id": call_id,
            "name": name,
            "arguments": {},
            "message": index,
            "position": position,
            "turn": turn,
        }
        try:
            self.calls[call_id] = {**parts, "arguments": _arguments(given)}
        except (TypeError, ValueError, RecursionError) as error:
            # The assistant may still mend this one; whether it did is seen when all has been read.
            self.broken[call_id] = parts
            self.wrong(
                "malformed_call", f"a call that cannot be read: {error}", index, where, fatal=False
            )


def read_conversation(
    messages: Sequence[ChatMessage], *, results: bool = True
) -> tuple[Conversation | None, list[Finding]]:
    """The conversation and what is wrong with its form; None where that is more than calls whose arguments cannot be read. Linear in the messages.

    Without `results` nobody answers calls: the layout it came from ends with them.
    """
    reader = _Reader()
    for index, message in enumerate(messages):
        reader.take(index, message)
    calls = [
        Call(**parts, result=reader.results.get(parts["id"])) for parts in reader.calls.values()
    ]
    broken = [
        Call(**parts, result=reader.results.get(parts["id"])) for parts in reader.broken.values()
    ]
    for call in (*calls, *broken):
        if results and call.result is None:
            # Whoever runs the tools owes the result, unless the conversation ends here.
            blame: Blame = "assistant" if call.message == len(messages) - 1 else "server"
            finding = Finding(
                code="unanswered_call",
                message=f"{call.name} has no result",
                turn=call.turn,
                pointer=call.pointer,
                blame=blame,
            )
            reader.problems.append(finding)
            reader.fatal = True
    if not reader.user:
        reader.problems.append(
            Finding(
                code="malformed_message",
                message="no user says anything",
                pointer="/messages",
                blame="user",
            )
        )
        reader.fatal = True
    if reader.fatal:
        return None, reader.problems
    return Conversation(
        calls=tuple(calls),
        user=tuple(reader.user),
        said=tuple(map(tuple, reader.said)),
        instructions="\n".join(reader.instructions),
        broken=tuple(broken),
    ), reader.problems
