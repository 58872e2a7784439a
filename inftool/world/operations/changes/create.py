"""Creates: a new entity is a function of the state, the seed and what was sent."""

from __future__ import annotations

import random
from collections.abc import Mapping
from functools import cache
from hashlib import blake2b

from inftool.core.json_values import canonical, copied
from inftool.world.operations.calls import Call
from inftool.world.operations.changes.defaults import set_defaults
from inftool.world.operations.changes.propagation import (
    keep_sent,
    parents_of,
    point_at_existing,
    reconcile,
    referred_entities,
    refresh_copies,
    set_parents,
)
from inftool.world.operations.checks import Refused, check_references, check_unique
from inftool.world.resources.models import Resource
from inftool.world.seeding import identifiers
from inftool.world.seeding.derived_values import (
    count_shared_properties,
    inherited_properties,
    make_distinct,
)
from inftool.world.seeding.entries import Collection, Entry
from inftool.world.state import WorldState

# The most entities that one call creates: bulk endpoints of real services take fewer.
_MAX_CREATED = 1000


def create(call: Call, parents: Mapping[str, str], *, key: object = None) -> list[Entry]:
    """Add what the call describes, under a key where one is given; the entries.

    `parents` are the keys that the path names. Refused on an unknown reference, or on a value that
    must be unique and is taken.
    """
    world, resource = call.world, call.resource
    check_references(call)
    body = call.entity_body()
    bodies = body if isinstance(body, list) else [body]
    values = [item if isinstance(item, dict) else {} for item in bodies][:_MAX_CREATED]
    # Several entities are created together or not at all.
    start = world.snapshot() if len(values) > 1 else None
    try:
        return [_add(world, resource, value, parents, key) for value in values]
    except Refused:
        if start is not None:
            world.restore(start)
        raise


def _add(
    world: WorldState,
    resource: Resource,
    value: dict[str, object],
    parents: Mapping[str, str],
    key: object,
) -> Entry:
    identifier = resource.identifier
    if key is not None and identifier is not None:
        shape = world.base.shapes[resource.name]
        value = {**value, identifier: identifiers.typed_key(shape, identifier, str(key))}
    check_unique(world, resource, value)
    entry = new_entity(world, resource, value, parents)
    world.put(resource.name, entry)
    return entry


def new_entity(
    world: WorldState, resource: Resource, given: dict[str, object], path_parents: Mapping[str, str]
) -> Entry:
    """A new entity out of what was sent, with all that the server adds to it; not stored yet."""
    base, shape = world.base, world.base.shapes[resource.name]
    collection = world.collection(resource.name)
    # The seed follows from the content: the order of independent creates changes nothing.
    content = canonical([given, path_parents])
    text = f"{base.seed}\x1f{resource.name}\x1f{content}"
    seed = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    # Made when first asked for: many creates leave nothing to chance.
    rng = cache(lambda: random.Random(seed))
    value: dict[str, object] = copied(given)
    key = _assign_key(world, resource, value, path_parents, content)
    for name in resource.key_names:
        value[name] = value[str(resource.identifier)]
    _inherit(world, resource, value)
    set_defaults(world, resource, shape, value, rng)
    for prop in base.lookup_properties.get(resource.name, ()):
        # What was sent stays, even if another entity has it too.
        if prop not in given:
            taken = {str(entry.value.get(prop)) for entry in collection.values()}
            make_distinct(value, prop, shape, taken)
    point_at_existing(world, resource, value, given, rng)
    set_parents(world, resource, value, path_parents)
    for pattern, (name, _) in resource.references.items():
        refresh_copies(world, resource, value, pattern, name)
    reconcile(value)
    keep_sent(value, {name: item for name, item in given.items() if name != resource.identifier})
    # Once more: a parent that was sent is not the parent that the path names.
    set_parents(world, resource, value, path_parents)
    return Entry(key, value, parents_of(world, resource, value, path_parents), (1, key))


def _inherit(world: WorldState, resource: Resource, value: dict[str, object]) -> None:
    """Take over what an entity has from those that it refers to, in place.

    The one that has most properties in common comes first: an appointment takes its time from its
    slot, not from its patient.
    """
    shape = world.base.shapes[resource.name]
    targets = sorted(
        referred_entities(world, resource, value).values(),
        key=lambda target: -count_shared_properties(shape, target[1].value),
    )
    for name, entry in targets:
        if name != resource.name:
            value.update(inherited_properties(resource, shape, entry.value, skip=value))


def _assign_key(
    world: WorldState,
    resource: Resource,
    value: dict[str, object],
    path_parents: Mapping[str, str],
    content: str,
) -> str:
    """The key of a new entity, set in its value: the one sent, a shared one, else a generated one.

    Refused (409) where the one sent is taken.
    """
    base, shape = world.base, world.base.shapes[resource.name]
    collection = world.collection(resource.name)
    identifier = resource.identifier
    if identifier is None:
        return identifiers.new_key(base, resource, content, collection)[0]
    if value.get(identifier) in (None, ""):
        shared = _shared_key(world, resource, path_parents, collection)
        if shared is not None:
            value[identifier] = identifiers.typed_key(shape, identifier, shared)
    sent = value.get(identifier)
    if isinstance(sent, bool) or not isinstance(sent, str | int) or sent == "":
        key, typed = identifiers.new_key(base, resource, content, collection)
        if typed is None:
            typed = identifiers.typed_key(shape, identifier, key)
        value[identifier] = typed
        return key
    key = str(sent)
    # Callers may choose keys that are free: usernames, slugs, currency codes.
    if key not in collection:
        return key
    taken_parents = collection[key].parents
    is_elsewhere = any(
        taken_parents.get(name, parent) != parent for name, parent in path_parents.items()
    )
    if is_elsewhere and not resource.natural:
        # The same name under another parent is another entity.
        return identifiers.new_key(base, resource, content, collection)[0]
    message = f"A {resource.name} with {identifier} {key!r} exists already."
    raise Refused(409, message, identifier)


def _shared_key(
    world: WorldState, resource: Resource, path_parents: Mapping[str, str], taken: Collection
) -> str | None:
    """The key of an entity that is known by another's (an inventory by its book's).

    It is that of its parent, else the first that is free; None where keys are not shared.
    """
    target = resource.references.get(f"/{resource.identifier}")
    if target is None:
        return None
    name = target[0]
    free = (key for key in world.collection(name) if key not in taken)
    return path_parents.get(name) or next(free, None)
