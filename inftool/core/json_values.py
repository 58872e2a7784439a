"""JSON values: canonical text, comparable keys, scalars, deep copies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
# Beyond 2**53 not every whole number is a float, so 1e15 and 10**15 are still safely the same.
_EXACT = 1e15


def canonical(value: object) -> str:
    """A JSON value as text that depends on nothing but its content: sorted keys, no spaces."""
    return _ENCODER.encode(value)


class Canonical:
    """A JSON value whose canonical text is made only when it is asked for (`str`)."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __str__(self) -> str:
        return canonical(self.value)


def copied(value: Any) -> Any:
    """A deep copy of a JSON value."""
    # Three times as fast as copy.deepcopy, which keeps a memo for cycles that JSON cannot have.
    if isinstance(value, dict):
        return {
            name: copied(item) if isinstance(item, (dict, list)) else item
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [copied(item) if isinstance(item, (dict, list)) else item for item in value]
    return value


def scalars(value: object) -> Iterator[Any]:
    """Every scalar in a JSON value, in no particular order."""
    # Without recursion: data from elsewhere may be nested deeper than Python's stack.
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        else:
            yield item


def key_of(value: object) -> tuple[str, str]:
    """A key under which scalars that mean the same are equal.

    1, 1.0 and "1" share one, and so do "Red" and "red"; 1 and true do not, nor null and "null".
    """
    # The common case first, by its exact type: this runs for every scalar of every result.
    if type(value) is str:
        return "value", value.casefold()
    # Python says True == 1; JSON does not.
    if isinstance(value, bool) or value is None:
        return "constant", repr(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        value = int(value)
    return "value", str(value).casefold()
