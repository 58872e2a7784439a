"""A world's own rules at work: what they forbid before a call, and what else a call does, to its entity and to those that it speaks of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.json_pointer import find_at, set_at
from inftool.core.json_values import copied
from inftool.core.tools import Tool
from inftool.core.types import Arguments
from inftool.world.operations.checks import refuse
from inftool.world.resources.models import Role
from inftool.world.rules import meets
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def permit(
    world: WorldState, tool: Tool, role: Role, arguments: Arguments, entry: Entry | None
) -> None:
    """Refused where the world's rules forbid a call for what its entity, or one that it speaks of, is now."""
    if world.rules is None:
        return
    for rule in world.rules.constraints:
        if rule.tool != tool.name:
            continue
        found = entry if rule.of is None else spoken_of(world, role, arguments, entry, rule.of)[1]
        if found is None:
            continue
        if (rule.when and meets(found.value, rule.when)) or (
            rule.unless and not meets(found.value, rule.unless)
        ):
            raise refuse(rule.status, rule.message)


def follow_up(
    world: WorldState, tool: Tool, role: Role, arguments: Arguments, entry: Entry | None
) -> None:
    """What a call that went through does to other entities; `entry` is its own one as it was before."""
    if world.rules is None:
        return
    for rule in world.rules.effects:
        if rule.tool != tool.name or rule.of is None or not meets(arguments, rule.when):
            continue
        name, other = spoken_of(world, role, arguments, entry, rule.of)
        if other is None:
            continue
        value = copied(other.value)
        for pointer, new in rule.changes(arguments):
            set_at(value, pointer, new)
        if value != other.value:
            world.put(name, Entry(other.key, value, other.parents, other.rank))


def spoken_of(
    world: WorldState, role: Role, arguments: Arguments, entry: Entry | None, of: str
) -> tuple[str, Entry | None]:
    """The entity that an argument (`slot_id`, `order.slot_id`) or a property of the call's own entity (`/slot_id`) refers to, with its resource."""
    if of.startswith("/"):
        target = world.resources.resources[str(role.target.resource)].references.get(of)
        wanted = find_at(entry.value, of) if entry is not None else None
    else:
        pointer = "".join(f"/{step}" for step in of.split("."))
        target, wanted = role.references.get(pointer), find_at(arguments, pointer)
    if target is None or wanted is None or isinstance(wanted, dict | list):
        return "", None
    name, prop = target
    collection = world.collection(name)
    found = collection.get(str(wanted))
    if found is None:
        found = next(
            (other for other in collection.values() if str(other.value.get(prop)) == str(wanted)),
            None,
        )
    return name, found
