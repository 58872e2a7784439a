"""The grounding gate: no argument is made up.

Every leaf of every argument comes from what the user said, from an earlier result, or from the
schema itself.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from typing import Any

from inftool.core.json_schema import subschemas
from inftool.core.json_values import key_of, scalars
from inftool.core.trajectories import Finding, GateName, GateResult
from inftool.core.types import JsonObject
from inftool.language.values import mentions, normalize, split_name
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.session_values import session_of
from inftool.verification.case import Case, answered
from inftool.verification.checker.builder import free_by_tool
from inftool.verification.conversation import Call, Conversation
from inftool.verification.gates.protocol import NO_ANSWERS, abstaining, attributed
from inftool.verification.turn_verdicts import TurnFault

_WORD = re.compile(r"[^\W_]+")
_FILLER = frozenset(
    [
        "a",
        "an",
        "and",
        "at",
        "by",
        "for",
        "from",
        "in",
        "is",
        "it",
        "of",
        "on",
        "or",
        "the",
        "to",
        "with",
    ]
)


class GroundingGate:
    """Passes if every value of every call has a source."""

    name: GateName = "grounding"
    prerequisite = True

    def faults(self, case: Case) -> list[TurnFault]:
        """Each value without a source, in calls that fit their schema."""
        return grounding_faults(case, case.conversation, {fault.call.id for fault in case.faults})

    def check(self, case: Case) -> GateResult:
        """`abstain` where the source may be a result that the layout does not record."""
        findings = case.unmended("grounding")
        if findings and not answered(case.trajectory):
            # Only the first message with calls cannot build on a result that nobody wrote down.
            first = min((call.message for call in case.conversation.calls), default=0)
            findings = [
                fault.finding
                for fault in case.faults
                if fault.gate == "grounding" and fault.call.message == first
            ]
            if not findings:
                return abstaining("grounding", NO_ANSWERS)
        return attributed("grounding", findings, case)


def grounding_faults(
    case: Case, conversation: Conversation, unchecked: Container[str] = ()
) -> list[TurnFault]:
    """A fault for each value without a source, in calls that are not in `unchecked` (ids).

    `conversation` is the case's own, or the same with the results of a replay.
    """
    free = free_by_tool(case.checker) if case.checker else None
    skipped = {
        call.id
        for call in conversation.calls
        if call.name not in case.schemas or call.id in unchecked
    }
    return [
        TurnFault("grounding", call, finding)
        for call, finding in ungrounded(conversation, case.schemas, unchecked=skipped, free=free)
    ]


def _stands_alone(text: str, answer: str) -> bool:
    """Whether a JSON text plainly has a string as a value of its own, which spares reading it:
    quotes within a string would be escaped."""
    if '"' in text or "\\" in text:
        return False
    place = answer.find(f'"{text}"')
    return (
        place > 0
        and answer[place - 1] in ":,[ "
        and answer[place + len(text) + 2 : place + len(text) + 3] in ",]}"
        and answer[0] in "[{"
    )


class Evidence:
    """What is known so far in a conversation; it grows turn by turn and result by result, so that
    the whole gate is linear in the calls."""

    def __init__(self, instructions: str) -> None:
        self._texts: list[str] = []
        self._spoken: set[str] = set()
        self._split = 0
        self._seen: set[tuple[str, str]] = set()
        self._answers: list[Call] = []
        self._folded: list[str] = []
        self._read = 0
        # What a session gives stands at the end of the instructions, as the time does.
        self._session = normalize(session_of(instructions))
        self._instructions = f"{normalize(instructions[-400:])} {self._session}"

    def hear(self, text: str) -> None:
        """The user said this."""
        self._texts.append(normalize(text))

    def _words(self) -> set[str]:
        for text in self._texts[self._split :]:
            self._spoken.update(_WORD.findall(text))
        self._split = len(self._texts)
        return self._spoken

    def learn(self, call: Call) -> None:
        """A call was answered. Its answer is only looked into when a value has no nearer source."""
        if call.result:
            self._answers.append(call)

    def _shows(self, key: tuple[str, str]) -> bool:
        """Whether an answer whose text holds a value's text holds the value: most answers do not,
        and one that does is nearly always its source."""
        text = key[1]
        self._folded += [
            (call.result or "").casefold() for call in self._answers[len(self._folded) :]
        ]
        for at in range(len(self._answers) - 1, -1, -1):
            if text in self._folded[at] and (
                _stands_alone(text, self._folded[at]) or self._holds(at, key)
            ):
                self._seen.add(key)
                return True
        return False

    def _holds(self, at: int, key: tuple[str, str]) -> bool:
        return any(key_of(item) == key for item in scalars(self._answers[at].answer()))

    def _was_answered(self, key: tuple[str, str]) -> bool:
        """The same by reading everything, once: for escapes, and for 5.0 that is 5."""
        for call in self._answers[self._read :]:
            self._seen.update(map(key_of, scalars(call.answer())))
        self._read = len(self._answers)
        return key in self._seen

    def supports(self, value: Any, name: str) -> bool:
        """Whether a scalar that is passed under a name was said or seen."""
        if isinstance(value, bool):
            # A person says what is to be true or not ("gift wrapped", "without breakfast"), rarely
            # "yes".
            words = [
                word
                for word in split_name(name).casefold().split()
                if word not in _FILLER and word not in ("is", "has")
            ]
            return bool(words) and all(self._heard_stem(word) for word in words)
        key = key_of(value)
        # Keys come from answers, words from people: each is looked for first where it most likely
        # is.
        opaque = len(key[1]) > 5 and " " not in key[1]
        if key in self._seen:
            return True
        if opaque and self._shows(key):
            return True
        if any(mentions(text, value) for text in self._texts):
            # Said once is known for good: the same value in the next thousand calls costs nothing.
            self._seen.add(key)
            return True
        if not opaque and self._shows(key):
            return True
        if not isinstance(value, str):
            return (bool(self._session) and mentions(self._session, value)) or self._was_answered(
                key
            )
        words = [word for word in _WORD.findall(normalize(value)) if word not in _FILLER]
        heard = self._words()
        # "paperbacks" says paperback.
        spread = bool(words) and all(
            word in heard or f"{word}s" in heard or f"{word}es" in heard for word in words
        )
        return (
            spread
            or (bool(value) and mentions(self._instructions, value))
            or self._was_answered(key)
        )

    def _heard_stem(self, word: str) -> bool:
        stem = word[: max(4, len(word) - 3)]
        return any(heard.startswith(stem) for heard in self._words())


def _from_schema(value: Any, schemas: list[JsonObject]) -> bool:
    for schema in schemas:
        if (
            "default" in schema
            and schema["default"] == value
            and isinstance(schema["default"], bool) == isinstance(value, bool)
        ):
            return True
        if "const" in schema or (isinstance(schema.get("enum"), list) and len(schema["enum"]) == 1):
            return True
    return value is None and any(
        schema.get("type") == "null"
        or (isinstance(schema.get("type"), list) and "null" in schema["type"])
        for schema in schemas
    )


def ungrounded(
    conversation: Conversation,
    schemas: Mapping[str, JsonObject],
    *,
    unchecked: Container[str] = (),
    free: Mapping[str, Container[str]] | None = None,
) -> list[tuple[Call, Finding]]:
    """Each argument leaf that nobody said, no earlier call answered and no schema gives; a call's
    own message counts as one moment.

    The calls in `unchecked` (ids) only answer. `free` are the pointers, by tool, of arguments that
    need no source. Linear in the calls.
    """
    evidence = Evidence(conversation.instructions)
    findings: list[tuple[Call, Finding]] = []
    heard = 0
    waiting: list[Call] = []
    for call in conversation.calls:
        while heard <= call.turn and heard < len(conversation.user):
            evidence.hear(conversation.user[heard])
            heard += 1
        if waiting and waiting[0].message != call.message:
            for earlier in waiting:
                evidence.learn(earlier)
            waiting = []
        waiting.append(call)
        if call.id in unchecked:
            continue
        exempt = (free or {}).get(call.name, ())
        for pointer, value in leaves(call.arguments):
            if isinstance(value, (dict, list)) or pointer in exempt:
                continue
            name = next((part for part in reversed(pointer.split("/")) if not part.isdigit()), "")
            if evidence.supports(value, name) or _from_schema(
                value, list(subschemas(schemas[call.name], pointer))
            ):
                continue
            finding = Finding(
                code="ungrounded_argument",
                message=f"{call.name}: {pointer or '/'} is {value!r}, which the user did not say, "
                "no earlier result holds and the schema does not give",
                turn=call.turn,
                pointer=f"{call.pointer}/function/arguments{pointer}",
            )
            findings.append((call, finding))
    return findings
