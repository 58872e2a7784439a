"""What refuses a call in a state: nothing is shipped twice, and no seat added to a lost booking."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.language.identifiers import split
from inftool.world.lexicon import lifecycle
from inftool.world.operations.calls import Call
from inftool.world.operations.checks import Refused
from inftool.world.operations.targets import entity_referred_to
from inftool.world.operations.words import WORDS
from inftool.world.rules import meets
from inftool.world.seeding.entries import Entry

# The statuses by which an operation says that an entity's state may forbid it.
_STATE_STATUSES = ("409", "412", "422", "423")


def check_rules(call: Call, entry: Entry | None) -> None:
    """Refused where a rule of the world's own forbids the call as things are.

    `entry` is the entity that the call is about, None for a create.
    """
    if call.world.rules is None:
        return
    for rule in call.world.rules.constraints:
        if rule.tool != call.tool.name:
            continue
        # A rule about an entity that does not exist forbids nothing: the call fails for that
        # reason.
        subject = entry if rule.of is None else entity_referred_to(call, entry, rule.of)[1]
        if subject is None:
            continue
        is_forbidden = bool(rule.when) and meets(subject.value, rule.when)
        is_missing = bool(rule.unless) and not meets(subject.value, rule.unless)
        if is_forbidden or is_missing:
            raise Refused(rule.status, rule.message)


def check_action(call: Call, entry: Entry) -> None:
    """Refused (409) where the entity's state does not allow an action.

    The world's rules decide where they name the resource, else the words do: a cancelled order
    cannot be shipped, and a paid one not paid again.
    """
    resource, transition = call.resource, call.role.transition
    status, target = resource.status, transition.leads_to
    if status is None:
        return
    rules = call.world.rules
    state = str(entry.value.get(status.property, ""))
    if target is not None:
        # The rules have the last word, where they say anything of the resource.
        allowed = rules.allows(resource.name, state, target) if rules is not None else None
        if allowed is None:
            allowed = lifecycle.may_change_state(transition.verb, state, target, status.values)
        if not allowed:
            message = f"The {resource.name} is {state} and cannot become {target}."
            raise Refused(409, message, status.property)
        return
    has_rules = rules is not None and resource.name in rules.transitions
    # An operation that documents no such refusal never answers with one.
    if has_rules or not call.documents(*_STATE_STATUSES):
        return
    if lifecycle.is_too_late_for(transition.verb, state):
        message = f"The {resource.name} is {state}: it is too late to {transition.verb} it."
        raise Refused(409, message, status.property)


def check_update(call: Call, entry: Entry, body: object) -> None:
    """Refused (409) where an entity came to nothing (cancelled, rejected) and cannot be changed.

    Only where the operation documents a 409 that nothing else explains, such as a value that must
    be unique. A body that sets the state itself is let through: it may bring the entity back.
    """
    resource = call.resource
    status = resource.status
    if status is None or resource.unique or not call.documents("409"):
        return
    state = entry.value.get(status.property)
    sets_state = isinstance(body, Mapping | list | str) and status.property in body
    if lifecycle.is_negative(state) and not sets_state:
        message = f"The {resource.name} is {state} and can no longer be changed."
        raise Refused(409, message, status.property)


def check_create(call: Call, parent_keys: Mapping[str, str]) -> None:
    """Refused (409) where something is added to a parent that is over.

    No seat is added to a cancelled booking, but a comment to a closed issue.
    """
    parent_name = call.role.target.parent
    resource_name = str(call.role.target.resource)
    if parent_name is None or parent_name == resource_name:
        return
    # Refunds, reviews and the like are made when all is over.
    if not WORDS["added_afterwards"].isdisjoint(split(resource_name)):
        return
    status = call.world.resources.resources[parent_name].status
    parent = call.world.collection(parent_name).get(parent_keys.get(parent_name, ""))
    if status is None or parent is None or call.resource.unique or not call.documents("409"):
        return
    state = parent.value.get(status.property)
    if lifecycle.is_too_late_for("add", state):
        message = f"The {parent_name} is {state}: no {resource_name} can be added to it."
        raise Refused(409, message, status.property)
