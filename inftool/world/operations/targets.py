"""Which entity a call is about, found by its key and the keys of its parents."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.json_pointer import find_at
from inftool.language.identifiers import split
from inftool.world.operations.calls import Call
from inftool.world.operations.checks import Refused
from inftool.world.resources.models import Resource
from inftool.world.seeding.derived_values import nested_objects
from inftool.world.seeding.entries import Collection, Entry
from inftool.world.state import WorldState

# Keys lie at most this deep in an entity: `metadata.name`.
_KEY_DEPTH = 2


class DoesNotExistYet(Exception):
    """The entity that an upsert names does not exist."""


def first_with(collection: Collection, prop: str, value: object) -> Entry | None:
    """The first entity whose property has a value, compared as texts."""
    text = str(value)
    entries = (entry for entry in collection.values() if str(entry.value.get(prop)) == text)
    return next(entries, None)


def _find(
    world: WorldState, resource: Resource, prop: str, key: object, argument: str
) -> Entry | None:
    """The entity of a resource whose key, or other property, has a value.

    `prop` is empty where no property of the entity has the key; then the last word of the argument
    is looked for deeper: `name` finds `metadata.name`.
    """
    collection = world.collection(resource.name)
    text = str(key)
    entry = collection.get(text)
    # Collections are keyed by the identifier: no search is needed for it.
    is_key = not prop or prop == resource.identifier
    if entry is not None and (is_key or str(entry.value.get(prop, entry.key)) == text):
        return entry
    if not is_key:
        return first_with(collection, prop, key)
    if prop or not argument:
        return None
    word = split(argument)[-1:]
    return next((entry for entry in collection.values() if _holds(entry, word, text)), None)


def _holds(entry: Entry, word: tuple[str, ...], text: str) -> bool:
    """Whether an object inside an entity has a text under a property that ends in a word."""
    return any(
        split(name)[-1:] == word and str(item) == text
        for inner in nested_objects(entry.value, _KEY_DEPTH)
        for name, item in inner.items()
        if isinstance(item, str | int)
    )


def parent_keys(call: Call) -> dict[str, str]:
    """The keys of the parents that a call's path names: resource -> key.

    Refused (404) where one does not exist.
    """
    world, target = call.world, call.role.target
    keys: dict[str, str] = {}
    for name, argument in target.scope:
        if argument is None:
            # "me" is one entity of the parent's, the same one in every call.
            first = next(iter(world.collection(name).values()), None)
            if first is not None:
                keys[name] = first.key
            continue
        resource = world.resources.resources[name]
        key = call.arguments.get(argument)
        prop = target.keys.get(argument, ("", ""))[1]
        entry = _find(world, resource, prop, key, argument)
        if entry is not None:
            keys[name] = entry.key
        elif resource.virtual:
            keys[name] = str(key)
        else:
            raise Refused(404, f"No {name} with {argument} {key!r} exists.", argument)
    return keys


def target_entity(call: Call, parents: Mapping[str, str]) -> Entry:
    """The entity that a call works on.

    Refused (404) where it does not exist, or lies under other parents than the path names;
    DoesNotExistYet where the call then creates it.
    """
    resource, target = call.resource, call.role.target
    if resource.singleton:
        return _singleton(call, parents)
    if target.of_caller or target.argument is None:
        return _first_under(call, parents)
    key = call.arguments.get(target.argument)
    entry = _named_entity(call, parents, target.argument, key)
    if entry is not None and lies_under(entry, parents):
        return entry
    # No tool shows it, so that nobody can know that it does not exist.
    if entry is None and resource.virtual and key is not None:
        value = {resource.identifier or "id": key}
        return Entry(str(key), value, parents, (1, str(key)))
    if target.upsert:
        raise DoesNotExistYet
    message = f"No {resource.name} with {target.argument} {key!r} exists."
    raise Refused(404, message, target.argument)


def _named_entity(
    call: Call, parents: Mapping[str, str], argument: str, key: object
) -> Entry | None:
    """The entity whose key or name is `key`, best under the parents that the path names."""
    resource = call.resource
    prop = call.role.target.keys[argument][1]
    entry = _find(call.world, resource, prop, key, argument)
    if not prop or resource.natural or (entry is not None and lies_under(entry, parents)):
        return entry
    # A name may be in use under another parent, or twice under this one.
    namesakes = (
        other
        for other in call.world.collection(resource.name).values()
        if str(other.value.get(prop)) == str(key) and lies_under(other, parents)
    )
    return next(namesakes, entry)


def _first_under(call: Call, parents: Mapping[str, str]) -> Entry:
    """The caller's own entity: the first under the parents."""
    for entry in call.world.collection(call.resource.name).values():
        if lies_under(entry, parents):
            return entry
    raise Refused(404, f"No {call.resource.name} exists.")


def _singleton(call: Call, parents: Mapping[str, str]) -> Entry:
    """The only entity of a resource under a parent, or in all.

    Under a parent that was created after the start it is a function of the seed and the parent, and
    not written until it is changed.
    """
    resource, parent = call.resource, call.role.target.parent
    collection = call.world.collection(resource.name)
    # A singleton has its parent's key, and none at the top.
    key = parents.get(parent, "") if parent else ""
    entry = collection.get(key) or collection.get(next(iter(parents.values()), ""))
    if entry is not None:
        return entry
    base = call.world.base
    sampler = base.sampler(base.rng("singleton", resource.name, key))
    value = sampler.entity(base.shapes[resource.name], resource.name)
    return Entry(key, value, dict(parents), (1, key))


def lies_under(entry: Entry, parents: Mapping[str, str]) -> bool:
    """Whether an entity lies under the given parents: resource -> key.

    A seeded entity that names no parent of a resource lies under all of its entities.
    """
    is_seeded = entry.rank[0] == 0
    return all(
        entry.parents.get(name, key if is_seeded else None) == key for name, key in parents.items()
    )


def entity_referred_to(call: Call, entry: Entry | None, of: str) -> tuple[str, Entry | None]:
    """The entity that a rule's `of` means, and its resource.

    `of` is an argument of the call (`slot_id`, `order.slot_id`), or a property of the call's own
    entity (`/slot_id`).
    """
    key: object
    # Two notations keep arguments and properties of the same name apart.
    if of.startswith("/"):
        target = call.resource.references.get(of)
        key = find_at(entry.value, of) if entry is not None else None
    else:
        pointer = "".join(f"/{step}" for step in of.split("."))
        target = call.role.references.get(pointer)
        key = find_at(call.arguments, pointer)
    if target is None or key is None or isinstance(key, dict | list):
        return "", None
    name, prop = target
    collection = call.world.collection(name)
    return name, collection.get(str(key)) or first_with(collection, prop, key)
