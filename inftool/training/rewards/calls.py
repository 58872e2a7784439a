"""Calls that were made, compared with those that were wanted.

A call passes gates in this order: readable, tool, argument keys, argument values.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from inftool.core.json_pointer import escape
from inftool.core.json_values import key_of
from inftool.core.types import Arguments, JsonObject, Record, Schema
from inftool.training.rewards.pairing import assign
from inftool.training.rewards.read_calls import MadeCall
from inftool.training.rewards.score import RewardGate
from inftool.verification.checker.matching import same_json

# The paper gives no numbers [reconstructed]. They rise from gate to gate, so that mending one thing
# never lowers a reward.
# Another tool than the one that is wanted: the decision to call was right, and nothing else.
WRONG_TOOL = 0.1
# No more than for a wrong tool: partial credit for arguments is farmed by shorter calls, so leaving
# out a parameter or inventing one must not pay.
WRONG_KEYS = 0.1
# The right keys with a share f of right values earn WRONG_VALUES + VALUES_SPAN * f. That stays
# under a half however many values there are, far from the 1 of an exact call.
WRONG_VALUES, VALUES_SPAN = 0.2, 0.3
# Breaks ties between equally good pairings by the gates they reach, so that the parts, too, do not
# depend on the order of calls. Far below the smallest difference of two rewards.
_TIE = 1e-9


class WantedCall(Record):
    """One call that should be made."""

    name: str
    """The tool."""

    arguments: JsonObject
    """Its arguments."""

    free: tuple[str, ...] = ()
    """JSON pointers of arguments that may hold anything."""


class CallPair(NamedTuple):
    """How one call compares with one that is wanted."""

    reward: float
    """From 0 to 1."""

    gate: RewardGate
    """The gate at which the comparison stopped."""

    share: float = 0.0
    """The share of values that are right."""


NOTHING = CallPair(0.0, "decision")
"""The comparison of a wanted call that was never made."""

_ORDER: dict[RewardGate, int] = {
    "format": 0,
    "decision": 0,
    "tool": 1,
    "keys": 2,
    "values": 3,
    "passed": 4,
}


class CallMatching(NamedTuple):
    """Calls paired with those that are wanted."""

    reward: float
    """From 0 to 1."""

    gate: RewardGate
    """The first gate at which a wanted call stopped."""

    parts: dict[str, float]
    """`tool`, `keys` and `values`, each from 0 to 1."""

    pairs: list[tuple[int | None, CallPair]]
    """For each wanted call the index of the call it is paired with, and how they compare."""


def score_calls(
    made: Sequence[MadeCall], wanted: Sequence[WantedCall], schemas: Mapping[str, Schema]
) -> CallMatching:
    """Score calls against those that are wanted, paired so that the reward is the greatest.

    A call too many weighs as much as one that is missing, and the same calls in another order have
    the same score. Neither sequence may be empty.
    """
    compared = [[compare(call, need, schemas) for call in made] for need in wanted]
    columns = assign([[pair.reward + _TIE * _ORDER[pair.gate] for pair in row] for row in compared])
    pairs = [
        (column, compared[row][column] if column is not None else NOTHING)
        for row, column in enumerate(columns)
    ]
    size = max(len(made), len(wanted))
    reached = [_ORDER[pair.gate] for _, pair in pairs]
    # fsum of sorted numbers: the same sum to the last bit, whatever the order of the calls.
    parts = {
        "tool": sum(gate >= _ORDER["keys"] for gate in reached) / size,
        "keys": sum(gate >= _ORDER["values"] for gate in reached) / size,
        "values": math.fsum(sorted(pair.share for _, pair in pairs)) / size,
    }
    reward = math.fsum(sorted(pair.reward for _, pair in pairs)) / size
    first = min((pair.gate for _, pair in pairs), key=lambda gate: _ORDER[gate])
    # All that was wanted, and a call beside it: the decision to make that one was wrong.
    gate = "decision" if first == "passed" and len(made) > len(wanted) else first
    return CallMatching(reward, gate, parts, pairs)


def compare(made: MadeCall, wanted: WantedCall, schemas: Mapping[str, Schema]) -> CallPair:
    """Compare one call with one that is wanted.

    0 where it is unreadable or its tool is not offered, 0.1 for another tool or other keys,
    0.2 + 0.3 * share for wrong values, 1 where it is exact.
    """
    if made.arguments is None or made.name not in schemas:
        return CallPair(0.0, "format" if made.arguments is None else "tool")
    if made.name != wanted.name:
        return CallPair(WRONG_TOOL, "tool")
    schema = schemas[wanted.name]
    leaves = _leaves(made.arguments, schema, wanted.free)
    wanted_leaves = _leaves(wanted.arguments, schema, wanted.free)
    if _keys(leaves) != _keys(wanted_leaves):
        return CallPair(WRONG_KEYS, "keys")
    same = sum(wanted_leaves.get(path, _ABSENT) == value for path, value in leaves.items())
    size = max(len(leaves), len(wanted_leaves))
    if same == size:
        return CallPair(1.0, "passed", 1.0)
    return CallPair(WRONG_VALUES + VALUES_SPAN * same / size, "values", same / size)


_ABSENT = object()
_Path = tuple[str, ...]


def _leaves(arguments: Arguments, schema: Schema, free: Sequence[str]) -> dict[_Path, object]:
    """Every scalar by its path, made comparable as the outcome gate does.

    What equals its default, and what is free, is left out.
    """
    properties = schema.get("properties")
    inner = properties if isinstance(properties, dict) else {}
    kept = {
        key: value for key, value in arguments.items() if not _is_default(inner.get(key), value)
    }
    ignored = frozenset(free)
    return {
        path: value
        for path, value in _walk(kept, ())
        if path and "".join(f"/{part}" for part in path) not in ignored
    }


def _is_default(schema: object, value: object) -> bool:
    return isinstance(schema, dict) and "default" in schema and same_json(schema["default"], value)


def _walk(value: object, path: _Path) -> Iterator[tuple[_Path, object]]:
    """Yield each leaf below a value with its path; an empty object or list is a leaf too."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _walk(item, (*path, escape(key)))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from _walk(item, (*path, str(index)))
    elif isinstance(value, (dict, list)):
        yield path, (type(value).__name__, "")
    elif isinstance(value, str):
        # "New  York" and "new york" are the same value.
        yield path, ("text", " ".join(value.casefold().split()))
    else:
        yield path, key_of(value)


def _keys(leaves: Mapping[_Path, object]) -> frozenset[_Path]:
    """The parameters that were given, at any depth.

    A list of two values, one of three and an empty one have the same:
    {("ids", "0"), ("ids", "1")} -> {("ids",)}.
    """
    keys = set()
    for path in leaves:
        last = max((index for index, part in enumerate(path) if not part.isdigit()), default=-1)
        keys.add(tuple("*" if part.isdigit() else part for part in path[: last + 1]))
    return frozenset(keys)
