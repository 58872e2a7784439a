"""What a write changes beside the entity itself: references, parents and copies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.core.json_pointer import find_all, find_at, replace_at, split_pointer
from inftool.core.types import JsonObject
from inftool.world.resources.models import Resource
from inftool.world.seeding.derivation import copy_repeated_properties
from inftool.world.seeding.entries import Entry, RandomSource

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def overlay(value: Any, sent: Any) -> None:
    """Put what was sent back where something derived took its place (a total, a copied name), in place: what is written is what is read."""
    if isinstance(value, dict) and isinstance(sent, dict):
        for name, item in sent.items():
            if isinstance(item, dict | list) and isinstance(value.get(name), dict | list):
                overlay(value[name], item)
            elif item is not None and name in value:
                value[name] = item
    elif isinstance(value, list) and isinstance(sent, list) and len(value) == len(sent):
        for index, item in enumerate(sent):
            if isinstance(item, dict | list):
                overlay(value[index], item)


def referred(
    world: WorldState, resource: Resource, value: JsonObject
) -> dict[str, tuple[str, Entry]]:
    """What an entity's own properties refer to: property -> (resource, entry)."""
    out: dict[str, tuple[str, Entry]] = {}
    for own, name, prop in resource.links:
        if not isinstance(value.get(own), str | int):
            continue
        wanted = str(value[own])
        collection = world.collection(name)
        entry = collection.get(wanted)
        if entry is None or prop != world.resources.resources[name].identifier:
            entry = next(
                (
                    other
                    for other in collection.values()
                    if str(other.value.get(prop, other.key)) == wanted
                ),
                None,
            )
        if entry is not None:
            out[own] = (name, entry)
    return out


def point(
    world: WorldState, resource: Resource, value: JsonObject, given: JsonObject, rng: RandomSource
) -> None:
    """References that the schema wants and nobody gave point at what exists, in place."""
    for pattern, (name, prop) in resource.references.items():
        first = split_pointer(pattern)[0]
        # What was sent stands: it has been looked at already.
        if first not in value or (first in given and value[first] == given[first]):
            continue
        if pattern == f"/{resource.identifier}":
            # The key is settled already: what shares it with another thing has been given that one's.
            continue
        pool = world.collection(name)
        if world.resources.resources[name].virtual or not pool:
            continue
        for pointer, found in find_all(value, pattern):
            if isinstance(found, dict | list) or find_at(given, pointer) is not None:
                continue
            if str(found) in pool or (first in given and find_at(given, pointer) == found):
                continue
            if any(str(entry.value.get(prop)) == str(found) for entry in pool.values()):
                continue
            entry = pool[sorted(pool)[rng().randrange(len(pool))]]
            replace_at(value, pointer, entry.value.get(prop, entry.key))


def parents_of(
    resource: Resource,
    value: JsonObject,
    above: dict[str, str],
    *,
    fill: bool,
    world: WorldState | None = None,
) -> dict[str, str]:
    """The parents' keys of an entity: the path's, and those that its own properties name; what names a parent on the path is set to it."""
    found = dict(above)
    for own, name, prop in resource.links:
        if name in above and fill:
            other = world.collection(name).get(above[name]) if world is not None else None
            value[own] = other.value.get(prop, above[name]) if other is not None else above[name]
        elif name in resource.parents and isinstance(value.get(own), str | int):
            key = str(value[own])
            if world is not None and key not in world.collection(name):
                key = next(
                    (
                        entry.key
                        for entry in world.collection(name).values()
                        if str(entry.value.get(prop)) == key
                    ),
                    key,
                )
            found[name] = key
    return found


def copies(
    world: WorldState, resource: Resource, value: JsonObject, pattern: str, name: str
) -> None:
    """Bring what repeats a referred thing (`customerName`, `unitPrice`) up to date, in place."""
    other = world.resources.resources[name]
    collection = world.collection(name)
    prop = resource.references[pattern][1]
    for pointer, wanted in find_all(value, pattern):
        entry = (
            collection.get(str(wanted))
            if prop == other.identifier
            else next(
                (item for item in collection.values() if str(item.value.get(prop)) == str(wanted)),
                None,
            )
        )
        if entry is not None:
            copy_repeated_properties(value, pointer, name, entry.value, other)
