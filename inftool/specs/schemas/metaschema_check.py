"""The last word on schemas: all of a document's are held against the metaschema at once; should one fail, it is opened, not handed on."""

from __future__ import annotations

from collections.abc import Iterable

import jsonschema_rs

from inftool.core.tools import Response, Tool
from inftool.core.types import JsonObject
from inftool.specs.losses import LossLog
from inftool.specs.schemas.converter import Converter
from inftool.specs.validation.metaschema import describe_faults


def prove(tools: list[Tool], inputs: Converter, outputs: Converter, ledger: LossLog) -> list[Tool]:
    """The tools with every schema known to keep its metaschema and to compile; what does not is opened and told."""
    bodies = {
        id(response): response.body
        for tool in tools
        for response in tool.responses
        if response.body is not None
    }
    if _all_sound([tool.input_schema for tool in tools], inputs) and _all_sound(
        bodies.values(), outputs
    ):
        return tools
    return [_proved(tool, ledger) for tool in tools]


def compiles(schema: JsonObject) -> bool:
    """Whether one schema keeps its metaschema and compiles."""
    try:
        jsonschema_rs.meta.validate(schema)
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except (ValueError, RecursionError):
        return False
    return True


def _all_sound(schemas: Iterable[JsonObject], converter: Converter) -> bool:
    # Definitions are shared, so one schema that holds all of them costs a fraction of one a tool; what was cut is a part of what is checked here.
    # Their patterns were each compiled and their references are the converter's own, so a schema that keeps the metaschema compiles.
    roots = [
        {word: value for word, value in schema.items() if word != "$defs"} for schema in schemas
    ]
    definitions = {name: definition.schema for name, definition in converter.definitions.items()}
    return bool(jsonschema_rs.meta.is_valid({"$defs": definitions, "anyOf": [*roots, {}]}))


def _proved(tool: Tool, ledger: LossLog) -> Tool:
    changes: dict[str, object] = {}
    if not compiles(tool.input_schema):
        message = f"the input schema does not compile{_where(tool.input_schema)}, its arguments allow anything"
        ledger.add("uncompilable", tool.origin, message, subject="input")
        opened = {
            "type": "object",
            "properties": {name: {} for name in tool.input_schema["properties"]},
            "additionalProperties": False,
        }
        changes["input_schema"] = {
            **opened,
            **(
                {"required": tool.input_schema["required"]}
                if "required" in tool.input_schema
                else {}
            ),
        }
    broken = [
        response.body
        for response in tool.responses
        if response.body is not None and not compiles(response.body)
    ]
    if broken:
        message = f"the schema of an answer does not compile{_where(broken[0])} and allows anything"
        ledger.add("uncompilable", tool.origin, message, subject="output")
        changes["responses"] = tuple(_opened(response) for response in tool.responses)
        changes["output_schema"] = (
            {}
            if tool.output_schema is not None and not compiles(tool.output_schema)
            else tool.output_schema
        )
    return tool.model_copy(update=changes) if changes else tool


def _where(schema: JsonObject) -> str:
    reason = describe_faults(schema)
    return f" ({reason})" if reason else ""


def _opened(response: Response) -> Response:
    return (
        response
        if response.body is None or compiles(response.body)
        else response.model_copy(update={"body": {}})
    )
