"""Actions: operations that move an entity from one state to another, such as cancel or ship."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.json_pointer import set_at
from inftool.core.json_values import Canonical, copied
from inftool.language.identifiers import split, squash, stem
from inftool.world.lexicon import lifecycle
from inftool.world.operations.calls import Call
from inftool.world.operations.changes import commands
from inftool.world.operations.changes.defaults import complete
from inftool.world.operations.changes.patch_semantics import is_same, merged_property
from inftool.world.operations.changes.update import store
from inftool.world.operations.checks import check_references
from inftool.world.operations.log import record
from inftool.world.operations.state_refusals import check_action
from inftool.world.resources.models import Transition
from inftool.world.sampling.named_values.moments import format_date, format_timestamp
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import Entry
from inftool.world.state import WorldState

# A flag has at most one word in front of the deed: "paid" and "isPaid", but not "canBePaid".
_MAX_FLAG_WORDS = 2
_MOMENT_WORDS = frozenset({"at", "on", "date", "time"})


def act(call: Call, entry: Entry) -> Entry:
    """Do what an action's verb means to an entity; the entry as it is then.

    Refused (409) where the entity's state does not allow it. What no entity shows is recorded in
    the log.
    """
    world, resource, transition = call.world, call.resource, call.role.transition
    # Nothing of it is stored that could change.
    if resource.virtual:
        record(call)
        return entry
    check_references(call)
    check_action(call, entry)
    shape = world.base.shapes[resource.name]
    value: dict[str, object] = copied(entry.value)
    if transition.leads_to is not None and resource.status is not None:
        value[resource.status.property] = transition.leads_to
    deed, state = _stems(transition)
    _set_flags_and_times(world, shape, value, deed, state)
    body = call.entity_body()
    if isinstance(body, dict):
        _take_in(world, shape, value, body, {deed, state})
    # After the body was taken in: a command names a property that the body does not.
    for pointer, item in commands.effects(body, shape, value):
        set_at(value, pointer, item)
    if world.rules is not None:
        for pointer, item in world.rules.changes_by(call.tool.name, call.arguments):
            set_at(value, pointer, item)
    # Nothing shows that the call was made, so that the log has to.
    if is_same(value, entry.value):
        record(call)
        return entry
    return store(world, resource, entry, value)


def _stems(transition: Transition) -> tuple[str, str]:
    """The stems of what is done and of the state that it leads to.

    The verb stands in for a state that is not known: ship, in_transit -> ("ship", "in").
    """
    deed = stem(transition.verb)
    words = split(transition.leads_to or "")
    return deed, stem(words[0]) if words else deed


def _set_flags_and_times(
    world: WorldState, shape: Shape, value: dict[str, object], deed: str, state: str
) -> None:
    """Set the properties that say that, and when, something was done, in place.

    cancel -> `cancelled: true`, `cancelledAt: now`; unlock -> `locked: false`.
    """
    for name, sub in shape.properties.items():
        words = split(name)
        if not words:
            continue
        last = stem(words[-1])
        is_flag = sub.has("boolean")
        if is_flag and last in {deed, state} and len(words) <= _MAX_FLAG_WORDS:
            value[name] = True
        # "unarchive" undoes what "archived" says.
        elif is_flag and deed.startswith("un") and last == deed[2:]:
            value[name] = False
        elif stem(words[0]) in {deed, state} and words[-1] in _MOMENT_WORDS and sub.has("string"):
            is_date = sub.node.get("format") == "date"
            value[name] = format_date(world.now) if is_date else format_timestamp(world.now)


def _take_in(
    world: WorldState,
    shape: Shape,
    value: dict[str, object],
    body: dict[str, object],
    stems: set[str],
) -> None:
    """Put an action's body where the entity has a place for it, in place.

    That is the property of the same name. Else a `reason` of cancel goes to `cancellation.reason`
    or `cancellationReason`, a `depotCode` of hold to `holdDepotCode`.
    """
    deed_objects: dict[str, Shape] = {}
    for name, sub in shape.properties.items():
        view = sub.object() if lifecycle.action_stem(name) in stems else None
        if view is not None and view.properties:
            deed_objects[name] = view
    for name, item in body.items():
        if name in shape.properties:
            value[name] = merged_property(value.get(name), item, shape.properties[name])
            continue
        holder = _first_with_property(deed_objects, name)
        if holder is not None:
            current = value.get(holder)
            inner: dict[str, object] = dict(current) if isinstance(current, dict) else {}
            inner[name] = copied(item)
            value[holder] = inner
            continue
        prop = _property_of_deed(shape, name, stems)
        if prop is not None:
            value[prop] = copied(item)
    for holder, view in deed_objects.items():
        current = value.get(holder)
        if not isinstance(current, dict):
            continue
        # This action writes the object as a whole: what an earlier one left there goes, but for
        # what the schema requires.
        kept = {
            name: item for name, item in current.items() if name in body or name in view.required
        }
        rng = world.base.lazy_rng("act", holder, Canonical(body))
        value[holder] = complete(world, view, kept, rng, holder)


def _first_with_property(objects: Mapping[str, Shape], name: str) -> str | None:
    return next((holder for holder, view in objects.items() if name in view.properties), None)


def _property_of_deed(shape: Shape, name: str, stems: set[str]) -> str | None:
    """The property that an action's argument means: `reason` of cancel -> `cancellationReason`."""
    ending = squash(name)
    for prop in shape.properties:
        if squash(prop).endswith(ending) and lifecycle.action_stem(prop) in stems:
            return prop
    return None
