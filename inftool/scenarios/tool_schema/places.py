"""Where a value stands in a tool's arguments: its schema, and patterns that name such places.

A place is a JSON pointer with every index as `*`: `/lines/*/bookId`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.core.types import Schema
from inftool.toolset.producer_graph import scalar_fields

# 20,000 tools are more than any toolset of one run has; an entry is a few hundred bytes.
_governed: IdentityCache[Tool, dict[str, Schema]] = IdentityCache(20_000)


def pattern(pointer: str) -> str:
    """A pointer with every index as `*`: `/lines/0/bookId` -> `/lines/*/bookId`."""
    return "/".join("*" if part.isdigit() else part for part in pointer.split("/"))


def governed(tool: Tool) -> dict[str, Schema]:
    """Every scalar place of a tool's arguments with the schema that governs it, in schema order.

    Where several branches of a schema describe one place, the one that lists values is taken.
    """
    cached = _governed.get(tool)
    if cached is not None:
        return cached
    schemas: dict[str, Schema] = {}
    for pointer, schema in scalar_fields(tool.input_schema):
        if pointer not in schemas or ("enum" in schema and "enum" not in schemas[pointer]):
            schemas[pointer] = schema
    return _governed.put(tool, schemas)


def schema_at(tool: Tool, pointer: str) -> Schema:
    """The schema of the scalar at a pointer of a tool's arguments; empty if none is declared."""
    return governed(tool).get(pattern(pointer), {})


def choices(schema: Schema) -> list[object]:
    """The values that a schema lists, null left out; empty where it lists none."""
    options = schema.get("enum")
    return [option for option in options if option is not None] if isinstance(options, list) else []


def fixed(tool: Tool, name: str) -> bool:
    """Whether a required argument can have one value only, so that nobody needs to say it."""
    schema = tool.input_schema.get("properties", {}).get(name, {})
    return name in tool.input_schema.get("required", ()) and (
        "const" in schema or len(schema.get("enum", ())) == 1
    )


def enumerated(tool: Tool) -> Iterator[tuple[str, object]]:
    """Every (place, value) that the schemas of a tool's arguments list, where there is a choice."""
    for place, schema in governed(tool).items():
        options = choices(schema)
        if len(options) > 1:
            for option in options:
                yield place, option


def matching(pointer: str, patterns: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """The (resource, property) that a place refers to by a map of patterns; None if it does not."""
    return patterns.get(pointer) or patterns.get(pattern(pointer))
