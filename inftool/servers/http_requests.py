"""The HTTP request that a tool call stands for, as it is sent to a real API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from inftool.core.json_values import canonical
from inftool.core.tools import Parameter, Tool
from inftool.core.types import Arguments

# The separators of OpenAPI 3.1, "Style Values"; all other styles join with commas.
_SEPARATORS = {"spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request."""

    method: str
    """In upper case."""
    path: str
    """Percent-encoded already."""
    query: tuple[tuple[str, str], ...] = ()
    """Names and values, as they are before encoding."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Name -> value, cookies included."""
    body: object = None
    """A JSON value, or name -> text where `form`; None for no body."""
    form: bool = False
    """Whether the body is sent as `application/x-www-form-urlencoded`."""


def to_request(tool: Tool, arguments: Arguments) -> HttpRequest:
    """The HTTP request that a call stands for.

    A path argument is one step of the path whatever it holds: "a/b" -> `/orders/a%2Fb`.
    """
    path = tool.path
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    cookies: list[str] = []
    whole_body: object = None
    fields: dict[str, object] = {}
    is_form = False
    for parameter in tool.parameters:
        if parameter.argument not in arguments:
            continue
        value = arguments[parameter.argument]
        match parameter.location:
            case "path":
                path = path.replace("{" + parameter.name + "}", _path_step(value))
            case "query":
                query += _query_pairs(parameter, value)
            case "header":
                headers[parameter.name] = one_line(_text(value))
            # All cookies travel in one header (RFC 6265, 5.4).
            case "cookie":
                cookies.append(f"{parameter.name}={quote(_text(value))}")
            case "whole_body":
                whole_body = value
            case "body" | "form":
                fields[parameter.name] = value
                is_form = is_form or parameter.location == "form"
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    body: object = fields or whole_body
    if fields and is_form:
        # Forms carry text only.
        body = {name: _text(value) for name, value in fields.items()}
    return HttpRequest(tool.method.upper(), path, tuple(query), headers, body, is_form)


def one_line(text: str) -> str:
    """A text that is safe as the value of a header: a line break would start another header."""
    return text.replace("\r", " ").replace("\n", " ")


def _text(value: object) -> str:
    """A value as text: true -> "true", 1.5 -> "1.5", {"a": 1} -> '{"a":1}'."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else canonical(value)


def _path_step(value: object) -> str:
    if isinstance(value, list):
        text = ",".join(_text(item) for item in value)
    else:
        text = _text(value)
    step = quote(text, safe="")
    # A step of dots alone would be resolved away by whoever reads the address (RFC 3986, 5.2.4).
    return step.replace(".", "%2E") if set(text) <= {"."} else step


def _query_pairs(parameter: Parameter, value: object) -> list[tuple[str, str]]:
    """A query argument as names and values, in the parameter's style.

    tags=["a", "b"] -> tags=a, tags=b, or tags=a,b where `explode` is false; filter={"x": 1} ->
    filter[x]=1 for `deepObject`, else x=1.
    """
    name = parameter.name
    if isinstance(value, list):
        if parameter.style in _SEPARATORS or parameter.explode is False:
            separator = _SEPARATORS.get(parameter.style, ",")
            return [(name, separator.join(_text(item) for item in value))]
        return [(name, _text(item)) for item in value]
    if isinstance(value, dict):
        if parameter.style == "deepObject":
            return [(f"{name}[{key}]", _text(item)) for key, item in value.items()]
        return [(str(key), _text(item)) for key, item in value.items()]
    return [(name, _text(value))]
