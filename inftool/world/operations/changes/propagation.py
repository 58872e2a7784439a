"""What a write changes beside what was sent: references, parents, copies and totals."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.json_pointer import find_all, find_at, replace_at, split_pointer
from inftool.world.operations.targets import first_with
from inftool.world.resources.models import Resource
from inftool.world.sampling.coherence.totals import reconcile_totals
from inftool.world.seeding.derived_values import copy_repeated_properties, nested_objects
from inftool.world.seeding.entries import Entry, RandomSource
from inftool.world.state import WorldState


def keep_sent(value: object, sent: object) -> None:
    """Put what was sent back where something derived took its place, in place.

    A total or a copied name that a caller writes is what the caller reads.
    """
    if isinstance(value, dict) and isinstance(sent, dict):
        for name, item in sent.items():
            if isinstance(item, dict | list) and isinstance(value.get(name), dict | list):
                keep_sent(value[name], item)
            # null asks for nothing that a derived value could contradict.
            elif item is not None and name in value:
                value[name] = item
    elif isinstance(value, list) and isinstance(sent, list) and len(value) == len(sent):
        for index, item in enumerate(sent):
            if isinstance(item, dict | list):
                keep_sent(value[index], item)


def reconcile(value: dict[str, object]) -> None:
    """Make totals agree with what they add up, in an entity and in the objects in it, in place."""
    for inner in nested_objects(value):
        reconcile_totals(inner)
    reconcile_totals(value)


def referred_entities(
    world: WorldState, resource: Resource, value: Mapping[str, object]
) -> dict[str, tuple[str, Entry]]:
    """What an entity's own properties refer to: property -> (resource, entry)."""
    entities: dict[str, tuple[str, Entry]] = {}
    for link, name, prop in resource.links:
        if not isinstance(value.get(link), str | int):
            continue
        key = str(value[link])
        collection = world.collection(name)
        entry = collection.get(key)
        if entry is None or prop != world.resources.resources[name].identifier:
            # Virtual resources have keys only: the property falls back to the key.
            others = collection.values()
            matches = (one for one in others if str(one.value.get(prop, one.key)) == key)
            entry = next(matches, None)
        if entry is not None:
            entities[link] = (name, entry)
    return entities


def point_at_existing(
    world: WorldState,
    resource: Resource,
    value: dict[str, object],
    given: Mapping[str, object],
    rng: RandomSource,
) -> None:
    """Make the references that the schema wants and nobody gave point at what exists, in place.

    `given` is what was sent, or what the entity was before: it has been looked at already.
    """
    for pattern, (name, prop) in resource.references.items():
        first = split_pointer(pattern)[0]
        if first not in value or (first in given and value[first] == given[first]):
            continue
        if pattern == f"/{resource.identifier}":
            # An entity that shares its key with another one has got that one's key already.
            continue
        pool = world.collection(name)
        if world.resources.resources[name].virtual or not pool:
            continue
        for pointer, key in find_all(value, pattern):
            if isinstance(key, dict | list) or find_at(given, pointer) is not None:
                continue
            if str(key) in pool or first_with(pool, prop, key) is not None:
                continue
            # From sorted keys: the order of writes must not decide what is drawn.
            entry = pool[sorted(pool)[rng().randrange(len(pool))]]
            replace_at(value, pointer, entry.value.get(prop, entry.key))


def set_parents(
    world: WorldState, resource: Resource, value: dict[str, object], path_parents: Mapping[str, str]
) -> None:
    """Make the properties that name parents agree with the path, in place.

    A line created at `/orders/7/lines` gets `orderId: 7`, whatever was sent.
    """
    for link, name, prop in resource.links:
        key = path_parents.get(name)
        if key is not None:
            parent = world.collection(name).get(key)
            value[link] = parent.value.get(prop, key) if parent is not None else key


def parents_of(
    world: WorldState,
    resource: Resource,
    value: Mapping[str, object],
    path_parents: Mapping[str, str],
) -> dict[str, str]:
    """The parents of an entity, resource -> key: the path's, and those that its properties name."""
    parents = dict(path_parents)
    for link, name, prop in resource.links:
        reference = value.get(link)
        is_named = name in resource.parents and isinstance(reference, str | int)
        if name in path_parents or not is_named:
            continue
        key = str(reference)
        # The property may hold something else than the key: a parent's slug or name.
        if key not in world.collection(name):
            parent = first_with(world.collection(name), prop, key)
            key = parent.key if parent is not None else key
        parents[name] = key
    return parents


def refresh_copies(
    world: WorldState, resource: Resource, value: dict[str, object], pattern: str, name: str
) -> None:
    """Bring what repeats an entity that is referred to up to date, in place.

    `pattern` points at references to the resource `name`. Beside a new `customerId`, `customerName`
    is the new customer's.
    """
    target = world.resources.resources[name]
    collection = world.collection(name)
    prop = resource.references[pattern][1]
    for pointer, key in find_all(value, pattern):
        is_key = prop == target.identifier
        entry = collection.get(str(key)) if is_key else first_with(collection, prop, key)
        if entry is not None:
            copy_repeated_properties(value, pointer, name, entry.value, target)
