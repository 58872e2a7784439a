"""Whether two JSON Schemas say the same, whatever their definitions are called."""

from __future__ import annotations

from inftool.core.chat import ToolSpec
from inftool.core.identity_cache import IdentityCache
from inftool.core.json_schema import lookup
from inftool.core.types import JsonObject, Schema

# Recursive schemas that differ by one level could be compared forever. Two that are this large and
# not equal as text count as different.
_MAX_PAIRS = 20_000

# A chain of references in earnest has two or three links.
_MAX_LINKS = 32

# By schema; the limit bounds the memory, and beyond it schemas are searched again.
_endless: IdentityCache[JsonObject, bool] = IdentityCache(1024)


def same_tool(first: ToolSpec, second: ToolSpec) -> bool:
    """Whether two tools are the same; the names of definitions in their parameters do not count."""
    if first == second:
        return True
    one: object = first.get("function")
    other: object = second.get("function")
    if not isinstance(one, dict) or not isinstance(other, dict):
        return False
    if first.get("type") != second.get("type"):
        return False
    if {**one, "parameters": None} != {**other, "parameters": None}:
        return False
    return same_schema(one.get("parameters"), other.get("parameters"))


def same_schema(first: object, second: object) -> bool:
    """Whether two schemas are the same once every local reference is followed.

    Recursive ones are the same if no path through them leads to a difference.
    """
    stack: list[tuple[object, object]] = [(first, second)]
    compared: set[tuple[int, int]] = set()
    while stack:
        one, other = stack.pop()
        one, other = _followed(one, first), _followed(other, second)
        # 1 is not true, and 1 is not 1.0: types are compared before values.
        if isinstance(one, bool) or isinstance(other, bool) or type(one) is not type(other):
            if one is not other:
                return False
        elif isinstance(one, (dict, list)):
            if (id(one), id(other)) in compared:
                continue
            compared.add((id(one), id(other)))
            pairs = _members(one, other, first, second)
            if pairs is None or len(compared) > _MAX_PAIRS:
                return False
            stack += pairs
        elif one != other:
            return False
    return True


def _members(
    one: object, other: object, first: object, second: object
) -> list[tuple[object, object]] | None:
    """What two nodes of one type hold, side by side; None if they hold different numbers or keys.

    `first` and `second` are the schemas that the nodes stand in.
    """
    if isinstance(one, list) and isinstance(other, list):
        return list(zip(one, other, strict=True)) if len(one) == len(other) else None
    if not isinstance(one, dict) or not isinstance(other, dict):
        return None
    keys = one.keys() - {"$defs"}
    if keys != other.keys() - {"$defs"}:
        return None
    # A reference with something beside it: what it leads to counts, not what that is called.
    return [
        (_target(one[key], first), _target(other[key], second))
        if key == "$ref"
        else (one[key], other[key])
        for key in keys
    ]


def has_endless_reference(schema: JsonObject) -> bool:
    """Whether following some local reference never ends at anything.

    True for `A` is `B`, and `B` is `A`; false for recursion through members.
    """
    if "$defs" not in schema and "definitions" not in schema:
        return False
    known = _endless.get(schema)
    return known if known is not None else _endless.put(schema, _leads_back(schema))


def _leads_back(schema: Schema) -> bool:
    stack: list[object] = [schema]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            if "$ref" in node and _is_local_reference(_followed(node, schema)):
                return True
            stack += node.values()
        elif isinstance(node, list):
            stack += node
    return False


def _is_local_reference(node: object) -> bool:
    """Whether a node is nothing but a reference into its own document."""
    if not isinstance(node, dict) or node.keys() != {"$ref"}:
        return False
    reference = node["$ref"]
    return isinstance(reference, str) and reference.startswith("#/")


def _followed(node: object, root: object) -> object:
    """The node that a chain of references ends at; the last of them if it never ends."""
    for _ in range(_MAX_LINKS):
        if not isinstance(node, dict) or not _is_local_reference(node):
            return node
        reference = node["$ref"]
        target = _target(reference, root)
        if target is reference:
            return node
        node = target
    return node


def _target(reference: object, root: object) -> object:
    """What a local reference points at; the reference itself if that is nothing."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return reference
    target: object = lookup(root, reference)
    return reference if target is None else target
