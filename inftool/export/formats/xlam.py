"""xLAM and APIGen: a query, with its answers and tools as JSON text.

Parameters are flat, and types have Python's names.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from inftool.core.chat import FunctionSpec
from inftool.core.types import JsonObject
from inftool.export.formats.single_request import request
from inftool.export.sample import Format, Row, Sample, dumps, functions

# xLAM writes Python's names of types, and `, optional` behind those that may be left out.
_TYPES = {
    "string": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "array": "list",
    "object": "dict",
}


def rows(sample: Sample) -> Iterator[tuple[str, Row]]:
    """One line: `id`, `query`, `answers`, `tools`."""
    asked = request(sample)
    yield (
        "train",
        {
            "id": sample.id,
            "query": asked.words,
            "answers": dumps(asked.calls),
            "tools": dumps([_flat(tool) for tool in functions(sample)]),
        },
    )


def _flat(tool: FunctionSpec) -> JsonObject:
    schema = tool["parameters"]
    required = schema.get("required", ())
    return {
        "name": tool["name"],
        "description": tool.get("description", ""),
        "parameters": {
            name: _parameter(inner, name in required)
            for name, inner in schema.get("properties", {}).items()
        },
    }


def _parameter(schema: object, required: bool) -> JsonObject:
    inner = schema if isinstance(schema, dict) else {}
    kind = inner.get("type")
    # A nullable type is a list in JSON Schema; xLAM has no null, so its other member counts.
    first = (
        next((item for item in kind if item != "null"), "")
        if isinstance(kind, list)
        else kind or ""
    )
    found: JsonObject = {
        "description": inner.get("description", ""),
        "type": f"{_TYPES.get(first, 'any')}{'' if required else ', optional'}",
    }
    return found | ({"default": inner["default"]} if "default" in inner else {})


def back(file: str, row: JsonObject) -> object:
    """The query, its answers, and the names of tools and parameters."""
    tools = [
        [tool["name"], tool["description"], list(tool["parameters"])]
        for tool in json.loads(row["tools"])
    ]
    return [row["id"], row["query"], json.loads(row["answers"]), tools]


def said(sample: Sample) -> Iterator[object]:
    """The same; of the schemas no more than names, descriptions and flat types is kept."""
    asked = request(sample)
    tools = [
        [tool["name"], tool.get("description", ""), list(tool["parameters"].get("properties", {}))]
        for tool in functions(sample)
    ]
    yield [sample.id, asked.words, asked.calls, tools]


FORMAT = Format("xlam", "what reads xLAM and APIGen (single requests)", rows, back, said)
