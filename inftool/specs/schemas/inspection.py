"""Converted schemas, looked at and reshaped without the documents that they came from."""

from __future__ import annotations

from typing import Any

from inftool.core.types import JsonObject
from inftool.specs.schemas import keywords


def references(schema: Any) -> set[str]:
    """The names of every definition that a schema refers to."""
    found: set[str] = set()
    stack = [schema]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                found.add(value["$ref"].removeprefix("#/$defs/"))
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return found


def nullable(schema: JsonObject) -> JsonObject:
    """The schema, and null."""
    if (
        "$ref" in schema
        or "oneOf" in schema
        or "anyOf" in schema
        or "not" in schema
        or "allOf" in schema
        or "const" in schema
    ):
        if any(
            branch.get("type") == "null"
            for word in ("oneOf", "anyOf")
            for branch in schema.get(word, ())
            if isinstance(branch, dict)
        ):
            return schema
        notes: JsonObject = {
            word: schema[word] for word in ("title", "description") if word in schema
        }
        return {
            **notes,
            "anyOf": [
                {word: value for word, value in schema.items() if word not in notes},
                {"type": "null"},
            ],
        }
    types = schema.get("type")
    if types is None and "enum" not in schema:
        return schema
    schema = dict(schema)
    if types is not None:
        names = [types] if isinstance(types, str) else list(types)
        schema["type"] = names if "null" in names else [*names, "null"]
    if "enum" in schema and None not in schema["enum"]:
        schema["enum"] = [*schema["enum"], None]
    return schema


def declares(value: Any) -> bool:
    """Whether a branch brings members of its own."""
    if isinstance(value, list):
        return any(declares(item) for item in value)
    if not isinstance(value, dict):
        return False
    if value.keys() & {"properties", "$ref", "patternProperties", "additionalProperties"}:
        return True
    return any(declares(value.get(word)) for word in ("oneOf", "anyOf", "allOf", "then", "else"))


def overlap(branches: list[JsonObject]) -> bool:
    """Whether a value of a simple type could match two branches at once, so that a oneOf would refuse it."""
    seen: list[tuple[set[str], JsonObject]] = []
    for branch in branches:
        types = branch.get("type")
        names = {types} if isinstance(types, str) else set(types or ())
        if "number" in names:
            names.add("integer")
        simple = names & {"string", "integer", "number", "boolean", "null"}
        for others, other in seen:
            if simple & others and not _apart(branch, other):
                return True
        if not branch:
            return True
        seen.append((simple, branch))
    return False


def _apart(one: JsonObject, other: JsonObject) -> bool:
    first, second = (
        branch.get("enum", [branch["const"]] if "const" in branch else None)
        for branch in (one, other)
    )
    if first is None or second is None:
        return False
    known = {keywords.identity(value) for value in first}
    return not any(keywords.identity(value) in known for value in second)
