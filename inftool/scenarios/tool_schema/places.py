"""Where a value stands in a tool's arguments: the schema that governs it, and the patterns that
name such places."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.toolset.producer_graph import scalar_fields

_governed: IdentityCache[Tool, dict[str, JsonObject]] = IdentityCache(20_000)


def pattern(pointer: str) -> str:
    """A pointer with every index as `*`: `/lines/0/bookId` becomes `/lines/*/bookId`."""
    return "/".join("*" if part.isdigit() else part for part in pointer.split("/"))


def governed(tool: Tool) -> dict[str, JsonObject]:
    """Every scalar place of a tool's arguments by its pattern, with the schema that governs it; of
    several branches the one that lists values."""
    cached = _governed.get(tool)
    if cached is not None:
        return cached
    found: dict[str, JsonObject] = {}
    for pointer, schema in scalar_fields(tool.input_schema):
        if pointer not in found or ("enum" in schema and "enum" not in found[pointer]):
            found[pointer] = schema
    return _governed.put(tool, found)


def schema_at(tool: Tool, pointer: str) -> JsonObject:
    """The schema that governs the scalar at a pointer of a tool's arguments; empty where none is
    declared."""
    return governed(tool).get(pattern(pointer), {})


def choices(schema: JsonObject) -> list[Any]:
    """The values that a schema lists, none where it does not."""
    options = schema.get("enum")
    return [option for option in options if option is not None] if isinstance(options, list) else []


def fixed(tool: Tool, name: str) -> bool:
    """Whether a required argument can only have one value: its schema says it, and nobody has to."""
    schema = tool.input_schema.get("properties", {}).get(name, {})
    return name in tool.input_schema.get("required", ()) and (
        "const" in schema or len(schema.get("enum", ())) == 1
    )


def enumerated(tool: Tool) -> Iterator[tuple[str, Any]]:
    """Every (pattern, value) that a tool's arguments may hold by a list of values; places with one
    value only are no choice."""
    for place, schema in governed(tool).items():
        options = choices(schema)
        if len(options) > 1:
            for option in options:
                yield place, option


def matching(pointer: str, patterns: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """What a place refers to by a map of patterns, None where it refers to nothing."""
    return patterns.get(pointer) or patterns.get(pattern(pointer))
