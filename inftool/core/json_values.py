"""JSON values: canonical text, hashable keys, scalars, deep copies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> str:
    """A JSON value as text that depends on nothing but its content (keys sorted, no spaces)."""
    return _ENCODER.encode(value)


class Canonical:
    """A JSON value whose canonical text is made only if somebody asks for it (`str`)."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __str__(self) -> str:
        return canonical(self.value)


def copied(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if isinstance(value, dict):
        return {
            name: copied(item) if isinstance(item, (dict, list)) else item
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [copied(item) if isinstance(item, (dict, list)) else item for item in value]
    return value


def scalars(value: Any) -> Iterator[Any]:
    """Every scalar in a JSON value, without recursion."""
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        else:
            yield item


def key_of(value: Any) -> tuple[str, str]:
    """A scalar made comparable: 1 and 1.0 are the same, 1 and true are not, and "42" stands for 42."""
    if type(value) is str:
        return "value", value.casefold()
    if isinstance(value, bool) or value is None:
        return "constant", repr(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    return "value", str(value).casefold()
