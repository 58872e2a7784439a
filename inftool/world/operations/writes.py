"""Handlers of the operations that write: create, replace, patch, delete, action."""

from __future__ import annotations

from inftool.core.tools import Result
from inftool.world.operations import log, state_refusals
from inftool.world.operations.calls import Call
from inftool.world.operations.changes import action, create, delete, list_elements, update
from inftool.world.operations.computed import sampled_result
from inftool.world.operations.entity_bodies import entity_in_status, entity_result, list_body
from inftool.world.operations.rule_effects import apply_rule_effects
from inftool.world.operations.targets import DoesNotExistYet, parent_keys, target_entity
from inftool.world.rendering.statuses import success_status
from inftool.world.resources.routes.responses import has_undescribed_answer


def handle_create(call: Call) -> Result:
    """Add an entity, or several."""
    parents = parent_keys(call)
    # State before rules: the documented behavior is checked before the world's own additions.
    state_refusals.check_create(call, parents)
    state_refusals.check_rules(call, None)
    entries = create.create(call, parents)
    apply_rule_effects(call, None)
    # An empty list of entities creates none, and still succeeds.
    if not entries:
        return sampled_result(call, usual=201)
    items = call.role.response.items
    if call.role.body.is_list and items is not None and call.tool.output_schema is not None:
        body = list_body(call, items, entries)
        return Result(status=success_status(call.tool, 201), body=body)
    return entity_result(call, entries[0], 201)


def handle_replace(call: Call) -> Result:
    """Put a whole new value in an entity's place."""
    return _handle_update(call, whole=True)


def handle_patch(call: Call) -> Result:
    """Change some of an entity's properties."""
    return _handle_update(call, whole=False)


def _handle_update(call: Call, *, whole: bool) -> Result:
    parents = parent_keys(call)
    try:
        entry = target_entity(call, parents)
    # Constraints look at an entity that exists: an upsert of a new one has none to look at.
    except DoesNotExistYet:
        key = call.arguments.get(str(call.role.target.argument))
        return entity_result(call, create.create(call, parents, key=key)[0], 201)
    state_refusals.check_rules(call, entry)
    changed = update.update(call, entry, whole=whole)
    apply_rule_effects(call, entry)
    return entity_result(call, changed)


def handle_delete(call: Call) -> Result:
    """Take an entity out, with what depends on it."""
    entry = target_entity(call, parent_keys(call))
    state_refusals.check_rules(call, entry)
    # 204 where documented: most deletes answer without a body.
    status = success_status(call.tool, 204)
    delete.delete(call, entry)
    apply_rule_effects(call, entry)
    if call.tool.output_schema is None:
        body = {"deleted": True} if has_undescribed_answer(call.tool) else None
        return Result(status=status, body=body)
    shown = call.world.views.check(call.tool, entity_in_status(call, entry), entry.key)
    return Result(status=status, body=shown)


def handle_action(call: Call) -> Result:
    """Do something to an entity: change its state, and set what the body says.

    Where no entity shows that it was done, it leaves a record in the log.
    """
    parents = parent_keys(call)
    target, response = call.role.target, call.role.response
    has_entity = target.argument is not None or target.of_caller
    if target.resource is None or not has_entity:
        log.record(call)
        return sampled_result(call)
    entry = target_entity(call, parents)
    state_refusals.check_rules(call, entry)
    # An element changes inside its entity, which is what is stored.
    if call.role.element is not None:
        changed = list_elements.change(call, call.role.element, entry)
    else:
        changed = action.act(call, entry)
    apply_rule_effects(call, entry)
    shows_entity = response.item is not None or response.items is not None
    # The body says something else than the entity (a receipt, a label): nothing tells what.
    if call.tool.output_schema is not None and not shows_entity:
        return sampled_result(call, changed)
    return entity_result(call, changed)
