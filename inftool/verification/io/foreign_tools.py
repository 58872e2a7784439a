"""Tools of any layout in the OpenAI chat format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from inftool.core.chat import FunctionSpec, ToolSpec
from inftool.core.errors import VerifyError
from inftool.core.types import Schema
from inftool.verification.io.bfcl.function_docs import FunctionDoc, offered
from inftool.verification.io.turn_reader import parsed

# JSON Schema's type for the words that Python and others use. Words that are in neither table stay
# as they are and are read as BFCL's.
_TYPE_WORDS = {
    "str": "string",
    "text": "string",
    "string": "string",
    "int": "integer",
    "integer": "integer",
    "float": "number",
    "number": "number",
    "bool": "boolean",
    "boolean": "boolean",
    "list": "array",
    "tuple": "array",
    "set": "array",
    "array": "array",
    "dict": "object",
    "object": "object",
    "none": "null",
}
_JSON_TYPES = frozenset(("string", "integer", "number", "boolean", "array", "object", "null"))

# Where the parameters stand: in the chat format, in Anthropic's tools, in MCP's.
_PARAMETER_KEYS = ("parameters", "input_schema", "inputSchema")


def tools_of(tools: object) -> tuple[dict[str, str], tuple[ToolSpec, ...]]:
    """The tools, and new names by the old for those whose own cannot be a tool's.

    JSON text, bare functions, Anthropic's and MCP's tools, xLAM's flat parameters and BFCL's types
    are all taken. VerifyError if they cannot be read.
    """
    listed = parsed(tools) or []
    if isinstance(listed, Mapping):
        listed = listed.get("tools") or listed.get("functions") or [listed]
    if not isinstance(listed, Sequence) or isinstance(listed, str):
        raise VerifyError("its `tools` cannot be read: they are no list")
    functions = [_function(tool) for tool in listed]
    if any(_has_foreign_types(function["parameters"]) for function in functions):
        names, offered_tools = offered(cast(Sequence[FunctionDoc], functions))
        return {old: new for old, new in names.items() if old != new}, offered_tools
    return {}, tuple({"type": "function", "function": function} for function in functions)


def _function(tool: object) -> FunctionSpec:
    if not isinstance(tool, Mapping):
        raise VerifyError(f"its `tools` cannot be read: {str(tool)[:60]!r} is no tool")
    inner = tool.get("function")
    function = inner if isinstance(inner, Mapping) else tool
    name = function.get("name")
    if not isinstance(name, str):
        raise VerifyError("its `tools` cannot be read: one has no name")
    candidates = (function.get(key) for key in _PARAMETER_KEYS)
    written: object = next((value for value in candidates if value is not None), {})
    schema = parsed(written)
    if not isinstance(schema, dict):
        raise VerifyError(f"its `tools` cannot be read: the parameters of {name} are no object")
    kept = {key: value for key, value in function.items() if key not in _PARAMETER_KEYS[1:]}
    # The name was checked, the parameters are an object, and other keys do no harm.
    return cast(FunctionSpec, {**kept, "parameters": _as_schema(schema)})


def _as_schema(parameters: Schema) -> Schema:
    """Parameters as a JSON Schema.

    xLAM's are a flat object of descriptions, with "optional" among the words of the type:
    {"n": {"type": "int, optional"}} -> {"type": "object", "properties": {"n": {"type": "integer"}}}
    """
    # A parameter may itself be called "type".
    has_type = "type" in parameters and not isinstance(parameters["type"], dict)
    if has_type or "properties" in parameters or not parameters:
        return parameters
    properties: dict[str, object] = {}
    required: list[str] = []
    for name, part in parameters.items():
        if not isinstance(part, dict):
            return parameters
        words = [word.strip() for word in str(part.get("type", "")).split(",")]
        described = {key: value for key, value in part.items() if key not in ("type", "required")}
        properties[name] = {**described, **_type_schema(words[0])}
        if "optional" not in words and "default" not in part and part.get("required", True):
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}


def _type_schema(words: str) -> dict[str, object]:
    """Python's type words as a schema; empty if they are unknown.

    "List[int]" -> {"type": "array", "items": {"type": "integer"}}
    """
    outer, _, inner = words.strip().partition("[")
    # "typing.List" -> "list"
    outer, inner = outer.casefold().rpartition(".")[2], inner.removesuffix("]")
    if outer in ("optional", "union"):
        branches = [_type_schema(part) for part in inner.split(",") if part.strip()]
        return {"anyOf": [*branches, {"type": "null"}]} if branches else {}
    json_type = _TYPE_WORDS.get(outer)
    if json_type is None:
        return {}
    if outer == "list" and inner:
        return {"type": "array", "items": _type_schema(inner)}
    return {"type": json_type}


def _has_foreign_types(schema: Schema) -> bool:
    """Whether a schema uses type words that JSON Schema does not know."""
    stack: list[object] = [schema]
    visited: set[int] = set()
    while stack:
        node = stack.pop()
        if isinstance(node, list):
            stack += node
        elif isinstance(node, dict) and id(node) not in visited:
            visited.add(id(node))
            word = node.get("type")
            if isinstance(word, str) and word not in _JSON_TYPES:
                return True
            stack += node.values()
    return False
