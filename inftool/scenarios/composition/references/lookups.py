"""Lookups by name: a list finds what the user names in words, one or two calls before the goal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from inftool.core.blueprints import Detail, Reference, ReferenceKind
from inftool.core.step_references import StepRef
from inftool.core.tools import Tool
from inftool.core.types import JsonPointer
from inftool.scenarios.composition.attempt import Choice, WishAttempt
from inftool.scenarios.composition.references.anaphora import is_clear
from inftool.scenarios.composition.references.listings import (
    ListingAnswer,
    ListingCall,
    list_answer,
    list_tools,
    listing_calls,
    perform_listing,
    shows_all,
)
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.resolution.resolver import point
from inftool.scenarios.tool_schema.places import pattern
from inftool.scenarios.tool_schema.session_values import technical
from inftool.scenarios.wording.referring import proposals
from inftool.scenarios.wording.sayable import sayable
from inftool.world.resources.models import Resource, ResourceProperty

# How many entities of a list are tried for one that an expression picks out, and under how many
# entities one is looked for. Each costs some calls; a world of the usual size holds 8 of a kind.
_ENTITIES_TRIED = 3
_OWNERS_TRIED = 6


class Wanted(NamedTuple):
    """What an argument of the call needs."""

    argument: JsonPointer
    """The argument."""

    resource: Resource
    """The resource whose entity it names."""

    key_property: ResourceProperty
    """The property whose value it becomes."""

    value: object = None
    """The value, None if any entity's will do."""


class _Owner(NamedTuple):
    """A list that shows entities under another one, and the argument that names that one."""

    tool: Tool
    argument: str
    resource: Resource
    key_property: ResourceProperty


def look_up(attempt: WishAttempt, wanted: Wanted) -> Choice | None:
    """An entity that a list shows, in words that pick it out; None if no list shows it.

    Unplayable if the list was called and no expression picks out one entity.
    """
    rng, key_name = attempt.scene.rng, wanted.key_property[1]

    def is_covered(call: ListingCall) -> bool:
        edge = f"{call.step.tool}>{attempt.tool.name}{pattern(wanted.argument)}"
        return not attempt.scene.is_open(f"edge:{edge}")

    # Lists that nothing has gone from to this argument come first.
    for call in sorted(listing_calls(attempt, wanted.resource), key=is_covered):
        items = call.answer.items
        indices = [
            index
            for index, item in enumerate(items)
            if key_name in item and wanted.value in (None, item[key_name])
        ]
        if not indices:
            continue
        step = None
        for index in rng.sample(indices, min(len(indices), _ENTITIES_TRIED)):
            for words, kind in proposals(
                items[index], items, wanted.resource, rng, whole=shows_all(attempt, call)
            ):
                # The resolver judges an expression by what was shown, so the list has to be called
                # before it is known whether the expression is clear.
                step = step or perform_listing(attempt, call)
                source = StepRef(step=step.id, pointer=f"{call.answer.items_at}/{index}/{key_name}")
                choice = Choice(items[index][key_name], words, kind, source)
                if is_clear(attempt, choice, wanted.key_property):
                    attempt.sources_used += 1
                    attempt.bound[wanted.key_property] = choice.key
                    return choice
        if step is not None:
            # A lookup that served nothing must not stay in the plan.
            raise Unplayable(UnplayableReason.INDISTINGUISHABLE, resource=wanted.resource.name)
    return None


def look_up_under_owner(attempt: WishAttempt, wanted: Wanted) -> Choice | None:
    """An entity that is listed only under another one, which the user names beside it.

    "Turn off the heater. It belongs to the home Lake cabin." -> a list of homes, then one of the
    home's devices. None if there is no such pair of lists.
    """
    for owner in _owners(attempt, wanted):
        calls = listing_calls(attempt, owner.resource)
        first = next((call for call in calls if call.only_session_arguments(attempt)), None)
        if first is None:
            continue
        items, key_name = first.answer.items, owner.key_property[1]
        for item in attempt.scene.rng.sample(items, min(len(items), _OWNERS_TRIED)):
            key = item.get(key_name)
            if not sayable(key) or not _is_listed_under(attempt, owner, key, wanted):
                continue
            choice = _look_up_under(attempt, wanted, owner, first, item)
            if choice is not None:
                return choice
    return None


def _owners(attempt: WishAttempt, wanted: Wanted) -> Iterator[_Owner]:
    """Lists of the wanted resource that need one argument, the key of another resource's entity."""
    for tool in list_tools(attempt, wanted.resource):
        required = [
            argument
            for argument in tool.input_schema.get("required", ())
            if argument not in technical(tool)
        ]
        # With two owners the user would have to name both, and a third list would be needed.
        if len(required) != 1:
            continue
        role = attempt.scene.role(tool.name)
        # A part of the path, or a filter that the list cannot do without.
        key_property = role.target.keys.get(required[0]) or role.references.get(f"/{required[0]}")
        resource = attempt.scene.resource(key_property[0]) if key_property else None
        if key_property is None or resource is None or key_property in attempt.bound:
            continue
        if not resource.virtual and resource.name != wanted.resource.name:
            yield _Owner(tool, required[0], resource, key_property)


def _is_listed_under(attempt: WishAttempt, owner: _Owner, key: object, wanted: Wanted) -> bool:
    """Whether what is wanted is listed under the owner with a key."""
    key_name = wanted.key_property[1]
    answer: ListingAnswer | None = list_answer(attempt, owner.tool.name, {owner.argument: key})
    return answer is not None and any(
        key_name in item and wanted.value in (None, item[key_name]) for item in answer.items
    )


def _look_up_under(
    attempt: WishAttempt,
    wanted: Wanted,
    owner: _Owner,
    owners: ListingCall,
    item: dict[str, object],
) -> Choice | None:
    """What is wanted, under one owner (`item`) of a list of owners.

    None if no expression picks out the owner. Unplayable if it does and nothing is found under it.
    """
    resource, key_name = owner.key_property
    key = item.get(key_name)
    rng, items = attempt.scene.rng, owners.answer.items
    whole = shows_all(attempt, owners)
    for words, kind in proposals(item, items, owner.resource, rng, whole=whole):
        # Unlike above, the list of owners is no use without a list of what they have.
        undo = attempt.savepoint()
        perform_listing(attempt, owners)
        understood = point(words, key_name, resource, attempt.memory, attempt.scene.resources)
        if understood == [key]:
            attempt.bound[owner.key_property] = key
            choice = look_up(attempt, wanted)
            step = choice.source.step if choice is not None and choice.source is not None else ""
            # What an earlier request has listed is no lookup of this one.
            lookup_tools = {lookup.id: lookup.tool for lookup in attempt.steps}
            if choice is None or lookup_tools.get(step) != owner.tool.name:
                raise Unplayable(
                    UnplayableReason.NOT_FOUND_UNDER_OWNER,
                    resource=wanted.resource.name,
                    owner=owner.resource.name,
                )
            _name_owner(attempt, wanted, owner, step, words, kind)
            return choice
        undo()
    return None


def _name_owner(
    attempt: WishAttempt,
    wanted: Wanted,
    owner: _Owner,
    step: str,
    words: str,
    kind: ReferenceKind,
) -> None:
    """Let the user name the owner under which a lookup (the step) finds what is wanted."""
    attempt.lookup_references.append(
        Reference(step=step, pointer=f"/{owner.argument}", words=words, kind=kind)
    )
    phrase = f"the {wanted.resource.name} belongs to {words}"
    attempt.details.append(Detail(words=owner.resource.name, said=words, phrase=phrase))
