"""Walking JSON Schemas: local references and subschemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from inftool.core.json_pointer import split_pointer
from inftool.core.types import Schema

# Recursive schemas lead round in circles, and combinations multiply: more subschemas than this say
# nothing new about one value.
_MAX_STEPS = 512


def lookup(root: object, reference: str) -> Any:
    """The node that a local reference (`#/$defs/Order`) points at inside `root`; None if none."""
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return None
    node = root
    for key in split_pointer(reference[1:]):
        if isinstance(node, Mapping) and key in node:
            node = node[key]
        elif isinstance(node, list) and key.isdigit() and int(key) < len(node):
            node = node[int(key)]
        else:
            return None
    return node


def subschemas(
    schema: object, pointer: str, root: Schema | None = None
) -> Iterator[dict[str, Any]]:
    """Every subschema that applies to the value at a pointer into an instance of a schema.

    References are followed (inside `root`, by default the schema itself), and the branches of
    `allOf`, `oneOf` and `anyOf` are included: `subschemas({"anyOf": [a, b]}, "")` -> the whole
    schema, b, a. Yields `{}` for a reference that points at nothing.
    """
    definitions = schema if root is None else root
    stack: list[tuple[object, tuple[str, ...]]] = [(schema, split_pointer(pointer))]
    steps = 0
    while stack and steps < _MAX_STEPS:
        steps += 1
        node, path = stack.pop()
        if not isinstance(node, dict):
            continue
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            target = lookup(definitions, reference)
            stack.append(({} if target is None else target, path))
        for keyword in ("allOf", "oneOf", "anyOf"):
            stack += [(branch, path) for branch in node.get(keyword) or ()]
        if path:
            stack += _children(node, path)
        else:
            yield node


def _children(
    node: Mapping[str, object], path: Sequence[str]
) -> Iterator[tuple[object, tuple[str, ...]]]:
    """The subschemas for the first key of a path, each with the rest of the path."""
    key, rest = path[0], tuple(path[1:])
    properties = node.get("properties")
    extra = node.get("additionalProperties")
    if isinstance(properties, dict) and key in properties:
        yield properties[key], rest
    elif isinstance(extra, dict):
        yield extra, rest
    if key.isdigit():
        # The same key may be an index: which it is depends on the instance, so both apply.
        items, prefix = node.get("items"), node.get("prefixItems")
        if isinstance(items, dict):
            yield items, rest
        if isinstance(prefix, list) and int(key) < len(prefix):
            yield prefix[int(key)], rest
