"""The last check of converted schemas: all of a document against the metaschema, at once.

A schema that fails is opened, so that it allows anything, rather than handed on.
"""

from __future__ import annotations

from collections.abc import Iterable

import jsonschema_rs

from inftool.core.tools import Response, Tool
from inftool.core.types import Schema
from inftool.specs.losses import LossLog
from inftool.specs.schemas.converter import Converter
from inftool.specs.validation.metaschema import describe_faults


def open_uncompilable(
    tools: list[Tool], inputs: Converter, outputs: Converter, loss_log: LossLog
) -> list[Tool]:
    """The tools, all of whose schemas are valid and compile; a schema that does not is opened.

    `inputs` and `outputs` hold the definitions that the schemas of the tools are made of.
    """
    # Responses may share a body, which is then checked once.
    bodies = {
        id(response): response.body
        for tool in tools
        for response in tool.responses
        if response.body is not None
    }
    if _all_valid([tool.input_schema for tool in tools], inputs) and _all_valid(
        bodies.values(), outputs
    ):
        return tools
    return [_opened_tool(tool, loss_log) for tool in tools]


def compiles(schema: dict[str, object]) -> bool:
    """Whether a schema is valid by its metaschema and compiles."""
    try:
        jsonschema_rs.meta.validate(schema)
        jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
    except (ValueError, RecursionError):
        return False
    return True


def _all_valid(schemas: Iterable[Schema], converter: Converter) -> bool:
    # Tools share definitions: checking one schema that holds all of them costs a fraction of
    # checking each tool, and what was cut from a tool is a part of what is checked here. Patterns
    # were compiled one by one and references are the converter's own, so that a schema that is
    # valid by the metaschema also compiles.
    roots = [
        {keyword: value for keyword, value in schema.items() if keyword != "$defs"}
        for schema in schemas
    ]
    definitions = {name: definition.schema for name, definition in converter.definitions.items()}
    return bool(jsonschema_rs.meta.is_valid({"$defs": definitions, "anyOf": [*roots, {}]}))


def _opened_tool(tool: Tool, loss_log: LossLog) -> Tool:
    changes: dict[str, object] = {}
    if not compiles(tool.input_schema):
        message = (
            f"the input schema does not compile{_where(tool.input_schema)}, "
            "its arguments allow anything"
        )
        loss_log.add("uncompilable", tool.origin, message, subject="input")
        opened: dict[str, object] = {
            "type": "object",
            "properties": {name: {} for name in tool.input_schema["properties"]},
            "additionalProperties": False,
        }
        if "required" in tool.input_schema:
            opened["required"] = tool.input_schema["required"]
        changes["input_schema"] = opened
    broken = [
        response.body
        for response in tool.responses
        if response.body is not None and not compiles(response.body)
    ]
    if broken:
        message = f"the schema of an answer does not compile{_where(broken[0])} and allows anything"
        loss_log.add("uncompilable", tool.origin, message, subject="output")
        changes["responses"] = tuple(_opened_response(response) for response in tool.responses)
        output_breaks = tool.output_schema is not None and not compiles(tool.output_schema)
        changes["output_schema"] = {} if output_breaks else tool.output_schema
    return tool.model_copy(update=changes) if changes else tool


def _opened_response(response: Response) -> Response:
    if response.body is None or compiles(response.body):
        return response
    return response.model_copy(update={"body": {}})


def _where(schema: Schema) -> str:
    """What is wrong with a schema, in parentheses after a space; empty if it cannot be said."""
    faults = describe_faults(schema)
    return f" ({faults})" if faults else ""
