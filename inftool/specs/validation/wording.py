"""Values, types and places in the words of a violation."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence

from inftool.core.types import Schema
from inftool.specs.validation.violations import Path

# How many names or values a message lists, and how many characters of a value it shows.
_LISTED = 12
_LISTED_NAMES = _LISTED * 2
_MAX_CHOICE = 60
_MAX_VALUE = 80
# Values and characters compared in search of what was meant; more would be slow.
_MAX_COMPARED = 2000
_MAX_COMPARED_TEXT = 200
# Similarity (difflib's ratio) from which one is suggested. A value is suggested from a higher one
# than a name, as the values of an enum are alike more often.
_CLOSE_VALUE = 0.7
_CLOSE_NAME = 0.6
_TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "object": "an object",
    "array": "an array",
    "null": "null",
}
_KINDS: dict[type, str] = {
    str: "the string ",
    dict: "the object ",
    list: "the array ",
    bool: "the boolean ",
}


def place_text(path: Path) -> str:
    """A path for people and models alike: ("items", 0, "name") -> "`items[0].name`"."""
    if not path:
        return "the call"
    text = str(path[0])
    for token in path[1:]:
        text += f"[{token}]" if isinstance(token, int) else f".{token}"
    return f"`{text}`"


def types_text(types: Iterable[str]) -> str:
    """Types in words: ["string", "null"] -> "a string or null"."""
    words = list(dict.fromkeys(_TYPES.get(name, name) for name in types))
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def choices_text(choices: Sequence[object]) -> str:
    """The values of an enum: ["a", "b"] -> 'one of "a", "b"'."""
    shown = ", ".join(
        json.dumps(choice, ensure_ascii=False)[:_MAX_CHOICE] for choice in choices[:_LISTED]
    )
    if len(choices) == 1:
        return shown
    more = f" and {len(choices) - _LISTED} more" if len(choices) > _LISTED else ""
    return f"one of {shown}{more}"


def names_text(names: Sequence[str]) -> str:
    """Some of the names, separated by commas."""
    more = ", …" if len(names) > _LISTED_NAMES else ""
    return ", ".join(names[:_LISTED_NAMES]) + more


def schema_text(schema: Schema) -> str:
    """What a schema expects.

    {"type": "string", "format": "date"} -> "a string in the format date"
    """
    if "const" in schema or "enum" in schema:
        choices = schema.get("enum", [schema.get("const")])
        return choices_text(choices if isinstance(choices, list) else [choices])
    types = schema.get("type")
    words = "a value"
    if isinstance(types, str):
        words = types_text([types])
    elif isinstance(types, list) and types:
        words = types_text(types)
    return f"{words} in the format {schema['format']}" if "format" in schema else words


def value_text(value: object) -> str:
    """A value that was given: "abc" -> 'the string "abc"'."""
    if value is None:
        return "null"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    shown = text if len(text) <= _MAX_VALUE else text[: _MAX_VALUE - 3] + "..."
    return _KINDS.get(type(value), "") + shown


def length_text(value: object) -> str:
    """The length of a string, an array or an object."""
    return str(len(value)) if isinstance(value, (str, list, dict)) else value_text(value)


def suggested_value(value: object, choices: Sequence[object]) -> str:
    """The choice that was most likely meant, as " (did you mean ...?)"; empty if there is none."""
    if not isinstance(value, str):
        return ""
    by_lower = {
        choice.lower(): choice for choice in choices[:_MAX_COMPARED] if isinstance(choice, str)
    }
    text = value.lower()[:_MAX_COMPARED_TEXT]
    close = difflib.get_close_matches(text, by_lower, n=1, cutoff=_CLOSE_VALUE)
    return f" (did you mean {json.dumps(by_lower[close[0]], ensure_ascii=False)}?)" if close else ""


def suggested_name(name: str, names: Sequence[str]) -> str:
    """The name that was most likely meant, as " (did you mean ...?)"; empty if there is none."""
    close = difflib.get_close_matches(name, names, n=1, cutoff=_CLOSE_NAME)
    return f" (did you mean `{close[0]}`?)" if close else ""
