"""Recognizing lists of functions: which format a document has, and where its functions are."""

from __future__ import annotations

from typing import NamedTuple

from inftool.specs.documents.node import Node

# OpenAI and BFCL, MCP, Anthropic.
SCHEMA_KEYS = ("parameters", "inputSchema", "input_schema")
"""Where the formats keep the schema of a function's arguments."""

# Names of Python types, which only the Berkeley Function Calling Leaderboard writes.
_BFCL_TYPES = frozenset({"dict", "float", "tuple", "any", "list"})


class FunctionList(NamedTuple):
    """The functions of a document."""

    format: str
    """`openai functions`, `anthropic tools`, `mcp tools` or `bfcl functions`."""
    functions: list[Node]
    """The functions, each without its wrapper."""


def find_functions(root: Node) -> FunctionList | None:
    """The functions of a document, None if it is not a list of functions."""
    functions = [_unwrapped(node) for node in _entries(root)]
    # Entries that are no objects are losses later on; they do not decide what a document is.
    readable = [node.value for node in functions if isinstance(node.value, dict)]
    if not functions or not all(_is_function(value) for value in readable):
        return None
    keys = {key for value in readable for key in SCHEMA_KEYS if isinstance(value.get(key), dict)}
    # Functions without any arguments could be anything, unless they are called tools.
    if not keys and not (isinstance(root.value, dict) and "tools" in root.value):
        return None
    if "inputSchema" in keys:
        return FunctionList("mcp tools", functions)
    if "input_schema" in keys:
        return FunctionList("anthropic tools", functions)
    is_bfcl = any(_has_bfcl_type(value.get("parameters")) for value in readable)
    return FunctionList("bfcl functions" if is_bfcl else "openai functions", functions)


def _has_bfcl_type(schema: object) -> bool:
    return isinstance(schema, dict) and str(schema.get("type")).lower() in _BFCL_TYPES


def _entries(root: Node) -> list[Node]:
    """The entries of a list of functions, wherever the document keeps it; none if it has none."""
    if isinstance(root.value, dict):
        return _entries_of_object(root)
    entries: list[Node] = []
    for entry in root.children():
        functions = entry.get("function")
        # A BFCL question carries its functions with it.
        if functions is not None and isinstance(functions.value, list):
            entries.extend(functions.children())
        else:
            entries.append(entry)
    return entries


def _entries_of_object(root: Node) -> list[Node]:
    # An answer to `tools/list` as it is sent: {"jsonrpc": "2.0", "result": {"tools": [...]}}
    result = root.get("result")
    if result is not None and "tools" in result.members:
        return _entries(result)
    for key in ("result", "tools", "functions", "function"):
        entries = root.get(key)
        if entries is not None and isinstance(entries.value, list):
            return list(entries.children())
    # A single function.
    function = _unwrapped(root)
    is_function = _is_function(function.value) and any(
        key in function.members for key in SCHEMA_KEYS
    )
    return [root] if is_function else []


def _unwrapped(node: Node) -> Node:
    """The function in an entry: OpenAI wraps it as `{"type": "function", "function": {...}}`."""
    function = node.get("function")
    return function if function is not None and isinstance(function.value, dict) else node


def _is_function(value: object) -> bool:
    """Whether a value has a name, and a schema or at least a description."""
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        return False
    if not all(isinstance(value.get(key), (dict, type(None))) for key in SCHEMA_KEYS):
        return False
    return any(key in value for key in SCHEMA_KEYS) or "description" in value
