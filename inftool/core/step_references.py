"""What a step of a plan takes from an earlier step's result, in two notations.

A `Step` keeps bindings beside its arguments: `{"/authorId": StepRef(step="s1", pointer="/id")}`,
with null at `/authorId` of the arguments. People write, and InfTool 0.1.0 recorded, references
inside the arguments: `{"authorId": {"$from": "s1", "at": "/id"}}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from inftool.core.json_pointer import escape, split_pointer
from inftool.core.types import Arguments, JsonObject, JsonPointer, Record

_MEMBERS = frozenset(("$from", "at"))


class StepRef(Record):
    """A value of an earlier step's result."""

    step: str
    """The id of the earlier step."""

    pointer: JsonPointer
    """Where the value is in that step's result."""


Bindings = Mapping[JsonPointer, StepRef]
"""By place in the arguments, what is taken from an earlier result."""


def is_reference(value: object) -> TypeGuard[dict[str, str]]:
    """Whether a value is a reference in the notation that people write."""
    return (
        isinstance(value, dict)
        and value.keys() == _MEMBERS
        and isinstance(value["$from"], str)
        and isinstance(value["at"], str)
    )


def split_references(arguments: Arguments) -> tuple[JsonObject, dict[JsonPointer, StepRef]]:
    """Arguments with references inside as literals (null at each place) and bindings.

    `{"a": {"$from": "s1", "at": "/id"}}` -> `{"a": None}, {"/a": StepRef("s1", "/id")}`.
    The bindings are in the order of the arguments.
    """
    bindings = {
        pointer: StepRef(step=value["$from"], pointer=value["at"])
        for pointer, value in _nodes(arguments)
        if is_reference(value)
    }
    # The arguments as a whole are taken from an earlier result.
    if "" in bindings:
        return {}, bindings
    return with_values(arguments, dict.fromkeys(bindings)), bindings


def join_references(arguments: Arguments, bindings: Bindings) -> JsonObject:
    """The opposite of `split_references`: arguments in the notation that people write."""
    references = {
        place: {"$from": source.step, "at": source.pointer} for place, source in bindings.items()
    }
    return with_values(arguments, references)


def with_values(arguments: Arguments, values: Mapping[JsonPointer, Any]) -> JsonObject:
    """A copy of some arguments with other values at some places, the order of keys unchanged.

    What does not lead to one of the places is shared with the original. Every place has to be
    there; the value at the empty pointer is the result.
    """
    if "" in values:
        whole: JsonObject = values[""]
        return whole
    changed = dict(arguments)
    copies: dict[str, Any] = {"": changed}
    for pointer, value in values.items():
        node, where = copies[""], ""
        *way, last = split_pointer(pointer)
        for part in way:
            where = f"{where}/{escape(part)}"
            if where not in copies:
                key = _key(node, part)
                # Copied once for each container on the way, however many places lie below it.
                copies[where] = node[key] = node[key].copy()
            node = copies[where]
        node[_key(node, last)] = value
    return changed


def null_places(arguments: Arguments) -> Iterator[JsonPointer]:
    """The pointers of all nulls in some arguments."""
    return (pointer for pointer, value in _nodes(arguments) if value is None)


def _key(node: object, part: str) -> str | int:
    return int(part) if isinstance(node, list) else part


def _nodes(arguments: Arguments) -> Iterator[tuple[JsonPointer, object]]:
    """Every value in some arguments with its pointer, references as a whole, in order.

    Without recursion: a line that somebody else wrote may be nested deeper than Python calls go.
    """
    stack: list[tuple[str, object]] = [("", arguments)]
    while stack:
        pointer, value = stack.pop()
        yield pointer, value
        members: list[tuple[str | int, object]] = []
        if isinstance(value, dict) and not is_reference(value):
            members = list(value.items())
        elif isinstance(value, list):
            members = list(enumerate(value))
        # Reversed, because the stack gives back the last one first, and order is recorded.
        stack += [(f"{pointer}/{escape(key)}", item) for key, item in reversed(members)]
