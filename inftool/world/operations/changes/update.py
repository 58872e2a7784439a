"""Updates: an entity's new value, and all that follows from it."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.json_pointer import find_all, find_at, split_pointer
from inftool.core.json_values import Canonical, copied
from inftool.language.identifiers import split
from inftool.world.operations.calls import Call
from inftool.world.operations.changes.defaults import complete
from inftool.world.operations.changes.patch_semantics import (
    apply_json_patch,
    is_same,
    json_patch_steps,
    merge_patch,
)
from inftool.world.operations.changes.propagation import (
    keep_sent,
    parents_of,
    point_at_existing,
    reconcile,
    referred_entities,
    refresh_copies,
)
from inftool.world.operations.checks import check_references, check_unique
from inftool.world.operations.state_refusals import check_update
from inftool.world.operations.words import WORDS
from inftool.world.resources.models import Resource
from inftool.world.sampling.named_values.moments import format_date, format_timestamp
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid, validator
from inftool.world.seeding.derived_values import inherited_properties
from inftool.world.seeding.entries import Entry, RandomSource
from inftool.world.state import WorldState


def update(call: Call, entry: Entry, *, whole: bool) -> Entry:
    """Change an entity as the call says; the entry as it is then.

    `whole`: the body is a new value in full (PUT), not a patch. A change of nothing writes nothing.
    """
    resource = call.resource
    check_references(call)
    body = call.entity_body()
    check_update(call, entry, body)
    # JSON Patch first: its body has no properties of the entity, and PUT never carries one.
    steps = json_patch_steps(call.body())
    if steps is not None:
        value = apply_json_patch(entry.value, steps)
    elif not isinstance(body, dict):
        value = dict(entry.value)
    elif whole:
        value = _replaced(call, entry, body)
    else:
        value = merge_patch(entry.value, body, call.world.base.shapes[resource.name])
    # A key stays: the path names the entity, whatever the body says.
    if resource.identifier is not None and resource.identifier in entry.value:
        value[resource.identifier] = entry.value[resource.identifier]
    return store(call.world, resource, entry, value, unique=True, sent=body)


def _replaced(call: Call, entry: Entry, body: Mapping[str, object]) -> dict[str, object]:
    """An entity's value after a PUT: what nobody can write stays (`createdAt`)."""
    resource, base = call.resource, call.world.base
    kept = {
        name: item
        for name, item in entry.value.items()
        if name not in resource.writable or name == resource.identifier
    }
    rng = base.lazy_rng("replace", resource.name, entry.key)
    value: dict[str, object] = {**kept, **copied(body)}
    complete(call.world, base.shapes[resource.name], value, rng, resource.name)
    return value


def store(
    world: WorldState,
    resource: Resource,
    entry: Entry,
    value: dict[str, object],
    *,
    unique: bool = False,
    sent: object = None,
) -> Entry:
    """Put an entity's new value in its place, with what follows from it; the entry as it is then.

    `unique`: refuse values that others have and that must be unique. `sent`: the body of the call;
    what stands in it is stored as it is, whatever else would follow.
    """
    old = entry.value
    # A singleton that was never stored is stored by its first update, even one of nothing.
    if is_same(value, old) and entry.key in world.collection(resource.name):
        return entry
    if unique:
        check_unique(world, resource, value, entry.key)
    shape = world.base.shapes[resource.name]
    rng = world.base.lazy_rng("update", resource.name, entry.key, Canonical(value))
    new: dict[str, object] = copied(value)
    _inherit_from_new_references(world, resource, old, new)
    # A null or a removed part may have been required: it is filled in again.
    if validator(resource.entity) is None or not is_valid(resource.entity, new):
        complete(world, shape, new, rng, resource.name)
    _follow_references(world, resource, old, new, rng)
    # Totals are sums over lists; nothing else moves them.
    if any(isinstance(item, list) and item != old.get(name) for name, item in new.items()):
        reconcile(new)
    if isinstance(sent, dict):
        keep_sent(new, {name: item for name, item in sent.items() if name != resource.identifier})
    _touch(world, shape, old, new)
    parents = {**entry.parents, **parents_of(world, resource, new, {})}
    changed = Entry(entry.key, new, parents, entry.rank)
    world.put(resource.name, changed)
    return changed


def _inherit_from_new_references(
    world: WorldState, resource: Resource, old: dict[str, object], new: dict[str, object]
) -> None:
    """Take over what an entity has from those that it refers to, where that changed, in place.

    An appointment that moves to another slot takes over its time, unless a time was sent too.
    """
    shape = world.base.shapes[resource.name]
    before = referred_entities(world, resource, old)
    for prop, (_, target) in referred_entities(world, resource, new).items():
        # A reference that was empty before has nothing that could have been copied from it.
        if prop not in before:
            continue
        old_resource, old_target = before[prop]
        if old_target.key == target.key or old_resource == resource.name:
            continue
        changed = {name for name in new if new[name] != old.get(name)}
        inherited = inherited_properties(resource, shape, target.value, skip=changed)
        for name, item in inherited.items():
            if new.get(name) == old_target.value.get(name):
                new[name] = item


def _follow_references(
    world: WorldState,
    resource: Resource,
    old: dict[str, object],
    new: dict[str, object],
    rng: RandomSource,
) -> None:
    """Make references point at what exists, and copies agree with what is referred to, in place."""
    point_at_existing(world, resource, new, old, rng)
    for pattern, (name, _) in resource.references.items():
        first = split_pointer(pattern)[0]
        if new.get(first) == old.get(first):
            continue
        if any(item != find_at(old, pointer) for pointer, item in find_all(new, pattern)):
            refresh_copies(world, resource, new, pattern, name)


def _touch(world: WorldState, shape: Shape, old: dict[str, object], new: dict[str, object]) -> None:
    """Set the time of the last change (`updatedAt`, `modified`) to now, in place.

    Not where the call set it, nor where the entity has none and needs none.
    """
    for name, sub in shape.properties.items():
        words = set(split(name))
        if not words & WORDS["change_moments"] or not words & WORDS["moments"]:
            continue
        is_kept = name in old or name in shape.required
        if not is_kept or new.get(name) != old.get(name):
            continue
        # "updatedBy" speaks of a person, even if it holds a word for a moment.
        is_moment = "by" not in words
        if sub.node.get("format") == "date":
            new[name] = format_date(world.now)
        elif is_moment and sub.has("string") and not sub.node.get("enum"):
            new[name] = format_timestamp(world.now)
        elif is_moment and sub.has("integer"):
            new[name] = int(world.now.timestamp())
