"""Handlers of the operations that write: create, replace, patch, delete, action."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.json_values import Canonical
from inftool.core.tools import Result, Tool
from inftool.core.types import Arguments
from inftool.language.identifiers import bag, split
from inftool.world.lexicon import lifecycle
from inftool.world.operations import (
    action,
    creation,
    delete,
    elements,
    log,
    rule_enforcement,
    update,
)
from inftool.world.operations.checks import Refused
from inftool.world.operations.computed import sampled
from inftool.world.operations.entity_bodies import flags, relevant, show
from inftool.world.operations.targets import Absent, scope, target
from inftool.world.rendering.envelopes import plain
from inftool.world.rendering.statuses import success_status
from inftool.world.resources.models import Role
from inftool.world.resources.routes.responses import has_undescribed_answer

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def handle_create(world: WorldState, tool: Tool, role: Role, arguments: Arguments) -> Result:
    """Add an entity (or several)."""
    above = scope(world, role, arguments)
    _still_open(world, tool, role, above)
    rule_enforcement.permit(world, tool, role, arguments, None)
    made = creation.create(world, tool, role, arguments, above)
    rule_enforcement.follow_up(world, tool, role, arguments, None)
    if (
        role.body.is_list
        and made
        and role.response.items is not None
        and tool.output_schema is not None
    ):
        views = world.views
        shape = views.inside(tool, role.response.items, item=True)
        values = [
            views.fit(shape, entry.value, role.target.resource, entry.key)
            if shape is not None
            else entry.value
            for entry in made
        ]
        body = views.check(
            tool, views.wrap(tool, role.response.items, values, plain), Canonical(arguments)
        )
        return Result(status=success_status(tool, 201), body=body)
    if not made:
        return Result(
            status=success_status(tool, 201),
            body=sampled(world, tool, role, arguments),
            fallback=True,
        )
    return show(world, tool, role, made[0], 201)


_AFTERWARDS = bag(
    "refund comment note review message event attachment log dispute appeal complaint rating feedback audit tag return claim invoice"
)


def _still_open(world: WorldState, tool: Tool, role: Role, above: dict[str, str]) -> None:
    """Refused (409) where something is added to a parent that is over: no seat on a cancelled booking, but a comment on a closed issue."""
    if (
        role.target.parent is None
        or role.target.parent == role.target.resource
        or set(split(str(role.target.resource))) & _AFTERWARDS
    ):
        return
    resource, made = (
        world.resources.resources[role.target.parent],
        world.resources.resources[str(role.target.resource)],
    )
    entry = world.collection(role.target.parent).get(above.get(role.target.parent, ""))
    if (
        resource.status is None
        or entry is None
        or made.unique
        or not any(answer.status == "409" for answer in tool.responses)
    ):
        return
    state = entry.value.get(resource.status.property)
    if lifecycle.is_too_late_for("add", state):
        raise Refused(
            409,
            f"The {role.target.parent} is {state}: no {role.target.resource} can be added to it.",
            resource.status.property,
        )


def handle_replace(world: WorldState, tool: Tool, role: Role, arguments: Arguments) -> Result:
    """Put a whole new value in an entity's place."""
    return _changed(world, tool, role, arguments, whole=True)


def handle_patch(world: WorldState, tool: Tool, role: Role, arguments: Arguments) -> Result:
    """Change some of an entity's properties."""
    return _changed(world, tool, role, arguments, whole=False)


def _changed(
    world: WorldState, tool: Tool, role: Role, arguments: Arguments, *, whole: bool
) -> Result:
    above = scope(world, role, arguments)
    try:
        entry = target(world, role, arguments, above)
    except Absent:
        made = creation.create(
            world, tool, role, arguments, above, key=arguments.get(str(role.target.argument))
        )
        return show(world, tool, role, made[0], 201)
    rule_enforcement.permit(world, tool, role, arguments, entry)
    changed = update.update(world, tool, role, arguments, entry, whole=whole)
    rule_enforcement.follow_up(world, tool, role, arguments, entry)
    return show(world, tool, role, changed)


def handle_delete(world: WorldState, tool: Tool, role: Role, arguments: Arguments) -> Result:
    """Take an entity out, with what hangs on it."""
    entry = target(world, role, arguments, scope(world, role, arguments))
    rule_enforcement.permit(world, tool, role, arguments, entry)
    status = success_status(tool, 204)
    delete.delete(world, tool, str(role.target.resource), entry)
    rule_enforcement.follow_up(world, tool, role, arguments, entry)
    if tool.output_schema is None:
        return Result(
            status=status, body={"deleted": True} if has_undescribed_answer(tool) else None
        )
    shape = world.views.output(tool)
    body = flags(
        shape,
        world.views.fit(
            shape, relevant(shape, entry.value), role.target.resource, entry.key, tool.name
        ),
    )
    return Result(status=status, body=world.views.check(tool, body, entry.key))


def handle_action(world: WorldState, tool: Tool, role: Role, arguments: Arguments) -> Result:
    """Do something to an entity: move its state, set what the body says, and leave a record where nothing shows."""
    above = scope(world, role, arguments)
    if role.target.resource is None or (role.target.argument is None and not role.target.of_caller):
        log.record(world, tool, arguments)
        return Result(
            status=success_status(tool),
            body=sampled(world, tool, role, arguments),
            fallback=True,
        )
    entry = target(world, role, arguments, above)
    rule_enforcement.permit(world, tool, role, arguments, entry)
    if role.element is not None:
        changed = elements.change(world, tool, role, role.element, arguments, entry)
    else:
        changed = action.act(world, tool, role, arguments, entry)
    # Effects come in the order of the file: a freed slot before a taken one, where both are the same.
    rule_enforcement.follow_up(world, tool, role, arguments, entry)
    if (
        tool.output_schema is not None
        and role.response.item is None
        and role.response.items is None
    ):
        return Result(
            status=success_status(tool),
            body=sampled(world, tool, role, arguments, changed),
            fallback=True,
        )
    return show(world, tool, role, changed)
