"""What refuses a write whatever the state: dangling references, values that must be unique."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.json_pointer import find_all
from inftool.world.operations.calls import Call
from inftool.world.resources.models import Resource
from inftool.world.state import WorldState


class Refused(Exception):
    """The call cannot be done; answered in the shape that the spec declares for the status."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        """`field` is the argument or property at fault."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field


def check_references(call: Call) -> None:
    """Refused (422) where an argument refers to an entity that does not exist.

    Keys of the path are left out: whoever looks for the target refuses those with 404.
    """
    world = call.world
    keys = call.role.target.keys
    for pattern, (name, prop) in call.role.references.items():
        resource = world.resources.resources[name]
        # Of a virtual resource any key is taken to exist.
        if pattern[1:] in keys or resource.virtual:
            continue
        collection = world.collection(name)
        for pointer, key in find_all(call.arguments, pattern):
            # Forms send an empty text for a reference that is not set.
            if isinstance(key, dict | list) or key == "" or str(key) in collection:
                continue
            if prop != resource.identifier and any(
                str(entry.value.get(prop)) == str(key) for entry in collection.values()
            ):
                continue
            field = pointer[1:].replace("/", ".")
            raise Refused(422, f"{field}: no {name} {key!r} exists.", field)


def check_unique(
    world: WorldState, resource: Resource, value: Mapping[str, object], own_key: str | None = None
) -> None:
    """Refused (409) where another entity than `own_key` has a value that must be unique."""
    for prop in resource.unique:
        item = value.get(prop)
        if item is None:
            continue
        # Email addresses and names differ by more than their case.
        text = str(item).casefold()
        for entry in world.collection(resource.name).values():
            if entry.key != own_key and str(entry.value.get(prop)).casefold() == text:
                message = f"A {resource.name} with {prop} {item!r} exists already."
                raise Refused(409, message, prop)
