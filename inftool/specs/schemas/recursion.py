"""Definitions that refer back to themselves without an object or an array in between.

    A: {"anyOf": [{"$ref": "#/$defs/A"}, {"type": "string"}]}

A validator would follow them without end, so the branches that do so are taken out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inftool.core.types import Schema
from inftool.specs.schemas.inspection import definition_of, items_of, members_of

_LISTS = ("allOf", "anyOf", "oneOf")
_SINGLE = ("not", "if", "then", "else")


def applied_in_place(schema: object) -> Iterator[str]:
    """The names of the definitions that a schema applies to the same value as itself."""
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        yield definition_of(schema["$ref"])
    for keyword in _LISTS:
        for branch in items_of(schema, keyword):
            yield from applied_in_place(branch)
    for keyword in _SINGLE:
        yield from applied_in_place(schema.get(keyword))
    for branch in members_of(schema, "dependentSchemas").values():
        yield from applied_in_place(branch)


def find_circular(names: list[str], schemas: Mapping[str, Schema]) -> set[str]:
    """Those of `names` that lead back to themselves in place; `schemas` holds every definition."""
    edges = {name: list(dict.fromkeys(applied_in_place(schemas[name]))) for name in schemas}
    circular: set[str] = set()
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
            # Everything from the first occurrence on is a part of the circle.
            elif name in on_path:
                circular.update(path[path.index(name) :])
            elif name not in done:
                path.append(name)
                on_path.add(name)
                stack.append((name, True))
                stack.extend((inner, False) for inner in edges.get(name, ()))
    return circular


def without_circular(schema: dict[str, object], circular: set[str]) -> dict[str, object]:
    """The schema without the branches that refer to one of the `circular` definitions."""
    if definition_of(schema.get("$ref")) in circular:
        return {keyword: value for keyword, value in schema.items() if keyword != "$ref"}
    kept: dict[str, object] = {}
    for keyword, value in schema.items():
        if keyword in _LISTS:
            branches = [
                _without(branch, circular)
                for branch in items_of(schema, keyword)
                if not _is_circular(branch, circular)
            ]
            # Of a union with one branch left, the branch must hold.
            if len(branches) > 1 or (branches and keyword == "allOf"):
                kept[keyword] = branches
            elif branches:
                kept["allOf"] = [*items_of(kept, "allOf"), *branches]
        elif keyword in _SINGLE:
            if not _is_circular(value, circular):
                kept[keyword] = _without(value, circular)
        elif keyword == "dependentSchemas":
            members = members_of(schema, keyword)
            kept[keyword] = {name: _without(inner, circular) for name, inner in members.items()}
        else:
            kept[keyword] = value
    return kept


def _without(schema: object, circular: set[str]) -> object:
    return without_circular(schema, circular) if isinstance(schema, dict) else schema


def _is_circular(branch: object, circular: set[str]) -> bool:
    return isinstance(branch, dict) and definition_of(branch.get("$ref")) in circular
