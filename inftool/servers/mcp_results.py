"""Results and output schemas in the form of MCP."""

from __future__ import annotations

import json

from fastmcp.tools.base import ToolResult
from mcp_types import TextContent

from inftool.core.json_values import canonical
from inftool.core.tools import Result
from inftool.core.types import JsonObject, Schema

# What fastmcp's own servers write into the schema of a wrapped result, and its client looks for.
WRAP_KEY = "x-fastmcp-wrap-result"


def wrapped_schema(schema: Schema | None) -> tuple[JsonObject | None, bool]:
    """An output schema as MCP wants it, and whether bodies have to be wrapped for it.

    MCP takes only schemas of objects: {"type": "array"} becomes the schema of {"result": [...]}.
    """
    if schema is None:
        return None, False
    if schema.get("type") == "object":
        return dict(schema), False
    inner = {key: value for key, value in schema.items() if key not in {"$defs", "$schema"}}
    wrapped: dict[str, object] = {
        "type": "object",
        "properties": {"result": inner},
        "required": ["result"],
        WRAP_KEY: True,
    }
    if "$defs" in schema:
        # References point at `#/$defs/...`, so the definitions stay at the root.
        wrapped["$defs"] = schema["$defs"]
    return wrapped, True


def to_result(result: Result, *, wrap: bool = False, structured: bool = False) -> ToolResult:
    """A world's answer as MCP sends it: canonical JSON as text; refusals as tool errors.

    `structured`: the tool has an output schema, so the body is sent as structured content too;
    `wrap`: inside `{"result": body}`.
    """
    if not result.ok:
        return _error(result)
    body = result.body
    # A success without a body still tells the model that it was one.
    if body is None and not structured:
        text = json.dumps({"status": result.status})
    else:
        text = canonical(body)
    content = [TextContent(type="text", text=text)]
    if not structured:
        structured_content = body if isinstance(body, dict) else None
        return ToolResult(content=content, structured_content=structured_content)
    if wrap:
        return ToolResult(
            content=content,
            structured_content={"result": body},
            # Tells fastmcp's client to take the wrapping off again.
            meta={"fastmcp": {"wrap_result": True}},
        )
    return ToolResult(content=content, structured_content=body)


def _error(result: Result) -> ToolResult:
    body: dict[str, object] = {"status": result.status, "error": result.body}
    if result.headers:
        body["headers"] = result.headers
    return error_result(body)


def error_result(body: dict[str, object]) -> ToolResult:
    """A tool error with a JSON body, as text and structured."""
    return ToolResult(
        content=[TextContent(type="text", text=canonical(body))],
        structured_content=body,
        is_error=True,
    )
