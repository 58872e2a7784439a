"""JSON pointers (RFC 6901): split, escape, read and write values by pointer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from inftool.core.json_values import copied
from inftool.core.types import JsonObject


class Unresolved(LookupError):
    """A reference points at something that is not there."""


def at_pointer(document: Any, pointer: str) -> Any:
    """The value at a JSON pointer (RFC 6901); Unresolved where there is none."""
    value = document
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise Unresolved(f"nothing at {pointer}") from error
    return value


def token(key: str | int) -> str:
    """A key as one token of a JSON pointer."""
    return str(key).replace("~", "~0").replace("/", "~1")


@lru_cache(maxsize=4096)
def parts(pointer: str) -> tuple[str, ...]:
    """The steps of a JSON pointer, unescaped."""
    return (
        tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
        if pointer
        else ()
    )


def at(value: Any, pointer: str) -> Any:
    """What lies at a JSON pointer inside a value, None where there is nothing."""
    for step in parts(pointer):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def each(value: Any, pattern: str) -> list[tuple[str, Any]]:
    """Every (pointer, value) that a pointer pattern (`/lines/*/bookId`) meets inside a value; absent and null ones are left out."""
    found: list[tuple[str, Any]] = [("", value)]
    for step in parts(pattern):
        nexts: list[tuple[str, Any]] = []
        for where, node in found:
            if step == "*" and isinstance(node, list):
                nexts += [(f"{where}/{index}", item) for index, item in enumerate(node)]
            elif step == "*" and isinstance(node, dict):
                nexts += [
                    (f"{where}/{key.replace('~', '~0').replace('/', '~1')}", item)
                    for key, item in node.items()
                ]
            elif isinstance(node, dict) and step in node:
                nexts.append((f"{where}/{step.replace('~', '~0').replace('/', '~1')}", node[step]))
        found = nexts
    return [(where, node) for where, node in found if node is not None]


def set_deep(value: JsonObject, pointer: str, new: Any) -> None:
    """Set what lies at a JSON pointer, in place; the objects on the way are made where there are none."""
    node = value
    steps = parts(pointer)
    for step in steps[:-1]:
        inner = node.get(step)
        node[step] = dict(inner) if isinstance(inner, dict) else {}
        node = node[step]
    node[steps[-1]] = copied(new)


def put(value: Any, pointer: str, new: Any) -> None:
    """Set what lies at a JSON pointer, in place."""
    steps = parts(pointer)
    node = value
    for step in steps[:-1]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if isinstance(node, list):
        node[int(steps[-1])] = new
    else:
        node[steps[-1]] = new


def split_pointer(pointer: str) -> list[str]:
    """The tokens of a JSON pointer (RFC 6901), unescaped."""
    return (
        [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]
        if pointer
        else []
    )


def escape(token: str) -> str:
    """A token as it is written inside a JSON pointer."""
    return token.replace("~", "~0").replace("/", "~1")
