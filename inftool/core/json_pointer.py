"""JSON pointers (RFC 6901): split, escape, read and write values by pointer."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from inftool.core.json_values import copied


class Unresolved(LookupError):
    """A pointer points at something that does not exist."""


def escape(key: str | int) -> str:
    """A key or index as one token of a pointer: `"a/b"` -> `"a~1b"`."""
    # "~" first (RFC 6901, section 3): the other way round it would escape the "~" of "~1" again.
    return str(key).replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    """The key that a token of a pointer stands for: `"a~1b"` -> `"a/b"`."""
    # "~1" first (RFC 6901, section 4), so that "~01" becomes "~1" and not "/".
    return token.replace("~1", "/").replace("~0", "~")


@lru_cache(maxsize=4096)
def split_pointer(pointer: str) -> tuple[str, ...]:
    """The keys of a pointer, unescaped: `"/lines/0/a~1b"` -> `("lines", "0", "a/b")`."""
    return tuple(map(unescape, pointer.split("/")[1:]))


@lru_cache(maxsize=4096)
def _steps(pattern: str) -> tuple[tuple[str, str], ...]:
    """The keys of a pattern, each with what it adds to a pointer: `("a/b", "/a~1b")`."""
    return tuple((key, f"/{escape(key)}") for key in split_pointer(pattern))


def at_pointer(document: object, pointer: str) -> Any:
    """The value at a pointer; Unresolved if there is none."""
    value: Any = document
    for key in split_pointer(pointer):
        try:
            value = value[int(key)] if isinstance(value, list) else value[key]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise Unresolved(f"nothing at {pointer}") from error
    return value


def find_at(value: object, pointer: str) -> Any:
    """The value at a pointer; None if there is none."""
    for key in split_pointer(pointer):
        if isinstance(value, dict):
            value = value.get(key)
        # `-` (the end of a list, RFC 6901) points at nothing that could be read.
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def find_all(value: object, pattern: str) -> list[tuple[str, Any]]:
    """Every (pointer, value) that a pattern matches, in document order; nulls are left out.

    A pattern is a pointer in which `*` stands for every item of a list or member of an object:
    `"/lines/*/bookId"` -> `[("/lines/0/bookId", "b1"), ("/lines/1/bookId", "b7")]`.
    """
    matches: list[tuple[str, Any]] = [("", value)]
    for key, step in _steps(pattern):
        children: list[tuple[str, Any]] = []
        # Written out because worlds call this for every reference of every entity.
        for pointer, node in matches:
            if isinstance(node, list):
                if key == "*":
                    children += [(f"{pointer}/{index}", item) for index, item in enumerate(node)]
            elif isinstance(node, dict):
                if key == "*":
                    children += [(f"{pointer}/{escape(name)}", item) for name, item in node.items()]
                elif key in node:
                    children.append((pointer + step, node[key]))
        matches = children
    return [(pointer, node) for pointer, node in matches if node is not None]


def set_at(value: dict[str, object], pointer: str, new: object) -> None:
    """Set a copy of `new` at a pointer, in place; objects that are missing on the way are created.

    Objects on the way are copied before they are changed: others may share them.
    """
    *keys, last = split_pointer(pointer)
    node = value
    for key in keys:
        child = node.get(key)
        copy: dict[str, object] = dict(child) if isinstance(child, dict) else {}
        node[key] = copy
        node = copy
    node[last] = copied(new)


def replace_at(value: Any, pointer: str, new: object) -> None:
    """Set what lies at a pointer, in place; everything on the way has to exist."""
    *keys, last = split_pointer(pointer)
    node = value
    for key in keys:
        node = node[int(key)] if isinstance(node, list) else node[key]
    if isinstance(node, list):
        node[int(last)] = new
    else:
        node[last] = new
