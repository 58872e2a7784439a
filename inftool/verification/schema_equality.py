"""Whether two JSON Schemas say the same, whatever their definitions are called."""

from __future__ import annotations

from typing import Any

from inftool.core.chat import ToolSpec
from inftool.core.identity_cache import IdentityCache
from inftool.core.json_schema import lookup
from inftool.core.types import JsonObject

_MAX_PAIRS = 20_000
_endless: IdentityCache[JsonObject, bool] = IdentityCache(1024)


def same_tool(first: ToolSpec, second: ToolSpec) -> bool:
    """Whether two tools (OpenAI format) are the same; the names of definitions inside their parameters do not count."""
    if first == second:
        return True
    one, other = first.get("function"), second.get("function")
    if (
        not isinstance(one, dict)
        or not isinstance(other, dict)
        or first.get("type") != second.get("type")
    ):
        return False
    if {**one, "parameters": None} != {**other, "parameters": None}:
        return False
    return same_schema(one.get("parameters"), other.get("parameters"))


def same_schema(first: Any, second: Any) -> bool:
    """Whether two schemas are the same once every local reference is followed; recursive ones are compared as far as they differ."""
    stack = [(first, second)]
    seen: set[tuple[int, int]] = set()
    while stack:
        one, other = stack.pop()
        one, other = _followed(one, first), _followed(other, second)
        if isinstance(one, bool) or isinstance(other, bool) or type(one) is not type(other):
            if one is not other:
                return False
            continue
        if not isinstance(one, (dict, list)):
            if one != other:
                return False
            continue
        if (id(one), id(other)) in seen:
            continue
        seen.add((id(one), id(other)))
        if len(seen) > _MAX_PAIRS:
            return False
        if isinstance(one, list):
            if len(one) != len(other):
                return False
            stack += zip(one, other, strict=True)
            continue
        mine, theirs = one.keys() - {"$defs"}, other.keys() - {"$defs"}
        if mine != theirs:
            return False
        # A reference with something beside it: what it leads to counts, not what that is called.
        stack += [
            (_target(one[key], first), _target(other[key], second))
            if key == "$ref"
            else (one[key], other[key])
            for key in mine
        ]
    return True


def has_endless_reference(schema: JsonObject) -> bool:
    """Whether following some local reference never ends at anything: `A` is `B`, and `B` is `A`. Recursion through members is no such thing."""
    if "$defs" not in schema and "definitions" not in schema:
        return False
    cached = _endless.get(schema)
    return cached if cached is not None else _endless.put(schema, _leads_back(schema))


def _leads_back(schema: JsonObject) -> bool:
    stack: list[Any] = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            end = _followed(node, schema) if "$ref" in node else None
            if (
                isinstance(end, dict)
                and end.keys() == {"$ref"}
                and isinstance(end["$ref"], str)
                and end["$ref"].startswith("#/")
            ):
                return True
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return False


def _followed(node: Any, root: Any) -> Any:
    """The node that a chain of references ends at."""
    for _ in range(32):
        if (
            not isinstance(node, dict)
            or node.keys() != {"$ref"}
            or not isinstance(node["$ref"], str)
            or not node["$ref"].startswith("#/")
        ):
            return node
        target = _target(node["$ref"], root)
        if target is node["$ref"]:
            return node
        node = target
    return node


def _target(reference: Any, root: Any) -> Any:
    """What a local reference points at; the reference itself where that is nothing, or where it is none."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return reference
    target = lookup(root, reference)
    return reference if target is None else target
