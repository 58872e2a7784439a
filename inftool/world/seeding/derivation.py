"""Values of seeded entities that follow from other entities: distinct names, agreeing copies, inherited fields."""

from __future__ import annotations

from collections.abc import Collection as Collection_
from collections.abc import Mapping
from typing import Any

from inftool.core.json_pointer import split_pointer
from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, split, squash
from inftool.world.resources.models import Resource
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid


def make_distinct(value: JsonObject, prop: str, shape: Shape, taken: Collection_[str]) -> None:
    """Make a text that things are found by differ from those that are taken, in place."""
    text = value.get(prop)
    if not isinstance(text, str) or text not in taken:
        return
    schema = shape.properties[prop].schema() if prop in shape.properties else {}
    tries = (f"{text}{joint}{number}" for number in range(2, 200) for joint in ("-", "", " "))
    value[prop] = next(
        (other for other in tries if other not in taken and is_valid(schema, other)), text
    )


def parents_agree(left: Mapping[str, str], right: Mapping[str, str]) -> bool:
    """Whether two places name the same parents wherever both name one."""
    return all(right.get(name, key) == key for name, key in left.items())


_OWN = bag(
    "id name title description status state type kind label notes note email phone address version key code slug url links "
    "meta metadata tags active summary reference number href self object etag"
)
_STAMPS = {"created", "updated", "modified", "deleted", "added"}


def count_shared_properties(shape: Shape, names: Collection_[str]) -> int:
    """How many properties of an entity another one has too, by name."""
    return sum(name in shape.properties and name.lower() not in _OWN for name in names)


def inherited_properties(
    resource: Resource, shape: Shape, other: JsonObject, *, skip: Collection_[str]
) -> JsonObject:
    """What a thing takes over from one that it refers to: an appointment its slot's time and practitioner. Only what its senders do not write."""
    out: JsonObject = {}
    for name in shape.properties:
        if (
            name in skip
            or name in resource.writable
            or name not in other
            or name.lower() in _OWN
            or name == resource.identifier
            or set(split(name)) & _STAMPS
        ):
            continue
        if (name in shape.required or f"/{name}" in resource.references) and not isinstance(
            other[name], list
        ):
            out[name] = other[name]
    return out


def nested_objects(value: Any, depth: int = 3) -> list[tuple[int, JsonObject]]:
    """Every object inside a value, with its depth."""
    out: list[tuple[int, JsonObject]] = []
    if depth <= 0:
        return out
    for item in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        if isinstance(item, dict):
            out.append((depth, item))
        if isinstance(item, dict | list):
            out += nested_objects(item, depth - 1)
    return out


def copy_repeated_properties(
    value: Any, pointer: str, target: str, other: JsonObject, resource: Resource
) -> None:
    """What stands beside a reference and repeats the thing referred to (`customerName`, a line's `unitPrice`) is taken from it, in place."""
    steps = split_pointer(pointer)
    node = value
    for step in steps[:-1]:
        node = node[int(step)] if isinstance(node, list) else node[step]
    if not isinstance(node, dict):
        return
    noun = squash(target)
    short = split(target)[-1] if split(target) else noun
    inside = len(steps) > 1 and squash(steps[-2] if not steps[-2].isdigit() else "") in {
        noun,
        short,
    }
    # A line repeats the thing's price as its unit price; an order does not repeat its customer's anything but by name.
    in_list = len(steps) > 1 and steps[-2].isdigit()
    if (
        not inside
        and not in_list
        and not any(squash(name).startswith((noun, short)) for name in node if name != steps[-1])
    ):
        return
    # Its key is no word about it: beside `transferAccountId`, `accountId` is another account.
    told = {
        name: item
        for name, item in other.items()
        if name != resource.identifier and split(name)[-1:] not in (("id",), ("uuid",), ("ids",))
    }
    theirs = {
        squash(name): item
        for name, item in told.items()
        if isinstance(item, str | int | float) and not isinstance(item, bool)
    }
    label = other.get(resource.label) if resource.label else None
    for name in list(node):
        if name == steps[-1] or isinstance(node[name], dict | list | bool) or node[name] is None:
            continue
        word = squash(name)
        found: Any = None
        if inside and word in theirs and steps[-1] != name:
            found = theirs[word]
        elif word.startswith(noun) and word[len(noun) :] in theirs:
            found = theirs[word[len(noun) :]]
        elif word.startswith(short) and word[len(short) :] in theirs:
            found = theirs[word[len(short) :]]
        elif word in {f"{noun}name", f"{short}name", f"{noun}title", f"{short}title"}:
            found = label
        elif in_list and word in {"unitprice", "price", "unitamount"}:
            found = theirs.get("price", theirs.get("unitprice"))
        elif (
            in_list
            and word in {"title", "name", "productname", "description"}
            and resource.label
            and squash(resource.label) in {"title", "name"}
        ):
            found = label
        if found is not None and isinstance(found, str) == isinstance(node[name], str):
            node[name] = found
