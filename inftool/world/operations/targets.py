"""Which entity a call is about, found by its key and the keys of its parents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.core.types import Arguments
from inftool.language.identifiers import split
from inftool.world.operations import creation
from inftool.world.operations.checks import Refused
from inftool.world.resources.models import Resource, Role
from inftool.world.seeding.derivation import nested_objects
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


class Absent(Exception):
    """What an upsert names does not exist yet."""


def find(
    world: WorldState, resource: Resource, prop: str, wanted: Any, argument: str = ""
) -> Entry | None:
    """The entity of a resource whose key (or other property) has a value; `argument`: where a key lies deeper (`metadata.name`), its last word."""
    collection = world.collection(resource.name)
    entry = collection.get(str(wanted))
    if entry is not None and (
        not prop
        or prop == resource.identifier
        or str(entry.value.get(prop, entry.key)) == str(wanted)
    ):
        return entry
    if prop and prop != resource.identifier:
        return next(
            (other for other in collection.values() if str(other.value.get(prop)) == str(wanted)),
            None,
        )
    if not prop and argument:
        word = split(argument)[-1:]
        for other in collection.values():
            for _, inner in nested_objects(other.value, 2):
                if any(
                    split(name)[-1:] == word and str(item) == str(wanted)
                    for name, item in inner.items()
                    if isinstance(item, str | int)
                ):
                    return other
    return None


def scope(world: WorldState, role: Role, arguments: Arguments) -> dict[str, str]:
    """The keys of the parents that a call's path names; Refused (404) where one does not exist."""
    found: dict[str, str] = {}
    for name, argument in role.target.scope:
        resource = world.resources.resources[name]
        if argument is None:
            entry = next(iter(world.collection(name).values()), None)
            if entry is not None:
                found[name] = entry.key
            continue
        wanted = arguments.get(argument)
        entry = find(world, resource, role.target.keys.get(argument, ("", ""))[1], wanted, argument)
        if entry is not None:
            found[name] = entry.key
        elif resource.virtual:
            found[name] = str(wanted)
        else:
            raise Refused(404, f"No {name} with {argument} {wanted!r} exists.", argument)
    return found


def target(world: WorldState, role: Role, arguments: Arguments, above: dict[str, str]) -> Entry:
    """The entity that a call works on; Refused (404) where there is none, or it lies under another parent."""
    resource = world.resources.resources[str(role.target.resource)]
    collection = world.collection(resource.name)
    if resource.singleton:
        key = above.get(role.target.parent, "") if role.target.parent else ""
        entry = collection.get(key) or collection.get(next(iter(above.values()), ""))
        if entry is None:
            entry = creation.new_singleton(world, resource, key, above)
        return entry
    if role.target.of_caller or role.target.argument is None:
        entry = next((other for other in collection.values() if under(other, above)), None)
        if entry is None:
            raise Refused(404, f"No {resource.name} exists.")
        return entry
    wanted = arguments.get(role.target.argument)
    prop = role.target.keys[role.target.argument][1]
    entry = find(world, resource, prop, wanted, role.target.argument)
    if prop and not resource.natural and (entry is None or not under(entry, above)):
        # A name may be in use under another parent, or twice under this one.
        entry = next(
            (
                other
                for other in collection.values()
                if str(other.value.get(prop)) == str(wanted) and under(other, above)
            ),
            entry,
        )
    if entry is None and resource.virtual and wanted is not None:
        prop = resource.identifier or "id"
        return Entry(str(wanted), {prop: wanted}, above, (1, str(wanted)))
    if role.target.upsert and (entry is None or not under(entry, above)):
        raise Absent
    if entry is None or not under(entry, above):
        raise Refused(
            404,
            f"No {resource.name} with {role.target.argument} {wanted!r} exists.",
            role.target.argument,
        )
    return entry


def under(entry: Entry, above: dict[str, str]) -> bool:
    """Whether an entity lies under the given parents: resource -> key."""
    return all(
        entry.parents.get(name, key if name not in entry.parents and entry.rank[0] == 0 else None)
        == key
        for name, key in above.items()
    )
