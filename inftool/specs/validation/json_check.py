"""Whether a value is one that JSON can say."""

from __future__ import annotations

import math

from inftool.specs.validation.violations import Path, Violation, violation_at
from inftool.specs.validation.wording import place_text

# Deeper than any document that is read, and than any schema can ask for without recursion.
MAX_DEPTH = 200


def is_finite_json(value: object) -> bool:
    """Whether a JSON value has no NaN or infinity in it."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(is_finite_json, value.values()))
    if isinstance(value, list):
        return all(map(is_finite_json, value))
    return True


def first_non_json(value: object) -> Violation | None:
    """The first thing in a value that JSON cannot say, None if there is none."""
    # An explicit stack: a call may be nested deeper than the interpreter's.
    stack: list[tuple[Path, object]] = [((), value)]
    while stack:
        path, inner = stack.pop()
        if isinstance(inner, float) and not math.isfinite(inner):
            return _no_value(path, str(inner))
        if len(path) > MAX_DEPTH:
            expected = "a value nested less deeply"
            message = f"{place_text(path[:1])} must be {expected}"
            return violation_at(path[:1], "other", expected, message)
        if isinstance(inner, dict):
            for key, member in inner.items():
                if not isinstance(key, str):
                    return _odd_name(path, key)
                stack.append(((*path, key), member))
        elif isinstance(inner, list):
            stack.extend(((*path, index), member) for index, member in enumerate(inner))
        elif inner is not None and not isinstance(inner, (str, int, float)):
            return _no_value(path, type(inner).__name__)
    return None


def _odd_name(path: Path, key: object) -> Violation:
    expected = "names that are strings"
    message = f"the name {key!r} is no string: expected {expected}"
    return violation_at((*path, str(key)), "unknown_argument", expected, message)


def _no_value(path: Path, shown: str) -> Violation:
    expected = "a JSON value"
    message = f"{place_text(path)} must be {expected}, not {shown}"
    return violation_at(path, "wrong_type", expected, message)
