"""BFCL's function docs as tools, and whether they allow an argument."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from inftool.core.chat import ToolSpec
from inftool.core.errors import SpecError, VerifyError
from inftool.core.types import Arguments, Schema
from inftool.specs import check
from inftool.specs.tool_lists.mcp import compile_listing

FunctionDoc = Mapping[str, object]
"""A function as BFCL documents it: `name`, `description` and `parameters`, with Python's types."""

Fits = Callable[[str, Arguments], bool]
"""Whether the doc of the named function allows some arguments."""

# BFCL's questions share fewer sets of docs than this.
_KEPT_DOCS = 4096

# The docs are short; the limit only stops what is not a doc.
_MAX_SCHEMA_BYTES = 1 << 20

_LIST_TYPES = frozenset(("array", "arraylist", "list"))


def offered(
    functions: Sequence[FunctionDoc], *, code: bool = False
) -> tuple[dict[str, str], tuple[ToolSpec, ...]]:
    """Function docs as tools, with the tool's name by the doc's.

    The names differ where the doc's cannot be a tool's: "math.factorial" -> "math_factorial".
    `code`: the docs are of Java or JavaScript, where BFCL has every argument passed as the text of
    an expression. VerifyError if a doc cannot be read: nothing can be said about calls of it.
    """
    return _compiled(json.dumps(functions, sort_keys=True), code)


@lru_cache(maxsize=_KEPT_DOCS)
def _compiled(text: str, code: bool) -> tuple[dict[str, str], tuple[ToolSpec, ...]]:
    functions = [_completed_doc(function, code) for function in json.loads(text)]
    try:
        listing: dict[str, object] = {"functions": functions}
        api = compile_listing(listing, "bfcl", max_schema_bytes=_MAX_SCHEMA_BYTES)
    except (SpecError, RecursionError) as error:
        raise VerifyError(f"the function docs cannot be read: {error}") from error
    names = {tool.operation: tool.name for tool in api.tools}
    return names, tuple(tool.openai() for tool in api.tools)


def fitting(names: Mapping[str, str], tools: Sequence[ToolSpec]) -> Fits:
    """A test whether the docs allow an argument, whatever else the call needs.

    `names` and `tools` are what `offered` returns.
    """
    schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}

    def fits(name: str, arguments: Arguments) -> bool:
        schema = schemas.get(names.get(name, name))
        # A pointer of one step is an argument of the call itself: others may be added to it.
        return schema is not None and all(
            violation.code == "missing_required" and violation.pointer.count("/") == 1
            for violation in check(schema, arguments)
        )

    return fits


def _completed_doc(function: object, code: bool) -> object:
    """A doc with what BFCL leaves unsaid about its parameters."""
    parameters = function.get("parameters") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(parameters, dict):
        return function
    return {**function, "parameters": _completed_members(parameters, code)}


def _completed_members(schema: Schema, code: bool) -> dict[str, object]:
    """A schema whose properties and items are completed."""
    completed = dict(schema)
    properties = completed.get("properties")
    if isinstance(properties, dict):
        completed["properties"] = {
            name: _completed(part, code) if isinstance(part, dict) else part
            for name, part in properties.items()
        }
    _move_choices_to_items(completed)
    items = completed.get("items")
    if isinstance(items, dict):
        completed["items"] = _completed(items, code)
    return completed


def _move_choices_to_items(schema: dict[str, object]) -> None:
    """The choices of a list are those of its items.

    {"type": "array", "enum": ["a"]} -> {"type": "array", "items": {"enum": ["a"]}}
    """
    choices = schema.get("enum")
    if str(schema.get("type")).lower() not in _LIST_TYPES or not isinstance(choices, list):
        return
    if not any(isinstance(choice, list) for choice in choices):
        del schema["enum"]
        items = schema.get("items")
        schema["items"] = {**(items if isinstance(items, dict) else {}), "enum": choices}


def _completed(schema: Schema, code: bool) -> dict[str, object]:
    """The schema of an argument with what else may be passed.

    An argument whose default is null may be null, and one of Java or JavaScript may be the text of
    an expression.
    """
    completed = _completed_members(schema, code)
    others: list[dict[str, object]] = []
    if "default" in completed and completed["default"] is None:
        others.append({"type": "null"})
    if code and str(completed.get("type")).lower() not in ("string", "any", ""):
        others.append({"type": "string"})
    if not others:
        return completed
    annotations: dict[str, object] = {
        key: completed.pop(key) for key in ("description", "default") if key in completed
    }
    return {**annotations, "anyOf": [completed, *others]}
