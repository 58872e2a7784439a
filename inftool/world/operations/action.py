"""The handler of actions: operations that move an entity from one state to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.json_pointer import find_at, set_at
from inftool.core.json_values import Canonical, copied
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonObject
from inftool.language.identifiers import split, squash, stem
from inftool.world.lexicon import lifecycle
from inftool.world.operations import commands
from inftool.world.operations.checks import body_of, check_references, refuse
from inftool.world.operations.defaults import complete
from inftool.world.operations.log import record
from inftool.world.operations.update import merged, same, store
from inftool.world.resources.models import Role
from inftool.world.sampling.named_values.moments import format_date, format_timestamp
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def act(world: WorldState, tool: Tool, role: Role, arguments: Arguments, entry: Entry) -> Entry:
    """Do what an action's word means to an entity; Refused (409) where its state does not allow it."""
    resource = world.resources.resources[str(role.target.resource)]
    if resource.virtual:
        record(world, tool, arguments)
        return entry
    check_references(world, role, arguments, but=set(role.target.keys))
    shape = world.base.shapes[resource.name]
    new = copied(entry.value)
    status = resource.status
    if role.transition.leads_to is not None and status is not None:
        now = str(new.get(status.property, ""))
        allowed = (
            world.rules.allows(resource.name, now, str(role.transition.leads_to))
            if world.rules is not None
            else None
        )
        if allowed is None:
            allowed = lifecycle.may_change_state(
                role.transition.verb,
                now,
                str(role.transition.leads_to),
                tuple(map(str, status.values)),
            )
        if not allowed:
            raise refuse(
                409,
                f"The {resource.name} is {now} and cannot become {role.transition.leads_to}.",
                status.property,
            )
        new[status.property] = role.transition.leads_to
    elif status is not None and refuses(tool):
        now = str(new.get(status.property, ""))
        ruled = world.rules is not None and resource.name in world.rules.transitions
        if lifecycle.is_too_late_for(role.transition.verb, now) and not ruled:
            raise refuse(
                409,
                f"The {resource.name} is {now}: it is too late to {role.transition.verb} it.",
                status.property,
            )
    about = stem(role.transition.verb)
    reached = (
        stem(split(str(role.transition.leads_to))[0])
        if role.transition.leads_to is not None and split(str(role.transition.leads_to))
        else about
    )
    for name, sub in shape.properties.items():
        said = split(name)
        if not said:
            continue
        if sub.has("boolean") and stem(said[-1]) in {about, reached} and len(said) <= 2:
            new[name] = True
        elif sub.has("boolean") and about.startswith("un") and stem(said[-1]) == about[2:]:
            new[name] = False
        elif (
            stem(said[0]) in {about, reached}
            and said[-1] in {"at", "on", "date", "time"}
            and sub.has("string")
        ):
            new[name] = (
                format_date(world.now)
                if sub.node.get("format") == "date"
                else format_timestamp(world.now)
            )
    body = find_at(body_of(tool, role, arguments), role.body.pointer)
    if isinstance(body, dict):
        _take_in(world, shape, new, body, {about, reached})
    for pointer, extra in commands.effects(body, shape, new):
        set_at(new, pointer, extra)
    for pointer, extra in (
        world.rules.changes_by(tool.name, arguments) if world.rules is not None else ()
    ):
        set_at(new, pointer, extra)
    if same(new, entry.value):
        record(world, tool, arguments)
        return entry
    return store(world, resource, entry, new)


def refuses(tool: Tool) -> bool:
    """Whether a tool documents that a thing's state may forbid it."""
    return any(answer.status in {"409", "412", "422", "423"} for answer in tool.responses)


def _take_in(
    world: WorldState, shape: Shape, new: JsonObject, body: JsonObject, deeds: set[str]
) -> None:
    """Put an action's body where the entity has a place for it, in place.

    That is the same property, else `cancellation.reason` or `cancellationReason` for a `reason`, `holdDepotCode` for a `depotCode`.
    `deeds`: the stems of what is done and of the state that it leads to.
    """
    places = {
        name: view
        for name, sub in shape.properties.items()
        if lifecycle.action_stem(name) in deeds
        and (view := sub.object()) is not None
        and view.properties
    }
    for name, item in body.items():
        if name in shape.properties:
            new[name] = (
                merged(new.get(name), item, shape.properties[name])
                if isinstance(item, dict)
                else copied(item)
            )
            continue
        home = next((place for place, view in places.items() if name in view.properties), None)
        if home is not None:
            inner = dict(new[home]) if isinstance(new.get(home), dict) and home in new else {}
            inner[name] = copied(item)
            new[home] = inner
            continue
        tail = next(
            (
                prop
                for prop in shape.properties
                if squash(prop).endswith(squash(name)) and lifecycle.action_stem(prop) in deeds
            ),
            None,
        )
        if tail is not None:
            new[tail] = copied(item)
    for place, view in places.items():
        if isinstance(new.get(place), dict):
            # The object is written anew by this action: what an earlier one left there goes, but for what the schema wants.
            new[place] = complete(
                world,
                view,
                {
                    name: item
                    for name, item in new[place].items()
                    if name in body or name in view.required
                },
                world.base.lazy_rng("act", place, Canonical(body)),
                place,
            )
