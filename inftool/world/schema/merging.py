"""Merges JSON Schemas that hold together (`allOf`), or of which one holds (`oneOf`, `anyOf`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from inftool.core.types import Schema

# A `oneOf` beside another cannot be merged with it. It is set aside under this key, which
# validators ignore.
MORE_ALTERNATIVES = "x-more"

# Keywords that belong to a document rather than to a schema in it.
_DOCUMENT_KEYWORDS = frozenset({"$defs", "definitions", "$schema", "$id"})
_ANNOTATIONS = frozenset({"description", "title"})


def merge_schemas(first: Schema, second: Schema) -> dict[str, object]:
    """A schema that asks for what both schemas ask for.

    It is an approximation: where two patterns or formats meet, that of the second counts. What is
    made by it is validated in the end.
    """
    merged: dict[str, object] = dict(first)
    for keyword, value in second.items():
        if keyword in _DOCUMENT_KEYWORDS:
            continue
        if keyword not in merged:
            merged[keyword] = value
        elif keyword in {"oneOf", "anyOf"}:
            merged[MORE_ALTERNATIVES] = _with_another(merged.get(MORE_ALTERNATIVES), value)
        elif keyword not in _ANNOTATIONS:
            merge = _MERGERS.get(keyword)
            merged[keyword] = merge(merged[keyword], value) if merge is not None else value
    return merged


def _with_another(alternatives: object, value: object) -> list[object]:
    return [*alternatives, value] if isinstance(alternatives, list) else [value]


def _merge_properties(first: Schema, second: Schema) -> dict[str, object]:
    merged = dict(first)
    for name, schema in second.items():
        known = merged.get(name, True)
        # `true` admits everything, and adds nothing to the other schema.
        if known is True or schema is True or known == schema:
            merged[name] = schema
        else:
            merged[name] = {"allOf": [known, schema]}
    return merged


def _merge_required(first: Sequence[str], second: Sequence[str]) -> list[str]:
    return [*first, *(name for name in second if name not in first)]


def _merge_enum(first: Sequence[object], second: Sequence[object]) -> Sequence[object]:
    # Two lists without a common value admit nothing; one of them serves for a sample.
    return [item for item in first if item in second] or second


def _merge_types(first: str | list[str], second: str | list[str]) -> str | list[str]:
    """`("number", "integer")` -> "integer"; `(["string", "null"], "string")` -> "string"."""
    known = {first} if isinstance(first, str) else set(first)
    kept = [
        kind
        for kind in ([second] if isinstance(second, str) else second)
        if kind in known or (kind == "integer" and "number" in known)
    ]
    return kept[0] if len(kept) == 1 else (kept or second)


_MERGERS: dict[str, Callable[[Any, Any], Any]] = {
    "properties": _merge_properties,
    "required": _merge_required,
    "enum": _merge_enum,
    "type": _merge_types,
    # The narrower bound counts.
    "minimum": max,
    "exclusiveMinimum": max,
    "minLength": max,
    "minItems": max,
    "maximum": min,
    "exclusiveMaximum": min,
    "maxLength": min,
    "maxItems": min,
    # An object that may hold anything else adds nothing.
    "additionalProperties": lambda first, second: second if second is not True else first,
}


def either_schema(schemas: Sequence[Schema], flattened: Sequence[Schema]) -> dict[str, object]:
    """A schema for what satisfies one of several schemas, of which there are at least two.

    `flattened` are the same schemas with their references followed. Closed lists are joined:
    `[{"const": "card"}, {"enum": ["cash"]}]` -> an enum of both.
    """
    listed: list[object] = []
    for schema in flattened:
        values = [schema["const"]] if "const" in schema else schema.get("enum")
        if not isinstance(values, list):
            return {"anyOf": list(schemas)}
        listed += [value for value in values if isinstance(value, str | int)]
    return {"enum": list(dict.fromkeys(listed)), "type": flattened[0].get("type", "string")}
