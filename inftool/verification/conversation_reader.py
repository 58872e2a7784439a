"""Messages read as a conversation; the format gate reports what is wrong with their form."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from inftool.core.chat import ChatMessage
from inftool.core.trajectories import Blame, Finding
from inftool.core.types import JsonObject
from inftool.verification.conversation import Call, Conversation
from inftool.verification.strict_json import strict_json

ROLES = frozenset(("system", "developer", "user", "assistant", "tool"))

# Half of a character beyond the basic plane: JSON can escape it, but no UTF-8 text can hold it.
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def read_conversation(
    messages: Sequence[ChatMessage], *, results: bool = True
) -> tuple[Conversation | None, list[Finding]]:
    """The conversation and what is wrong with its form; linear in the messages.

    None instead of the conversation if more is wrong than calls whose arguments cannot be read; if
    only that is wrong, there is one finding for each of `broken`, in order. Without `results` no
    call needs an answer: the layout that the messages were read from does not record them.
    """
    reader = _Reader()
    for index, message in enumerate(messages):
        reader.take(index, message)
    calls, broken = reader.with_results(reader.calls), reader.with_results(reader.broken)
    if results:
        reader.require_results((*calls, *broken), last_message=len(messages) - 1)
    if not reader.user:
        reader.add(
            Finding(
                code="malformed_message",
                message="no user says anything",
                pointer="/messages",
                blame="user",
            )
        )
    if reader.fatal:
        return None, reader.problems
    conversation = Conversation(
        calls=calls,
        user=tuple(reader.user),
        said=tuple(map(tuple, reader.said)),
        instructions="\n".join(reader.instructions),
        broken=broken,
    )
    return conversation, reader.problems


class _Reader:
    """One pass over the messages.

    Everything that is read here may have been written by anybody, so no type is relied on before
    it was checked.
    """

    def __init__(self) -> None:
        self.problems: list[Finding] = []
        # Whether something is wrong that leaves no conversation to judge.
        self.fatal = False
        # Calls by their id, as yet without results.
        self.calls: dict[str, Call] = {}
        self.broken: dict[str, Call] = {}
        self.results: dict[str, str] = {}
        # The ids of calls that wait for results, and of those that somebody spoke after.
        self.waiting: set[str] = set()
        self.late: set[str] = set()
        self.user: list[str] = []
        self.said: list[list[tuple[int, str]]] = []
        self.instructions: list[str] = []

    @property
    def turn(self) -> int:
        """The turn that is being read."""
        return max(len(self.user) - 1, 0)

    def add(self, finding: Finding, *, fatal: bool = True) -> None:
        """Note what is wrong."""
        self.problems.append(finding)
        self.fatal |= fatal

    def wrong(
        self,
        code: str,
        message: str,
        pointer: str,
        blame: Blame = "assistant",
        *,
        fatal: bool = True,
    ) -> None:
        """Note what is wrong at a place in the turn that is being read."""
        finding = Finding(code=code, message=message, turn=self.turn, pointer=pointer, blame=blame)
        self.add(finding, fatal=fatal)

    def take(self, index: int, message: ChatMessage) -> None:
        """Read the next message."""
        role: object = message.get("role")
        content: object = message.get("content")
        text = content if isinstance(content, str) else ""
        if self.waiting and role in ("user", "assistant"):
            self.late |= self.waiting
            self.waiting = set()
        is_text = content is None or isinstance(content, str)
        if not isinstance(role, str) or role not in ROLES or not is_text:
            kind = type(content).__name__
            problem = f"a message of role {role!r} with content of type {kind}"
            self.wrong("malformed_message", problem, f"/messages/{index}")
        elif role == "user":
            self._take_user(index, message, text)
        elif role == "tool":
            self._take_result(index, message, text)
        elif role == "assistant":
            self._take_assistant(index, message, text)
        else:
            self.instructions.append(text)

    def _take_user(self, index: int, message: ChatMessage, text: str) -> None:
        if message.get("tool_calls"):
            problem = "only the assistant can call tools"
            self.wrong("malformed_message", problem, f"/messages/{index}/tool_calls", "user")
            return
        self.user.append(text)
        self.said.append([])

    def _take_assistant(self, index: int, message: ChatMessage, text: str) -> None:
        # What an assistant says before the user's first message belongs to no turn.
        if text and self.said:
            self.said[-1].append((index, text))
        calls: object = message.get("tool_calls") or ()
        if not isinstance(calls, (list, tuple)):
            problem = f"`tool_calls` is of type {type(calls).__name__}"
            self.wrong("malformed_message", problem, f"/messages/{index}/tool_calls")
            return
        for position, raw_call in enumerate(calls):
            self._take_call(index, position, raw_call)

    def _take_result(self, index: int, message: ChatMessage, text: str) -> None:
        call_id = str(message.get("tool_call_id"))
        call = self.calls.get(call_id) or self.broken.get(call_id)
        if call is None or call_id in self.results:
            problem = f"a result for {call_id!r}, which no earlier call waits for"
            self._unmatched(problem, f"/messages/{index}/tool_call_id")
            return
        name = message.get("name")
        if name not in (None, call.name):
            problem = f"a result of {name!r} for a call of {call.name!r}"
            self._unmatched(problem, f"/messages/{index}/name")
            return
        self.results[call_id] = text
        self.waiting.discard(call_id)
        if call_id in self.late:
            problem = f"a result for {call_id!r} after somebody else has spoken"
            self._unmatched(problem, f"/messages/{index}/tool_call_id")

    def _unmatched(self, problem: str, pointer: str) -> None:
        self.wrong("unmatched_result", problem, pointer, "server")

    def _take_call(self, index: int, position: int, raw_call: object) -> None:
        pointer = f"/messages/{index}/tool_calls/{position}"
        try:
            call_id, name, raw_arguments = _parts_of_call(raw_call)
        except (KeyError, TypeError, AttributeError) as error:
            self.wrong("malformed_call", f"a call that cannot be read: {error}", pointer)
            return
        if call_id in self.calls or call_id in self.broken:
            self.wrong("malformed_call", f"two calls share the id {call_id!r}", pointer)
            return
        self.waiting.add(call_id)
        try:
            arguments = _arguments(raw_arguments)
        except (TypeError, ValueError, RecursionError) as error:
            # The assistant may still mend it; that is known when all messages have been read.
            self.broken[call_id] = Call(call_id, name, {}, index, position, self.turn)
            problem = f"a call that cannot be read: {error}"
            self.wrong("malformed_call", problem, pointer, fatal=False)
        else:
            self.calls[call_id] = Call(call_id, name, arguments, index, position, self.turn)

    def with_results(self, calls: dict[str, Call]) -> tuple[Call, ...]:
        """The calls with what answered them."""
        return tuple(call._replace(result=self.results.get(call.id)) for call in calls.values())

    def require_results(self, calls: Sequence[Call], last_message: int) -> None:
        """Note the calls that nothing answered."""
        for call in calls:
            if call.result is None:
                # Whoever runs the tools owes the result, unless the conversation ends here.
                blame: Blame = "assistant" if call.message == last_message else "server"
                finding = Finding(
                    code="unanswered_call",
                    message=f"{call.name} has no result",
                    turn=call.turn,
                    pointer=call.pointer,
                    blame=blame,
                )
                self.add(finding)


def _parts_of_call(raw_call: Any) -> tuple[str, str, object]:
    """The id, the tool's name and the arguments of a call.

    KeyError, TypeError or AttributeError if it is not one of the chat format.
    """
    # Indexed without a look at its type: whatever it is, the error says what is missing.
    call_id, function = raw_call["id"], raw_call["function"]
    name, arguments = function["name"], function["arguments"]
    is_function = raw_call.get("type", "function") == "function"
    if not isinstance(call_id, str) or not isinstance(name, str) or not is_function:
        raise TypeError("a call has a string as its id, one as its name, and the type function")
    return call_id, name, arguments


def _arguments(raw: object) -> JsonObject:
    """The arguments of a call, given as JSON text or as an object; ValueError or TypeError."""
    value = strict_json(raw) if isinstance(raw, str) else raw
    has_escapes = isinstance(raw, str) and "\\u" in raw
    if has_escapes and _LONE_SURROGATE.search(json.dumps(value, ensure_ascii=False)):
        raise ValueError("a lone surrogate (half a character) is in it")
    if not isinstance(value, dict):
        raise TypeError("the arguments are not an object")
    return value
