"""Writes: create, update, delete and act, as pure functions of the state, the seed and the arguments."""

from __future__ import annotations

import random
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from inftool.core.json_pointer import find_at
from inftool.core.json_values import canonical, copied
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonObject
from inftool.world.operations.checks import Refused, body_of, check_references, check_unique, refuse
from inftool.world.operations.defaults import default
from inftool.world.operations.propagation import copies, overlay, parents_of, point, referred
from inftool.world.resources.models import Resource, Role
from inftool.world.sampling.coherence.totals import reconcile_totals
from inftool.world.seeding import identifiers
from inftool.world.seeding.derivation import (
    count_shared_properties,
    inherited_properties,
    make_distinct,
    nested_objects,
)
from inftool.world.seeding.entries import Collection, Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def create(
    world: WorldState,
    tool: Tool,
    role: Role,
    arguments: Arguments,
    above: dict[str, str],
    *,
    key: Any = None,
) -> list[Entry]:
    """Add what the call describes, under a key where one is given; Refused on an unknown reference or a value that must be unique and is taken."""
    resource = world.resources.resources[str(role.target.resource)]
    check_references(world, role, arguments, but=set())
    body = find_at(body_of(tool, role, arguments), role.body.pointer)
    bodies = body if isinstance(body, list) else [body]
    values = [item if isinstance(item, dict) else {} for item in bodies][:1000]
    # Several things are made together or not at all.
    start = world.snapshot() if len(values) > 1 else None
    try:
        return [_add(world, resource, value, above, key) for value in values]
    except Refused:
        if start is not None:
            world.restore(start)
        raise


def _add(
    world: WorldState, resource: Resource, value: JsonObject, above: dict[str, str], key: Any
) -> Entry:
    if key is not None and resource.identifier is not None:
        value = {
            **value,
            resource.identifier: identifiers.typed_key(
                world.base.shapes[resource.name], resource.identifier, str(key)
            ),
        }
    check_unique(world, resource, value)
    made = new_entity(world, resource, value, above)
    world.put(resource.name, made)
    return made


def new_entity(
    world: WorldState, resource: Resource, given: JsonObject, above: dict[str, str]
) -> Entry:
    """A new entity out of what was sent, with all that the server adds to it."""
    base, shape = world.base, world.base.shapes[resource.name]
    collection = world.collection(resource.name)
    content = canonical([given, above])
    seed = blake2b(
        f"{base.seed}\x1f{resource.name}\x1f{content}".encode("utf-8", "surrogatepass"),
        digest_size=16,
    ).hexdigest()
    rng = cache(lambda: random.Random(seed))
    value = copied(given)
    identifier = resource.identifier
    if (
        identifier is not None
        and value.get(identifier) in (None, "")
        and (lent := _lent(world, resource, above, collection)) is not None
    ):
        value[identifier] = identifiers.typed_key(shape, identifier, lent)
    if (
        identifier is not None
        and isinstance(value.get(identifier), str | int)
        and not isinstance(value[identifier], bool)
        and value[identifier] != ""
    ):
        key = str(value[identifier])
        elsewhere = key in collection and any(
            collection[key].parents.get(name, above_key) != above_key
            for name, above_key in above.items()
        )
        if elsewhere and not resource.natural:
            # The same name under another parent is another thing.
            key, _ = identifiers.new_key(base, resource, content, collection)
        elif key in collection:
            raise refuse(
                409, f"A {resource.name} with {identifier} {key!r} exists already.", identifier
            )
    else:
        key, made = identifiers.new_key(base, resource, content, collection)
        if identifier is not None:
            value[identifier] = (
                made if made is not None else identifiers.typed_key(shape, identifier, key)
            )
    for name in resource.key_names:
        value[name] = value[str(identifier)]
    for name, other in sorted(
        referred(world, resource, value).values(),
        key=lambda pair: -count_shared_properties(shape, pair[1].value),
    ):
        if name != resource.name:
            value.update(inherited_properties(resource, shape, other.value, skip=value))
    value = default(world, resource, shape, value, rng)
    for prop in base.lookups.get(resource.name, ()):
        if prop not in given:
            make_distinct(
                value, prop, shape, {str(entry.value.get(prop)) for entry in collection.values()}
            )
    point(world, resource, value, given, rng)
    parents_of(resource, value, above, fill=True, world=world)
    for pattern, (name, _) in resource.references.items():
        copies(world, resource, value, pattern, name)
    for _, inner in nested_objects(value):
        reconcile_totals(inner)
    reconcile_totals(value)
    overlay(value, {name: item for name, item in given.items() if name != identifier})
    parents = parents_of(resource, value, above, fill=True, world=world)
    return Entry(key, value, parents, (1, key))


def _lent(
    world: WorldState, resource: Resource, above: dict[str, str], taken: Collection
) -> str | None:
    """The key of a thing that is known by another's: its parent's, else the first that is free."""
    lender = resource.references.get(f"/{resource.identifier}")
    if lender is None:
        return None
    return above.get(lender[0]) or next(
        (key for key in world.collection(lender[0]) if key not in taken), None
    )


def new_singleton(world: WorldState, resource: Resource, key: str, above: dict[str, str]) -> Entry:
    """The single thing under a parent that was created after the start: a function of the seed and its place, not written until changed."""
    base, shape = world.base, world.base.shapes[resource.name]
    maker = base.sampler(base.rng("singleton", resource.name, key))
    return Entry(key, maker.entity(shape, resource.name), dict(above), (1, key))
