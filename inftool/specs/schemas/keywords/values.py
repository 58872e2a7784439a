"""JSON values beside the types of a schema: identity, fit, size."""

from __future__ import annotations

import json
import math
import re

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?\Z")
# Longer texts and larger integers are no quantities; converting them would be slow or overflow.
_MAX_NUMBER_TEXT = 50
_LARGEST_INTEGER = 10**300
# Characters of a value that a message shows.
_MAX_SHOWN = 80
# Above this, a float no longer stands for one integer.
_LARGEST_EXACT_FLOAT = 1e15
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def identity(value: object) -> str:
    """A text that is equal for equal JSON values: 1 and 1.0 are equal, 1 and true are not."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST_EXACT_FLOAT:
        value = int(value)
    return json.dumps(value, sort_keys=True)


def fits(value: object, types: list[str] | None) -> bool:
    """Whether a value is of one of the types. None allows any type.

    As in JSON Schema, 1.0 is an integer and true is no number.
    """
    if types is None:
        return True
    if value is None:
        return "null" in types
    if isinstance(value, bool):
        return "boolean" in types
    if isinstance(value, int):
        return "integer" in types or "number" in types
    if isinstance(value, float):
        is_integer = "integer" in types and value.is_integer()
        return math.isfinite(value) and ("number" in types or is_integer)
    if isinstance(value, str):
        return "string" in types
    return ("array" if isinstance(value, list) else "object") in types


def coerce(value: object, types: list[str] | None) -> object:
    """The value as one of the types if only its spelling is wrong, else the value itself.

    200 -> "200" for a string, "true" -> True for a boolean, "1.5" -> 1.5 for a number.
    """
    if fits(value, types) or types is None:
        return value
    # As JSON: true -> "true", not Python's "True".
    if "string" in types and isinstance(value, (bool, int, float)):
        return json.dumps(value)
    if isinstance(value, str):
        if "boolean" in types and value.lower() in {"true", "false"}:
            return value.lower() == "true"
        number = as_number(value)
        if number is not None and fits(number, types):
            return number
    return value


def as_number(value: object) -> int | float | None:
    """A number, or a text that spells one, as a number: " 12 " -> 12; None for any other value."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        text = value.strip()
        if len(value) >= _MAX_NUMBER_TEXT or not _NUMBER.match(text):
            return None
        return int(value) if text.lstrip("+-").isdecimal() else float(value)
    if isinstance(value, int):
        return value if abs(value) < _LARGEST_INTEGER else None
    if isinstance(value, float) and math.isfinite(value):
        return value
    return None


def is_finite(value: object) -> bool:
    """Whether a value is not NaN or infinite."""
    return not isinstance(value, float) or math.isfinite(value)


def holds_reference(value: object) -> bool:
    """Whether a value has a member `$ref` anywhere.

    Inside a schema it would be taken for a reference of the schema itself.
    """
    if isinstance(value, dict):
        return "$ref" in value or any(map(holds_reference, value.values()))
    return isinstance(value, list) and any(map(holds_reference, value))


def json_size(value: object) -> int:
    """The length of a value as compact JSON, in bytes. Raises RecursionError on deep nesting."""
    text = _encode(value)
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def short(value: object) -> str:
    """A value as a message shows it."""
    shown = repr(value)
    return shown if len(shown) <= _MAX_SHOWN else shown[: _MAX_SHOWN - 3] + "..."
