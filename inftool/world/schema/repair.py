"""Values made valid: what breaks the schema is left out where it may be, else another value is tried."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inftool.core.types import JsonObject
from inftool.world.schema.validation import is_valid, schema_errors


def repair(schema: JsonObject, value: Any, make: Callable[[int], Any], *, tries: int = 4) -> Any:
    """A valid value: the one given, mended where it can be (optional parts left out), else the first of some new ones that is.

    `make(n)` gives the n-th other try. What still breaks the schema after that comes back as it is (the schema may accept nothing).
    """
    best = value
    for attempt in range(tries + 1):
        best = remove_invalid_parts(schema, make(attempt) if attempt else best)
        if is_valid(schema, best):
            return best
    return best


def remove_invalid_parts(schema: JsonObject, value: Any) -> Any:
    """A value without those of its parts that break the schema, as far as they can be left out; changed in place."""
    for _ in range(12):
        broken = schema_errors(schema, value)
        if not broken or not _drop(value, broken):
            break
    return value


def _drop(
    value: Any, broken: list[tuple[tuple[str | int, ...], str, tuple[str | int, ...]]]
) -> bool:
    """Take what breaks the schema out of its object; False where nothing could be taken out."""
    done = False
    for path, _, _ in broken:
        for cut in range(len(path), 0, -1):
            above = _inside(value, path[: cut - 1])
            last = path[cut - 1]
            if isinstance(above, dict) and last in above:
                del above[str(last)]
            elif isinstance(above, list) and isinstance(last, int) and last < len(above):
                del above[last]
            elif above is not None:
                continue
            done = done or above is not None
            break
    return done


def _inside(value: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        if isinstance(value, dict) and step in value:
            value = value[str(step)]
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value
