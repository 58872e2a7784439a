"""The gated reward of one message: format → decision to call → tool → argument keys → argument
values → exact (InfTool, section on training).

The paper names the gates and publishes no formula; the numbers are ours [reconstructed]. Training
and evaluation score alike, without torch.
Partial credit for arguments is farmed by shorter calls, so a missing or invented parameter earns no
more than a wrong tool.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, get_args

from pydantic import Field

from inftool.core.chat import ChatMessage
from inftool.core.json_pointer import escape
from inftool.core.json_values import key_of
from inftool.core.types import JsonObject, Record
from inftool.language.values import mentions, normalize
from inftool.training.rewards.pairing import assign
from inftool.verification.checker.matching import same_json
from inftool.verification.checker.told_facts import declines

RewardGate = Literal[
    "format", "finish", "decision", "tool", "keys", "values", "outcome", "dialogue", "passed"
]
REWARD_GATES: tuple[RewardGate, ...] = get_args(RewardGate)
WordsKind = Literal["", "asks", "declines"]

NAME, KEYS, VALUES, VALUES_SPAN = 0.1, 0.1, 0.2, 0.3
# Breaks ties between equally good pairings by the gates they reach, so that the parts, too, do not
# depend on the order of calls.
_TIE = 1e-9


class Score(Record):
    """What a message or a play is worth: `reward` in [0, 1], the gate it stopped at, and each part
    in [0, 1].

    A score that is not `counted` says nothing about the assistant (the user's, the server's or the
    spec's fault): leave it out of a baseline.
    """

    reward: float = Field(ge=0.0, le=1.0)
    gate: RewardGate
    parts: dict[str, float] = Field(default_factory=dict)
    counted: bool = True
    codes: tuple[str, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether every gate was passed."""
        return self.gate == "passed"


class WantedCall(Record):
    """One call that is wanted. `free` are JSON pointers of arguments that may be anything."""

    name: str
    arguments: JsonObject
    free: tuple[str, ...] = ()


class Expected(Record):
    """What one message of the assistant should be: calls in any order, or words.

    Of words, `tell` are the values to be told, and `says` whether they should be a question or a
    refusal.
    """

    calls: tuple[WantedCall, ...] = ()
    tell: tuple[Any, ...] = ()
    says: WordsKind = ""


class MadeCall(NamedTuple):
    """One call that was made, its arguments read; None where they are no JSON object."""

    name: str
    arguments: JsonObject | None


class CallPair(NamedTuple):
    """How one call compares with one that is wanted: its reward, the gate it stopped at, and the
    share of values that are right."""

    reward: float
    gate: RewardGate
    share: float = 0.0


NOTHING = CallPair(0.0, "decision")
_REACHED: dict[RewardGate, int] = {
    "format": 0,
    "decision": 0,
    "tool": 1,
    "keys": 2,
    "values": 3,
    "passed": 4,
}


def score_message(
    message: ChatMessage | None, expected: Expected, schemas: Mapping[str, JsonObject]
) -> Score:
    """Score one message in the OpenAI chat format (None: what the model wrote cannot be read)
    against what it should be.

    `schemas` are the input schemas of the offered tools by name. No calls where some are wanted, or
    calls where none is, earn nothing.
    """
    made = calls_of(message)
    if message is None or made is None:
        return _stopped("format", {"format": 0.0})
    text = message.get("content") or ""
    parts = {"format": 1.0}
    if not made and not (isinstance(text, str) and text.strip()):
        return _stopped("format", {"format": 0.0})
    if bool(made) != bool(expected.calls):
        return _stopped("decision", {**parts, "decision": 0.0})
    parts["decision"] = 1.0
    if not made:
        return _score_words(text, expected, parts)
    found = score_calls(made, expected.calls, schemas)
    return Score(reward=found.reward, gate=found.gate, parts={**parts, **found.parts})


def _score_words(text: str, expected: Expected, parts: dict[str, float]) -> Score:
    # A question is none of the two others, so no one sentence is right everywhere.
    asks, refuses = "?" in text, declines(text)
    right = {"asks": asks and not refuses, "declines": refuses, "": not refuses}[expected.says]
    if not right:
        return _stopped("outcome", {**parts, "outcome": 0.0}, NAME)
    said = normalize(text)
    told = (
        sum(mentions(said, value) for value in expected.tell) / len(expected.tell)
        if expected.tell
        else 1.0
    )
    parts = {**parts, "outcome": told}
    if told < 1.0:
        return _stopped("outcome", parts, VALUES + VALUES_SPAN * told)
    return Score(reward=1.0, gate="passed", parts=parts)


def _stopped(gate: RewardGate, parts: dict[str, float], reward: float = 0.0) -> Score:
    return Score(reward=reward, gate=gate, parts=parts)


class CallMatching(NamedTuple):
    """Calls against what was wanted: the reward, the first gate that a wanted call stopped at, the
    parts, and each wanted call's call and score."""

    reward: float
    gate: RewardGate
    parts: dict[str, float]
    pairs: list[tuple[int | None, CallPair]]


def score_calls(
    made: Sequence[MadeCall], wanted: Sequence[WantedCall], schemas: Mapping[str, JsonObject]
) -> CallMatching:
    """Score calls against those that are wanted, paired as well as they can be; a call too many
    weighs as much as one that is missing.

    The same calls in another order have the same score. Neither sequence may be empty.
    """
    compared = [[compare(call, need, schemas) for call in made] for need in wanted]
    columns = assign(
        [[pair.reward + _TIE * _REACHED[pair.gate] for pair in row] for row in compared]
    )
    pairs = [
        (column, compared[row][column] if column is not None else NOTHING)
        for row, column in enumerate(columns)
    ]
    size = max(len(made), len(wanted))
    reached = [_REACHED[pair.gate] for _, pair in pairs]
    parts = {
        "tool": sum(gate >= 2 for gate in reached) / size,
        "keys": sum(gate >= 3 for gate in reached) / size,
        "values": math.fsum(sorted(pair.share for _, pair in pairs)) / size,
    }
    reward = math.fsum(sorted(pair.reward for _, pair in pairs)) / size
    least = min((pair.gate for _, pair in pairs), key=lambda gate: _REACHED[gate])
    # Everything wanted was called, and something else beside it: the decision to make that call was
    # wrong.
    gate = "decision" if least == "passed" and len(made) > len(wanted) else least
    return CallMatching(reward, gate, parts, pairs)


def compare(made: MadeCall, wanted: WantedCall, schemas: Mapping[str, JsonObject]) -> CallPair:
    """One call against one that is wanted: 0 unreadable or not offered, 0.1 another tool or other
    keys, 0.2 + 0.3·share, 1 exact."""
    if made.arguments is None or made.name not in schemas:
        return CallPair(0.0, "format" if made.arguments is None else "tool")
    if made.name != wanted.name:
        return CallPair(NAME, "tool")
    schema = schemas[wanted.name]
    mine, theirs = (
        _leaves(made.arguments, schema, wanted.free),
        _leaves(wanted.arguments, schema, wanted.free),
    )
    if _keys(mine) != _keys(theirs):
        return CallPair(KEYS, "keys")
    same = sum(theirs.get(pointer, _ABSENT) == value for pointer, value in mine.items())
    size = max(len(mine), len(theirs))
    if same == size:
        return CallPair(1.0, "passed", 1.0)
    return CallPair(VALUES + VALUES_SPAN * same / size, "values", same / size)


_ABSENT = object()


def _leaves(
    arguments: JsonObject, schema: JsonObject, free: Sequence[str]
) -> dict[tuple[str, ...], Any]:
    """Every scalar by its path, made comparable as the outcome gate does; what equals its default,
    and what is free, does not count."""
    properties = schema.get("properties") or {}
    kept = {
        key: value
        for key, value in arguments.items()
        if not (
            isinstance(inner := properties.get(key), dict)
            and "default" in inner
            and same_json(inner["default"], value)
        )
    }
    ignored = frozenset(free)
    return {
        path: value
        for path, value in _walk(kept, ())
        if path and "".join(f"/{part}" for part in path) not in ignored
    }


def _walk(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _walk(item, (*path, escape(key)))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _walk(item, (*path, str(index)))
    elif isinstance(value, (dict, list)):
        yield path, (type(value).__name__, "")
    else:
        yield (
            path,
            ("text", " ".join(value.casefold().split()))
            if isinstance(value, str)
            else key_of(value),
        )


def _keys(leaves: Mapping[tuple[str, ...], Any]) -> frozenset[tuple[str, ...]]:
    """The parameters that were given, at any depth; a list of two values, one of three and an empty
    one have the same."""
    found = set()
    for path in leaves:
        named = max((place for place, part in enumerate(path) if not part.isdigit()), default=-1)
        found.add(tuple("*" if part.isdigit() else part for part in path[: named + 1]))
    return frozenset(found)


def calls_of(message: ChatMessage | None) -> list[MadeCall] | None:
    """The calls of a message, arguments as an object or as JSON text; None where the message itself
    cannot be read."""
    if not isinstance(message, dict):
        return None
    raw = message.get("tool_calls") or ()
    if not isinstance(raw, (list, tuple)):
        return None
    calls: list[MadeCall] = []
    for call in raw:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            return None
        calls.append(MadeCall(function["name"], read_arguments(function.get("arguments"))))
    return calls


def read_arguments(raw: Any) -> JsonObject | None:
    """A call's arguments as an object; None where they are none."""
    try:
        value = json.loads(raw, parse_constant=_refuse) if isinstance(raw, str) else raw
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
