"""Walking JSON Schemas: local references and subschemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from inftool.core.types import JsonObject


def lookup(root: JsonObject, reference: str) -> Any:
    """What a local reference (`#/$defs/Order`) points at inside `root`, or None."""
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return None
    node: Any = root
    for part in reference[2:].split("/"):
        part = part.replace("~1", "/").replace("~0", "~")
        if isinstance(node, Mapping) and part in node:
            node = node[part]
        elif isinstance(node, list) and part.isdigit() and int(part) < len(node):
            node = node[int(part)]
        else:
            return None
    return node


def subschemas(schema: Any, pointer: str, root: JsonObject | None = None) -> Iterator[JsonObject]:
    """Every subschema that applies to the value at a pointer, references followed and branches of combinations included."""
    root = schema if root is None else root
    stack: list[tuple[Any, tuple[str, ...]]] = [
        (
            schema,
            tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]),
        )
    ]
    steps = 0
    while stack and steps < 512:
        steps += 1
        node, path = stack.pop()
        if not isinstance(node, dict):
            continue
        if isinstance(ref := node.get("$ref"), str) and ref.startswith("#/"):
            target: Any = root
            for part in ref[2:].split("/"):
                target = (
                    target.get(part.replace("~1", "/").replace("~0", "~"), {})
                    if isinstance(target, dict)
                    else {}
                )
            stack.append((target, path))
        for key in ("allOf", "oneOf", "anyOf"):
            stack += [(branch, path) for branch in node.get(key) or ()]
        if not path:
            yield node
            continue
        head, rest = path[0], path[1:]
        properties = node.get("properties")
        if isinstance(properties, dict) and head in properties:
            stack.append((properties[head], rest))
        elif isinstance(extra := node.get("additionalProperties"), dict):
            stack.append((extra, rest))
        if head.isdigit():
            if isinstance(items := node.get("items"), dict):
                stack.append((items, rest))
            prefix = node.get("prefixItems")
            if isinstance(prefix, list) and int(head) < len(prefix):
                stack.append((prefix[int(head)], rest))
