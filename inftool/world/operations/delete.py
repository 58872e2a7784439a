"""Deletes: what lies under the thing goes with it, and what refers to it lets go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.json_pointer import find_all, find_at, replace_at, split_pointer
from inftool.core.json_values import copied
from inftool.core.tools import Tool
from inftool.world.operations.checks import refuse
from inftool.world.resources.models import Resource
from inftool.world.sampling.coherence.totals import reconcile_totals
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def delete(world: WorldState, tool: Tool, name: str, entry: Entry) -> None:
    """Take an entity out: what lies under it goes too; what refers to it lets go, goes with it or (where a 409 is documented) forbids it."""
    if any(answer.status == "409" for answer in tool.responses) and (
        users := _users(world, name, entry)
    ):
        resource, other, _, _ = users[0]
        raise refuse(
            409, f"The {name} cannot be deleted: {resource.name} {other.key!r} still refers to it."
        )
    _remove(world, name, entry, 0)


def _users(world: WorldState, name: str, entry: Entry) -> list[tuple[Resource, Entry, str, str]]:
    """Who refers to an entity: (resource, entry, pointer, pattern) each; what lies under it is left out."""
    found = []
    for resource, pattern, prop in world.resources.users(name):
        key, first = str(entry.value.get(prop, entry.key)), split_pointer(pattern)[0]
        for other in world.collection(resource.name).values():
            if (
                first not in other.value
                or (resource.name == name and other.key == entry.key)
                or other.parents.get(name) == entry.key
            ):
                continue
            found += [
                (resource, other, pointer, pattern)
                for pointer, value in find_all(other.value, pattern)
                if str(value) == key
            ]
    return found


def _remove(world: WorldState, name: str, entry: Entry, depth: int) -> None:
    if entry.key not in world.collection(name) and not (
        entry.rank[0] == 1 and world.resources.resources[name].singleton
    ):
        return
    users = _users(world, name, entry)
    world.drop(name, entry.key)
    if depth > 8:
        return
    for resource in world.resources.resources.values():
        if name in resource.parents:
            for other in list(world.collection(resource.name).values()):
                if other.parents.get(name) == entry.key:
                    _remove(world, resource.name, other, depth + 1)
    for resource, other, _, pattern in users:
        now = world.collection(resource.name).get(other.key)
        if now is not None:
            _let_go(
                world,
                resource,
                now,
                pattern,
                str(entry.value.get(resource.references[pattern][1], entry.key)),
                depth=depth,
            )


def _let_go(
    world: WorldState, resource: Resource, entry: Entry, pattern: str, key: str, *, depth: int
) -> None:
    """Take a reference to something gone out of an entity: out of an optional property or a list, else the entity goes too."""
    shape = world.base.shapes[resource.name]
    value = copied(entry.value)
    steps = split_pointer(pattern)
    if pattern == f"/{resource.identifier}":
        # What is known by the key of a thing that is gone goes with it.
        _remove(world, resource.name, entry, depth + 1)
        return
    if "*" in steps:
        place = steps.index("*")
        pointer = "".join(f"/{step}" for step in steps[:place])
        items = find_at(value, pointer)
        rest = "".join(f"/{step}" for step in steps[place + 1 :])
        if isinstance(items, list):
            left = [
                item
                for item in items
                if not any(str(found) == key for _, found in find_all(item, rest))
            ]
            if left:
                replace_at(value, pointer, left)
                reconcile_totals(value)
                world.put(resource.name, Entry(entry.key, value, entry.parents, entry.rank))
                return
            if not rest:
                replace_at(value, pointer, [])
                world.put(resource.name, Entry(entry.key, value, entry.parents, entry.rank))
                return
        _remove(world, resource.name, entry, depth + 1)
        return
    above = shape
    for step in steps[:-1]:
        view = above.object()
        above = (
            view.properties.get(step, Shape({}, shape.root))
            if view is not None
            else Shape({}, shape.root)
        )
    holder = find_at(value, "".join(f"/{step}" for step in steps[:-1]))
    sub = above.properties.get(steps[-1])
    if not isinstance(holder, dict):
        return
    if len(steps) == 2 and steps[0] not in shape.required:
        value.pop(steps[0], None)
    elif steps[-1] not in above.required:
        holder.pop(steps[-1], None)
    elif sub is not None and sub.may_be_null:
        holder[steps[-1]] = None
    else:
        _remove(world, resource.name, entry, depth + 1)
        return
    world.put(resource.name, Entry(entry.key, value, entry.parents, entry.rank))
