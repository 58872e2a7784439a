"""Makes values valid: what breaks the schema is left out, or another value is tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from inftool.core.types import Schema
from inftool.world.schema.validation import SchemaError, is_valid, schema_errors

Value = TypeVar("Value")

# Removing a part can bring up new errors. A value that is still invalid after this many rounds has
# parts that cannot be left out.
_MAX_ROUNDS = 12


def repair(schema: Schema, value: Value, make: Callable[[int], Value], *, tries: int = 4) -> Value:
    """A valid value: the given one without its invalid parts, else the first new one that is valid.

    `make(n)` makes the n-th new value, from 1 to `tries`. If none is valid, the last one comes
    back: the schema may accept nothing at all.
    """
    best = value
    for attempt in range(tries + 1):
        best = remove_invalid_parts(schema, make(attempt) if attempt else best)
        if is_valid(schema, best):
            return best
    return best


def remove_invalid_parts(schema: Schema, value: Value) -> Value:
    """A value without those parts that break the schema and can be left out; changed in place."""
    for _ in range(_MAX_ROUNDS):
        errors = schema_errors(schema, value)
        if not errors or not _remove(value, errors):
            break
    return value


def _remove(value: object, errors: list[SchemaError]) -> bool:
    """Take the parts with errors out of a value; whether there were any that could be taken."""
    # A list, not a generator: all errors are handled, not only the first.
    removed = [_remove_part(value, error.path) for error in errors]
    return any(removed)


def _remove_part(value: object, path: tuple[str | int, ...]) -> bool:
    """Take the part at a path out of the object or array around it.

    If it is not there, such as a property that is missing, the object or array itself goes.
    """
    for length in range(len(path), 0, -1):
        parent, last = _at(value, path[: length - 1]), path[length - 1]
        if isinstance(parent, dict) and last in parent:
            del parent[str(last)]
            return True
        if isinstance(parent, list) and isinstance(last, int) and last < len(parent):
            del parent[last]
            return True
        if parent is None:
            return False
    return False


def _at(value: object, path: tuple[str | int, ...]) -> object:
    """The part of a value at a path, or None if there is none."""
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
