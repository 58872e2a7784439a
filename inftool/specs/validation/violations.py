"""A failed validation -> which argument, what was expected, and a sentence that says both."""

from __future__ import annotations

import difflib
import json
import math
from typing import Any, Literal

import jsonschema_rs

from inftool.core.json_pointer import escape
from inftool.core.types import JsonObject, Record

Code = Literal[
    "unknown_argument",
    "missing_required",
    "wrong_type",
    "bad_enum",
    "bad_format",
    "out_of_range",
    "too_long",
    "too_short",
    "bad_pattern",
    "not_unique",
    "no_match",
    "other",
]
MAX_VIOLATIONS = 20
# Deeper than any document that is read, and than any schema can ask for without recursion.
MAX_DEPTH = 200
_LISTED = 12
_REF_KEY = "$ref"
Path = tuple[str | int, ...]


class Violation(Record):
    """One thing that is wrong with a call: `argument` is the top-level argument (empty for the call itself), `pointer` the place inside the call."""

    argument: str
    pointer: str
    code: Code
    expected: str
    message: str


def explain(
    compiled: jsonschema_rs.Draft202012Validator, schema: JsonObject, value: Any
) -> list[Violation]:
    """Everything that is wrong with a value that failed, each at its place; never empty."""
    if odd := _no_json(value):
        return [odd]
    found: list[Violation] = []
    try:
        for error in compiled.iter_errors(value):
            found.extend(_of(error, schema))
            if len(found) >= MAX_VIOLATIONS:
                break
    except (ValueError, TypeError, OverflowError) as error:
        found.append(_violation((), "other", "a JSON object of arguments", str(error)))
    unique = {
        (violation.pointer, violation.code, violation.expected): violation for violation in found
    }
    return list(unique.values()) or [
        _violation(
            (), "other", "arguments that fit the schema", "the arguments do not fit the schema"
        )
    ]


def _violation(path: Path, code: Code, expected: str, message: str) -> Violation:
    pointer = "".join(f"/{escape(str(token))}" for token in path)
    return Violation(
        argument=str(path[0]) if path else "",
        pointer=pointer,
        code=code,
        expected=expected,
        message=message,
    )


def _of(error: Any, schema: JsonObject) -> list[Violation]:
    kind = error.kind
    name: str = kind.name
    path = tuple(error.instance_path)
    where = _called(path)
    if name in {"additionalProperties", "unevaluatedProperties"}:
        return [_unknown(path, extra, _owner(schema, error)) for extra in kind.unexpected]
    if name == "required":
        missing = (*path, kind.property)
        expected = _expected(_member(_owner(schema, error), kind.property))
        return [
            _violation(
                missing,
                "missing_required",
                expected,
                f"{_called(missing)} is required but missing: expected {expected}",
            )
        ]
    if name == "dependentRequired" or (name == "type" and not path):
        expected = (
            "an object of arguments" if name == "type" else "the arguments that belong together"
        )
        return [
            _violation(
                path,
                "wrong_type" if name == "type" else "missing_required",
                expected,
                f"{where}: {error.message}",
            )
        ]
    if name == "type":
        expected = _either([_A.get(word, word) for word in kind.types])
        return [
            _violation(
                path,
                "wrong_type",
                expected,
                f"{where} must be {expected}, not {_shown(error.instance)}",
            )
        ]
    if name in {"enum", "const"}:
        choices = kind.options if name == "enum" else [kind.expected_value]
        expected = _choices(choices)
        close = _close(error.instance, choices)
        return [
            _violation(
                path,
                "bad_enum",
                expected,
                f"{where} must be {expected}, not {_shown(error.instance)}{close}",
            )
        ]
    if name == "format":
        expected = f"a string in the format {kind.format}"
        return [
            _violation(
                path,
                "bad_format",
                expected,
                f"{where} must be {expected}, not {_shown(error.instance)}",
            )
        ]
    if name in _RANGES:
        expected = f"{_RANGES[name]} {kind.multiple_of if name == 'multipleOf' else kind.limit}"
        return [
            _violation(
                path,
                "out_of_range",
                expected,
                f"{where} must be {expected}, not {_shown(error.instance)}",
            )
        ]
    if name in _LENGTHS:
        code, bound, unit = _LENGTHS[name]
        expected = f"{bound} {kind.limit} {unit}"
        return [
            _violation(
                path, code, expected, f"{where} must have {expected}, not {_length(error.instance)}"
            )
        ]
    if name == "pattern":
        # A pattern that takes too long to try has no attribute of its own.
        expected = f"a string that matches {getattr(kind, 'pattern', None) or _owner(schema, error).get('pattern', 'its pattern')}"
        return [
            _violation(
                path,
                "bad_pattern",
                expected,
                f"{where} must be {expected}, not {_shown(error.instance)}",
            )
        ]
    if name == "uniqueItems":
        return [
            _violation(
                path,
                "not_unique",
                "items that all differ",
                f"{where} must have items that all differ",
            )
        ]
    if name in {"anyOf", "oneOf"} and kind.context and all(kind.context):
        return _of_union(error, kind.context, schema)
    if name == "oneOf":
        return [
            _violation(
                path,
                "no_match",
                "a value that fits exactly one alternative",
                f"{where} fits more than one of the alternatives: {_shown(error.instance)}",
            )
        ]
    return [_violation(path, "other", f"a value that fits {name}", f"{where}: {error.message}")]


def _of_union(error: Any, branches: list[list[Any]], schema: JsonObject) -> list[Violation]:
    """A union that nothing matched: what is wrong with the branch that was meant, or what the branches expect between them."""
    path = tuple(error.instance_path)
    where = _called(path)
    here = len(path)
    if all(
        len(branch) == 1
        and branch[0].kind.name == "required"
        and len(branch[0].instance_path) == here
        for branch in branches
    ):
        names = list(dict.fromkeys(branch[0].kind.property for branch in branches))
        expected = f"one of: {', '.join(names)}"
        return [
            _violation((*path, names[0]), "missing_required", expected, f"{where} needs {expected}")
        ]
    # A branch of another type, or with another discriminator, was not meant.
    meant = [branch for branch in branches if not any(_elsewhere(inner, here) for inner in branch)]
    if len(meant) == 1:
        return [violation for inner in meant[0] for violation in _of(inner, schema)]
    types = [
        word
        for branch in branches
        for inner in branch
        if inner.kind.name == "type" and len(inner.instance_path) == here
        for word in inner.kind.types
    ]
    if (
        not meant
        and types
        and all(
            any(inner.kind.name == "type" and len(inner.instance_path) == here for inner in branch)
            for branch in branches
        )
    ):
        expected = _either(list(dict.fromkeys(_A.get(word, word) for word in types)))
        return [
            _violation(
                path,
                "wrong_type",
                expected,
                f"{where} must be {expected}, not {_shown(error.instance)}",
            )
        ]
    tags = _tags(branches, here)
    if tags and not meant:
        name, choices = tags
        expected = _choices(choices)
        given = error.instance.get(name) if isinstance(error.instance, dict) else None
        return [
            _violation(
                (*path, name),
                "bad_enum",
                expected,
                f"{_called((*path, name))} must be {expected}, not {_shown(given)}",
            )
        ]
    best = min(meant or branches, key=len)
    detail = _of(best[0], schema)[0]
    expected = f"a value that fits one of {len(branches)} alternatives"
    return [
        _violation(
            path,
            "no_match",
            expected,
            f"{where} fits none of its {len(branches)} alternatives; the nearest one says: {detail.message}",
        )
    ]


def _elsewhere(error: Any, here: int) -> bool:
    depth = len(error.instance_path)
    return (depth == here and error.kind.name in {"type", "const", "enum"}) or (
        depth == here + 1 and error.kind.name == "const"
    )


def _tags(branches: list[list[Any]], here: int) -> tuple[str, list[Any]] | None:
    """The member that tells the branches apart, and the values it may have."""
    found: dict[str, list[Any]] = {}
    for branch in branches:
        for inner in branch:
            if inner.kind.name == "const" and len(inner.instance_path) == here + 1:
                found.setdefault(str(inner.instance_path[-1]), []).append(inner.kind.expected_value)
    return max(found.items(), key=lambda entry: len(entry[1])) if found else None


def _unknown(path: Path, name: str, owner: JsonObject) -> Violation:
    known = list(owner.get("properties", {}))
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    shown = ", ".join(known[: _LISTED * 2]) + (", …" if len(known) > _LISTED * 2 else "")
    expected = (
        f"one of: {shown}" if known else "no arguments at all" if not path else "no members at all"
    )
    hint = f" (did you mean `{close[0]}`?)" if close else ""
    inside = f" in {_called(path)}" if path else ""
    return _violation(
        (*path, name),
        "unknown_argument",
        expected,
        f"unknown argument `{name}`{inside}{hint}: expected {expected}",
    )


def _owner(schema: JsonObject, error: Any) -> JsonObject:
    """The schema that holds the keyword that failed."""
    place: Any = schema
    for token in list(error.schema_path)[:-1]:
        if isinstance(place, dict) and token == _REF_KEY:
            place = schema.get("$defs", {}).get(place.get("$ref", "").rpartition("/")[2], {})
        elif isinstance(place, dict):
            place = place.get(str(token), {})
        elif isinstance(place, list) and isinstance(token, int) and token < len(place):
            place = place[token]
        else:
            return {}
    return place if isinstance(place, dict) else {}


def _member(owner: JsonObject, name: str) -> JsonObject:
    inner = owner.get("properties", {}).get(name)
    return inner if isinstance(inner, dict) else {}


_A = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "a boolean",
    "object": "an object",
    "array": "an array",
    "null": "null",
}
_RANGES = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
}
_LENGTHS: dict[str, tuple[Code, str, str]] = {
    "minLength": ("too_short", "at least", "characters"),
    "maxLength": ("too_long", "at most", "characters"),
    "minItems": ("too_short", "at least", "items"),
    "maxItems": ("too_long", "at most", "items"),
    "minProperties": ("too_short", "at least", "members"),
    "maxProperties": ("too_long", "at most", "members"),
}


def _expected(schema: JsonObject) -> str:
    """What a schema wants, in a few words."""
    if "const" in schema or "enum" in schema:
        return _choices(schema.get("enum", [schema.get("const")]))
    types = schema.get("type")
    words = (
        _either([_A.get(word, word) for word in ([types] if isinstance(types, str) else types)])
        if types
        else "a value"
    )
    return f"{words} in the format {schema['format']}" if "format" in schema else words


def _choices(choices: list[Any]) -> str:
    shown = ", ".join(json.dumps(choice, ensure_ascii=False)[:60] for choice in choices[:_LISTED])
    if len(choices) == 1:
        return shown
    return f"one of {shown}" + (
        f" and {len(choices) - _LISTED} more" if len(choices) > _LISTED else ""
    )


def _close(value: Any, choices: list[Any]) -> str:
    if not isinstance(value, str):
        return ""
    by_lower = {choice.lower(): choice for choice in choices[:2000] if isinstance(choice, str)}
    close = difflib.get_close_matches(value.lower()[:200], by_lower, n=1, cutoff=0.7)
    return f" (did you mean {json.dumps(by_lower[close[0]], ensure_ascii=False)}?)" if close else ""


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _called(path: Path) -> str:
    """`items[0].name` in backticks, for people and models alike."""
    if not path:
        return "the call"
    text = str(path[0])
    for token in path[1:]:
        text += f"[{token}]" if isinstance(token, int) else f".{token}"
    return f"`{text}`"


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    kind = {str: "the string ", dict: "the object ", list: "the array ", bool: "the boolean "}.get(
        type(value), ""
    )
    return kind + (text if len(text) <= 80 else text[:77] + "...")


def _length(value: Any) -> str:
    try:
        return str(len(value))
    except TypeError:
        return _shown(value)


def _no_json(value: Any) -> Violation | None:
    """The first thing in a value that JSON cannot say."""
    # An explicit stack: a call may be nested deeper than the interpreter's.
    stack: list[tuple[Path, Any]] = [((), value)]
    while stack:
        path, inner = stack.pop()
        if isinstance(inner, float) and not math.isfinite(inner):
            return _violation(
                path,
                "wrong_type",
                "a JSON value",
                f"{_called(path)} must be a JSON value, not {inner}",
            )
        if len(path) > MAX_DEPTH:
            return _violation(
                path[:1],
                "other",
                "a value nested less deeply",
                f"{_called(path[:1])} must be a value nested less deeply",
            )
        if isinstance(inner, dict):
            for key, member in inner.items():
                if not isinstance(key, str):
                    return _violation(
                        (*path, str(key)),
                        "unknown_argument",
                        "names that are strings",
                        f"the name {key!r} is no string: expected names that are strings",
                    )
                stack.append(((*path, key), member))
        elif isinstance(inner, list):
            stack.extend(((*path, index), member) for index, member in enumerate(inner))
        elif inner is not None and not isinstance(inner, (str, int, float, bool)):
            return _violation(
                path,
                "wrong_type",
                "a JSON value",
                f"{_called(path)} must be a JSON value, not {type(inner).__name__}",
            )
    return None
