"""Which operation an HTTP method and path mean."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from inftool.core.tools import Tool

_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_PLACEHOLDER_OR_TEXT = re.compile(r"(\{[^{}]+\})")


class _Route(NamedTuple):
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    """The path parameters, in the order of the pattern's groups."""
    tool: Tool


class RouteMatch(NamedTuple):
    """What a method and a path mean."""

    tool: Tool | None
    """The operation, None if the method and the path have none."""
    path_values: dict[str, str]
    """Path parameter -> value, still percent-encoded."""
    other_methods: tuple[str, ...]
    """Where no operation has the method: the methods that the path has."""


class RouteTable:
    """The routes of some operations."""

    def __init__(self, tools: Iterable[Tool]) -> None:
        routes = [_route(tool) for tool in tools if tool.path and tool.method]
        # A path with fewer parameters is the more exact one: /users/me before /users/{id}.
        self._routes = sorted(routes, key=lambda route: (len(route.names), route.tool.path))

    def find(self, method: str, path: str) -> RouteMatch:
        """The operation of a method and a percent-encoded path."""
        other_methods: set[str] = set()
        for pattern, names, tool in self._routes:
            match = pattern.fullmatch(path)
            if match is None:
                continue
            # The first match wins: routes are sorted by how exact they are.
            if tool.method.upper() == method.upper():
                return RouteMatch(tool, dict(zip(names, match.groups(), strict=True)), ())
            other_methods.add(tool.method.upper())
        return RouteMatch(None, {}, tuple(sorted(other_methods)))


def _route(tool: Tool) -> _Route:
    """The route of an operation: `/orders/{id}` matches `/orders/7` and `/orders/7/`."""
    # A step takes what the next literal text leaves it: `/a/{x}.json` matches x = "b" in `b.json`.
    pattern = "".join(
        "([^/]+?)" if part.startswith("{") else re.escape(part)
        for part in _PLACEHOLDER_OR_TEXT.split(tool.path.split("?")[0])
    )
    # In the order of the groups; a name may come twice in careless specs.
    names = tuple(_PLACEHOLDER.findall(tool.path))
    return _Route(re.compile(pattern.rstrip("/") + "/?"), names, tool)
