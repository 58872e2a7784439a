"""Definitions that refer to themselves without an object or an array in between would send a validator in circles: such branches are taken out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from inftool.core.types import JsonObject

_REF = "#/$defs/"
_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else")


def in_place(schema: Any) -> Iterator[str]:
    """The names that a schema applies to the very value that it is applied to itself."""
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        yield schema["$ref"].removeprefix(_REF)
    for word in _LISTS:
        for branch in schema.get(word, ()):
            yield from in_place(branch)
    for word in _SINGLE:
        yield from in_place(schema.get(word))
    for branch in schema.get("dependentSchemas", {}).values():
        yield from in_place(branch)


def find(names: list[str], schemas: dict[str, JsonObject]) -> set[str]:
    """Those of `names` that lead back to themselves in place; `schemas` holds every definition."""
    edges = {name: list(dict.fromkeys(in_place(schemas[name]))) for name in schemas}
    found: set[str] = set()
    done: set[str] = set()
    for start in names:
        # An explicit stack: a chain of definitions may be longer than the interpreter's.
        path: list[str] = []
        on_path: set[str] = set()
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            name, leaving = stack.pop()
            if leaving:
                on_path.discard(path.pop())
                done.add(name)
            elif name in on_path:
                found.update(path[path.index(name) :])
            elif name not in done:
                path.append(name)
                on_path.add(name)
                stack.append((name, True))
                stack.extend((inner, False) for inner in edges.get(name, ()))
    return found


def without(schema: Any, circular: set[str]) -> Any:
    """The schema without the branches that lead in circles."""
    if not isinstance(schema, dict):
        return schema
    if schema.get("$ref", "").removeprefix(_REF) in circular:
        return {word: value for word, value in schema.items() if word != "$ref"}
    kept: JsonObject = {}
    for word, value in schema.items():
        if word in _LISTS:
            branches = [
                without(branch, circular) for branch in value if not _leads(branch, circular)
            ]
            if len(branches) > 1 or (branches and word == "allOf"):
                kept[word] = branches
            elif branches:
                kept["allOf"] = [*kept.get("allOf", []), *branches]
        elif word in _SINGLE:
            if not _leads(value, circular):
                kept[word] = without(value, circular)
        elif word == "dependentSchemas":
            kept[word] = {name: without(inner, circular) for name, inner in value.items()}
        else:
            kept[word] = value
    return kept


def _leads(branch: Any, circular: set[str]) -> bool:
    return isinstance(branch, dict) and branch.get("$ref", "").removeprefix(_REF) in circular
