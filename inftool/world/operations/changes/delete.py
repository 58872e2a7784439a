"""Deletes: what lies under an entity goes with it, and references to it are removed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from inftool.core.json_pointer import escape, find_all, find_at, replace_at, split_pointer
from inftool.core.json_values import copied
from inftool.world.operations.calls import Call
from inftool.world.operations.checks import Refused
from inftool.world.resources.models import Resource
from inftool.world.sampling.coherence.totals import reconcile_totals
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import Entry
from inftool.world.state import WorldState

# Deeper chains of entities that go with each other are cut: they would be circles.
_MAX_DEPTH = 8


class _Reference(NamedTuple):
    """One place where an entity refers to another one."""

    resource: Resource
    """The resource of the entity that refers."""
    entry: Entry
    """The entity that refers."""
    pattern: str
    """The pointer pattern of the reference in that resource."""


def delete(call: Call, entry: Entry) -> None:
    """Take an entity out, with what lies under it.

    What refers to it loses the reference, or goes too where it cannot be without; where the tool
    documents a 409, a reference forbids the delete.
    """
    world, name = call.world, str(call.role.target.resource)
    if call.documents("409"):
        references = _references_to(world, name, entry)
        if references:
            user = references[0]
            raise Refused(
                409,
                f"The {name} cannot be deleted: {user.resource.name} {user.entry.key!r} still "
                "refers to it.",
            )
    _remove(world, name, entry, 0)


def _references_to(world: WorldState, name: str, entry: Entry) -> list[_Reference]:
    """The references to an entity, one for each pointer; those from under it are left out."""
    references: list[_Reference] = []
    for resource, pattern, prop in world.resources.users(name):
        key, first = str(entry.value.get(prop, entry.key)), split_pointer(pattern)[0]
        for other in world.collection(resource.name).values():
            is_itself = resource.name == name and other.key == entry.key
            # The cheapest test goes first: most entities refer to something else.
            if first not in other.value or is_itself or other.parents.get(name) == entry.key:
                continue
            references += [
                _Reference(resource, other, pattern)
                for _, value in find_all(other.value, pattern)
                if str(value) == key
            ]
    return references


def _remove(world: WorldState, name: str, entry: Entry, depth: int) -> None:
    """Remove an entity, what lies under it, and the references to it."""
    # The only entity under a new parent is not stored until it is changed.
    is_unstored = entry.rank[0] == 1 and world.resources.resources[name].singleton
    if entry.key not in world.collection(name) and not is_unstored:
        return
    references = _references_to(world, name, entry)
    world.drop(name, entry.key)
    if depth > _MAX_DEPTH:
        return
    # Children before references: a child that refers to its parent goes anyway.
    for resource in world.resources.resources.values():
        if name in resource.parents:
            for child in list(world.collection(resource.name).values()):
                if child.parents.get(name) == entry.key:
                    _remove(world, resource.name, child, depth + 1)
    for resource, user, pattern in references:
        # An earlier one of these may have changed or removed it.
        current = world.collection(resource.name).get(user.key)
        if current is not None:
            prop = resource.references[pattern][1]
            key = str(entry.value.get(prop, entry.key))
            if not _remove_reference(world, resource, current, pattern, key):
                _remove(world, resource.name, current, depth + 1)


def _remove_reference(
    world: WorldState, resource: Resource, entry: Entry, pattern: str, key: str
) -> bool:
    """Remove a reference to a key from an entity; False where the entity cannot be without it."""
    if pattern == f"/{resource.identifier}":
        # It is known by the key of an entity that is gone.
        return False
    value: dict[str, object] = copied(entry.value)
    steps = split_pointer(pattern)
    if "*" in steps:
        removed = _remove_from_list(value, steps, key)
    else:
        removed = _remove_property(world.base.shapes[resource.name], value, steps)
    if removed and value != entry.value:
        world.replace(resource.name, entry, value)
    return removed


def _remove_from_list(value: dict[str, object], steps: Sequence[str], key: str) -> bool:
    """Remove the elements of a list that refer to a key, in place.

    False where elements that are more than a reference (an order's lines) would all go: an order
    has at least one line.
    """
    star = steps.index("*")
    pointer = _pointer(steps[:star])
    items = find_at(value, pointer)
    if not isinstance(items, list):
        return False
    inside = _pointer(steps[star + 1 :])
    left = [
        item
        for item in items
        if not any(str(reference) == key for _, reference in find_all(item, inside))
    ]
    # A list of bare references (`tagIds`) may become empty.
    if not left and inside:
        return False
    replace_at(value, pointer, left)
    if left:
        reconcile_totals(value)
    return True


def _remove_property(shape: Shape, value: dict[str, object], steps: Sequence[str]) -> bool:
    """Remove a reference from a property, in place; False where the schema requires it."""
    holder = find_at(value, _pointer(steps[:-1]))
    if not isinstance(holder, dict):
        return True
    holder_shape = shape
    for step in steps[:-1]:
        view = holder_shape.object()
        sub = view.properties.get(step) if view is not None else None
        holder_shape = sub or Shape({}, shape.root)
    last = steps[-1]
    sub = holder_shape.properties.get(last)
    if len(steps) == 2 and steps[0] not in shape.required:
        # {"customer": {"id": ...}}: an optional object goes as a whole.
        value.pop(steps[0], None)
    elif last not in holder_shape.required:
        holder.pop(last, None)
    elif sub is not None and sub.may_be_null:
        holder[last] = None
    else:
        return False
    return True


def _pointer(steps: Sequence[str]) -> str:
    return "".join(f"/{escape(step)}" for step in steps)
