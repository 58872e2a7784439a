"""The arguments of the call that an HTTP request stands for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from inftool.core.tools import Parameter, Tool
from inftool.core.types import JsonObject
from inftool.world.schema.shape import Shape

# 18 digits fit any 64-bit integer, and keep hostile texts of thousands of digits from `int`.
_INTEGER = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?([eE]-?\d{1,2})?")
_ABSENT = object()
_ANY_SHAPE = Shape.of(None)


class _Request(NamedTuple):
    """The parts of an HTTP request that arguments are read from."""

    path: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    body: object


def to_arguments(
    tool: Tool,
    *,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    cookies: Mapping[str, str],
    body: object,
) -> JsonObject:
    """The arguments of the call that an HTTP request to a tool's operation stands for.

    `path`: parameter -> decoded value; `body`: the parsed JSON or form. Undeclared query and body
    fields are passed on, for the validator to refuse.
    """
    # Names of headers do not differ by case (RFC 9110, 5.1).
    lowered = {name.lower(): value for name, value in headers.items()}
    request = _Request(path, query, lowered, cookies, body)
    shapes = Shape.of(tool.input_schema).properties
    arguments: JsonObject = {}
    for parameter in tool.parameters:
        shape = shapes.get(parameter.argument) or _ANY_SHAPE
        value = _value_of(parameter, shape, request)
        if value is not _ABSENT:
            arguments[parameter.argument] = value
    arguments.update(_undeclared_query(tool, query, arguments))
    arguments.update(_undeclared_fields(tool, body, arguments))
    return arguments


def _value_of(parameter: Parameter, shape: Shape, request: _Request) -> object:
    """The value of one parameter in a request, _ABSENT where the request does not have it."""
    name = parameter.name
    body = request.body
    match parameter.location:
        case "path" if name in request.path:
            return coerce(shape, request.path[name])
        case "query":
            return _query_value(parameter, shape, request.query)
        case "header" if name.lower() in request.headers:
            return coerce(shape, request.headers[name.lower()])
        case "cookie" if name in request.cookies:
            return coerce(shape, request.cookies[name])
        case "whole_body" if body is not None:
            return body
        case "body" if isinstance(body, dict) and name in body:
            return body[name]
        case "form" if isinstance(body, dict) and name in body:
            value: object = body[name]
            return coerce(shape, value) if isinstance(value, str | list) else value
    return _ABSENT


def _query_value(parameter: Parameter, shape: Shape, query: Sequence[tuple[str, str]]) -> object:
    """A query parameter: `tags=a&tags=b`, `tags[]=a` or, for `deepObject`, `filter[x]=1`."""
    name = parameter.name
    # PHP and Rails write lists as `tags[]=a`.
    values = [value for key, value in query if key in {name, f"{name}[]"}]
    if values:
        is_list = len(values) > 1 or shape.array() is not None
        return coerce(shape, values if is_list else values[0])
    if parameter.style != "deepObject":
        return _ABSENT
    fields = {
        key[len(name) + 1 : -1]: value
        for key, value in query
        if key.startswith(f"{name}[") and key.endswith("]")
    }
    if not fields:
        return _ABSENT
    view = shape.object()
    shapes = view.properties if view is not None else {}
    return {key: coerce(shapes.get(key, _ANY_SHAPE), value) for key, value in fields.items()}


def _undeclared_query(
    tool: Tool, query: Sequence[tuple[str, str]], arguments: Mapping[str, object]
) -> dict[str, str]:
    declared = [parameter.name for parameter in tool.parameters if parameter.location == "query"]
    # `filter[x]` belongs to the parameter `filter`.
    prefixes = tuple(f"{name}[" for name in declared)
    return {
        name: value
        for name, value in query
        if name not in declared and not name.startswith(prefixes) and name not in arguments
    }


def _undeclared_fields(
    tool: Tool, body: object, arguments: Mapping[str, object]
) -> dict[str, object]:
    locations = {parameter.location for parameter in tool.parameters}
    if not isinstance(body, dict) or "whole_body" in locations:
        return {}
    declared = {
        parameter.name for parameter in tool.parameters if parameter.location in {"body", "form"}
    }
    return {
        name: value
        for name, value in body.items()
        if name not in declared and name not in arguments
    }


def coerce(shape: Shape, value: object) -> object:
    """Text out of an address or a form in the type that a schema wants.

    "3" -> 3 for an integer, ["a,b"] -> ["a", "b"] for an array. What does not fit stays text, for
    the validator to name.
    """
    array = shape.array()
    if isinstance(value, list):
        if array is None:
            # A repeated name where one value is wanted: the last one counts.
            return coerce(shape, value[-1]) if value else ""
        item_shape = array.items or _ANY_SHAPE
        items = value[0].split(",") if len(value) == 1 and "," in value[0] else value
        return [coerce(item_shape, item) for item in items]
    text = str(value)
    if array is not None and not shape.has("string"):
        return coerce(shape, [text])
    # A shape that takes any text takes this one: "007" stays "007".
    if shape.has("string") or not (shape.types or shape.variants):
        return text
    return _scalar(shape, text)


def _scalar(shape: Shape, text: str) -> object:
    takes_number = shape.has("number")
    if _INTEGER.fullmatch(text) and (takes_number or shape.has("integer")):
        return int(text)
    if _NUMBER.fullmatch(text) and takes_number:
        return float(text)
    if text.lower() in {"true", "false"} and shape.has("boolean"):
        return text.lower() == "true"
    return text
