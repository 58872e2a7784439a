"""HTTP requests and tool arguments: the way there (for the real API) and the way back (for the simulated one served as HTTP)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from inftool.core.json_values import canonical
from inftool.core.tools import Parameter, Tool
from inftool.core.types import JsonObject
from inftool.world.schema.shape import Shape

_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request: a path that is already percent-encoded, query pairs, headers, and a JSON or form body."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    form: bool = False


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else canonical(value)


def _pairs(parameter: Parameter, value: Any) -> list[tuple[str, str]]:
    if isinstance(value, list):
        if parameter.style in {"spaceDelimited", "pipeDelimited"} or parameter.explode is False:
            joint = {"spaceDelimited": " ", "pipeDelimited": "|"}.get(parameter.style, ",")
            return [(parameter.name, joint.join(_text(item) for item in value))]
        return [(parameter.name, _text(item)) for item in value]
    if isinstance(value, dict):
        if parameter.style == "deepObject":
            return [(f"{parameter.name}[{key}]", _text(item)) for key, item in value.items()]
        return [(str(key), _text(item)) for key, item in value.items()]
    return [(parameter.name, _text(value))]


def to_request(tool: Tool, arguments: JsonObject) -> HttpRequest:
    """The HTTP request that a call stands for; a path argument is one step of the path whatever it holds."""
    path = tool.path
    query: list[tuple[str, str]] = []
    headers: dict[str, str] = {}
    cookies: list[str] = []
    body: Any = None
    form = False
    fields: JsonObject = {}
    for parameter in tool.parameters:
        if parameter.argument not in arguments:
            continue
        value = arguments[parameter.argument]
        if parameter.location == "path":
            text = (
                ",".join(_text(item) for item in value) if isinstance(value, list) else _text(value)
            )
            # A step of dots alone would be resolved away by whoever reads the address.
            step = (
                quote(text, safe="").replace(".", "%2E")
                if set(text) <= {"."}
                else quote(text, safe="")
            )
            path = path.replace("{" + parameter.name + "}", step)
        elif parameter.location == "query":
            query += _pairs(parameter, value)
        elif parameter.location == "header":
            headers[parameter.name] = _text(value).replace("\r", " ").replace("\n", " ")
        elif parameter.location == "cookie":
            cookies.append(f"{parameter.name}={quote(_text(value))}")
        elif parameter.location == "whole_body":
            body = value
        else:
            fields[parameter.name] = value
            form = form or parameter.location == "form"
    if cookies:
        headers["Cookie"] = "; ".join(cookies)
    if fields:
        body = {name: _text(value) for name, value in fields.items()} if form else fields
    return HttpRequest(tool.method.upper(), path, tuple(query), headers, body, form)


def coerce(shape: Shape, value: Any) -> Any:
    """Text out of an address or a form in the type that a schema wants; what does not fit stays text, for the validator to name."""
    if isinstance(value, list):
        array = shape.array()
        if array is None:
            return coerce(shape, value[-1]) if value else ""
        inner = array.items or Shape.of(None)
        items = value[0].split(",") if len(value) == 1 and "," in value[0] else value
        return [coerce(inner, item) for item in items]
    text = str(value)
    if shape.array() is not None and not shape.has("string"):
        return coerce(shape, [text])
    if shape.has("string") or not (shape.types or shape.variants):
        return text
    if shape.has("integer") or shape.has("number"):
        if re.fullmatch(r"-?\d{1,18}", text):
            return int(text)
        if shape.has("number") and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?([eE]-?\d{1,2})?", text):
            return float(text)
    if shape.has("boolean") and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return text


class Matcher:
    """Which tool a method and a path mean."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        self._routes: list[tuple[int, re.Pattern[str], tuple[str, ...], Tool]] = []
        for tool in tools:
            if not tool.path or not tool.method:
                continue
            names = tuple(_PLACE.findall(tool.path))
            pattern = "".join(
                "([^/]+?)" if part.startswith("{") else re.escape(part)
                for part in re.split(r"(\{[^{}]+\})", tool.path.split("?")[0])
            )
            self._routes.append((len(names), re.compile(pattern.rstrip("/") + "/?"), names, tool))
        # A path with fewer parameters is the more exact one: /users/me before /users/{id}.
        self._routes.sort(key=lambda route: (route[0], route[3].path))

    def find(self, method: str, path: str) -> tuple[Tool | None, dict[str, str], tuple[str, ...]]:
        """The tool, the path's parameters (still encoded) and, where no tool has the method, the methods that the path has."""
        others: list[str] = []
        for _, pattern, names, tool in self._routes:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            if tool.method.upper() == method.upper():
                return tool, dict(zip(names, found.groups(), strict=True)), ()
            others.append(tool.method.upper())
        return None, {}, tuple(sorted(set(others)))


def to_arguments(
    tool: Tool,
    *,
    path: Mapping[str, str],
    query: Sequence[tuple[str, str]],
    headers: Mapping[str, str],
    cookies: Mapping[str, str],
    body: Any,
) -> JsonObject:
    """The arguments of the call that an HTTP request stands for; undeclared query and body fields are passed on, for the validator to refuse."""
    shapes = Shape.of(tool.input_schema).properties
    out: JsonObject = {}
    seen: set[str] = set()
    fields: set[str] = set()
    lowered = {name.lower(): value for name, value in headers.items()}
    for parameter in tool.parameters:
        shape = shapes.get(parameter.argument) or Shape.of(None)
        if parameter.location == "path" and parameter.name in path:
            out[parameter.argument] = coerce(shape, path[parameter.name])
        elif parameter.location == "query":
            deep = {
                name[len(parameter.name) + 1 : -1]: value
                for name, value in query
                if name.startswith(f"{parameter.name}[") and name.endswith("]")
            }
            values = [
                value for name, value in query if name in {parameter.name, f"{parameter.name}[]"}
            ]
            if values:
                out[parameter.argument] = coerce(
                    shape, values if len(values) > 1 or shape.array() is not None else values[0]
                )
            elif deep and parameter.style == "deepObject":
                view = shape.object()
                out[parameter.argument] = {
                    name: coerce(
                        view.properties.get(name, Shape.of(None)) if view else Shape.of(None), value
                    )
                    for name, value in deep.items()
                }
            seen |= {
                name
                for name, _ in query
                if name == parameter.name or name.startswith(f"{parameter.name}[")
            }
        elif parameter.location == "header" and parameter.name.lower() in lowered:
            out[parameter.argument] = coerce(shape, lowered[parameter.name.lower()])
        elif parameter.location == "cookie" and parameter.name in cookies:
            out[parameter.argument] = coerce(shape, cookies[parameter.name])
        elif parameter.location == "whole_body" and body is not None:
            out[parameter.argument] = body
            fields.add("*")
        elif (
            parameter.location in {"body", "form"}
            and isinstance(body, dict)
            and parameter.name in body
        ):
            value = body[parameter.name]
            out[parameter.argument] = (
                coerce(shape, value)
                if parameter.location == "form" and isinstance(value, str | list)
                else value
            )
            fields.add(parameter.name)
    out.update({name: value for name, value in query if name not in seen and name not in out})
    if isinstance(body, dict) and "*" not in fields:
        out.update(
            {name: value for name, value in body.items() if name not in fields and name not in out}
        )
    return out
