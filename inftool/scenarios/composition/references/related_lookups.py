"""Lookups by relation: an entity found through its owner ("the most recent order of the customer
Ana Ruiz") or through one that refers to it ("the author of the book The Tin Drum").
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from inftool.core.blueprints import Step
from inftool.core.json_pointer import escape, find_at
from inftool.core.step_references import StepRef
from inftool.core.types import JsonPointer
from inftool.scenarios.composition.attempt import Choice, WishAttempt
from inftool.scenarios.composition.references.anaphora import exists, is_clear
from inftool.scenarios.composition.references.listings import (
    ListingAnswer,
    ListingCall,
    list_answer,
    list_tools,
    listing_calls,
    perform_listing,
    shows_all,
)
from inftool.scenarios.composition.references.lookups import Wanted
from inftool.scenarios.composition.references.relations import relation_noun
from inftool.scenarios.tool_schema.places import pattern
from inftool.scenarios.wording.distinguishing import distinguishing_attributes, name_expression
from inftool.scenarios.wording.referring import extreme, ordered_by, proposals, superlative
from inftool.world.resources.models import Resource, ResourceProperty

# How many lists of owned entities, and how many owners on each, are tried.
_LISTS_TRIED = 2
_OWNERS_TRIED = 4
# An owner with more entities than this is passed over: its list may not be whole.
_MAX_OWNED = 12

# How many resources that refer to the entity are looked at, how many of their lists are called,
# and how many entities of each are tried.
_HOLDERS = 4
_HOLDER_LISTS_TRIED = 3
_HOLDERS_TRIED = 3

# How often an entity is found through one that refers to it, though a list of its own would do:
# half the time while that covers an edge, and else often enough to stay varied.
_OWNED_SHARE_OPEN = 0.5
_OWNED_SHARE = 0.3


class _OwnedList(NamedTuple):
    """A list that can be filtered by the owner of what it shows."""

    tool: str
    argument: str
    owner: Resource
    owner_key: ResourceProperty


def look_up_through_owner(attempt: WishAttempt, wanted: Wanted) -> Choice | None:
    """An entity by its owner: one list finds the owner, the next one what the owner has.

    Two lookups, one behind the other. None if no expression means exactly one entity.
    """
    rng = attempt.scene.rng
    lists = list(_owned_lists(attempt, wanted))
    rng.shuffle(lists)
    for owned in lists[:_LISTS_TRIED]:
        calls = listing_calls(attempt, owned.owner)
        # A list of owners that needs an owner itself would make three lookups.
        first = next((call for call in calls if not call.arguments), None)
        if first is None:
            continue
        key_name, owners = owned.owner_key[1], first.answer.items
        indices = [index for index, item in enumerate(owners) if key_name in item]
        for index in rng.sample(indices, min(len(indices), _OWNERS_TRIED)):
            second = list_answer(attempt, owned.tool, {owned.argument: owners[index][key_name]})
            attributes = distinguishing_attributes(
                owners[index], owners, owned.owner.label, owned.owner.identifier
            )
            if second is None or not attributes or not _is_usable(second, wanted):
                continue
            words = name_expression(owned.owner.name, attributes, owned.owner.label, rng)
            choice = _look_up_owned(attempt, wanted, owned, (first, index, words), second)
            if choice is not None:
                return choice
    return None


def _owned_lists(attempt: WishAttempt, wanted: Wanted) -> Iterator[_OwnedList]:
    """Lists of the wanted resource with a filter for an owner, and no argument that is required."""
    for tool in list_tools(attempt, wanted.resource):
        role = attempt.scene.role(tool.name)
        if role.response.items is None or tool.input_schema.get("required"):
            continue
        for argument in role.listing.filters:
            owner_key = role.references.get(f"/{argument}")
            owner = attempt.scene.resource(owner_key[0]) if owner_key else None
            if (
                owner_key
                and owner
                and not owner.virtual
                and owner.name != wanted.resource.name
                and owner_key in wanted.resource.references.values()
            ):
                yield _OwnedList(tool.name, argument, owner, owner_key)


def _is_usable(answer: ListingAnswer, wanted: Wanted) -> bool:
    """Whether a list of what an owner has is short, and shows the key of each entity."""
    key_name = wanted.key_property[1]
    return len(answer.items) <= _MAX_OWNED and all(key_name in item for item in answer.items)


def _look_up_owned(
    attempt: WishAttempt,
    wanted: Wanted,
    owned: _OwnedList,
    owner: tuple[ListingCall, int, str],
    second: ListingAnswer,
) -> Choice | None:
    """One of the entities that an owner has: the only one, the most recent, the oldest.

    `owner` are the call that finds the owner, its index in the answer, and the words for it.
    """
    scene, (first, owner_index, owner_words) = attempt.scene, owner
    key_name, owner_key = wanted.key_property[1], owned.owner_key[1]
    entities = second.items
    # "the order of Ana Ruiz" is clear only if she has one.
    only = [(0, "")] if len(entities) == 1 else []
    for index, adjective in (*only, *_by_age(entities, wanted.resource)):
        words = f"the {adjective}{wanted.resource.name} of {owner_words}"
        undo = attempt.savepoint()
        step = perform_listing(attempt, first)
        owner_source = StepRef(
            step=step.id, pointer=f"{first.answer.items_at}/{owner_index}/{owner_key}"
        )
        lookup = Step(
            id=scene.next_id(),
            tool=owned.tool,
            arguments={owned.argument: None},
            bindings={f"/{escape(owned.argument)}": owner_source},
            after=(step.id,),
            goal=False,
        )
        key = first.answer.items[owner_index][owner_key]
        attempt.perform(lookup, {owned.argument: key})
        source = StepRef(step=lookup.id, pointer=f"{second.items_at}/{index}/{key_name}")
        choice = Choice(entities[index][key_name], words, "relation", source)
        if is_clear(attempt, choice, wanted.key_property):
            attempt.sources_used += 1
            attempt.bound[wanted.key_property] = choice.key
            return choice
        undo()
    return None


def _by_age(entities: Sequence[dict[str, Any]], resource: Resource) -> Iterator[tuple[int, str]]:
    """The most recent and the oldest of some entities: (index, "most recent ")."""
    for name, kind in ordered_by(entities, resource.identifier).items():
        for highest in (True, False):
            words = superlative("", name, kind, highest=highest).strip()
            if words not in ("the most recent", "the oldest") or len(entities) < 2:
                continue
            index = extreme(entities, name, highest=highest)
            if index is not None:
                yield index, f"{words.removeprefix('the ')} "


def should_look_up_through_holder(attempt: WishAttempt, wanted: Wanted) -> bool:
    """Whether an entity should be found through one that refers to it, not on a list of its own.

    Always if only that covers an edge that is still open, and for what is only read: what a list
    has shown has nothing more to say. Otherwise now and then.
    """
    covers_edge = any(
        _covers_edge(attempt, wanted.argument, holder.name)
        for holder, _ in _holders(attempt, wanted)
    )
    if covers_edge and not _covers_edge(attempt, wanted.argument, wanted.resource.name):
        return True
    if attempt.role.kind == "get":
        return True
    return attempt.scene.rng.random() < (_OWNED_SHARE_OPEN if covers_edge else _OWNED_SHARE)


def look_up_through_holder(attempt: WishAttempt, wanted: Wanted) -> Choice | None:
    """An entity by one that refers to it: a list finds that one, and shows the reference.

    None if no expression means exactly one entity.
    """
    rng = attempt.scene.rng
    holders = list(_holders(attempt, wanted))
    rng.shuffle(holders)
    # Shuffled first: the sort is stable, so chance decides among equals.
    holders.sort(key=lambda pair: not _covers_edge(attempt, wanted.argument, pair[0].name))
    calls = [
        (call, holder, place)
        for holder, place in holders[:_HOLDERS]
        if (call := next(listing_calls(attempt, holder), None)) is not None
    ]
    for call, holder, place in calls[:_HOLDER_LISTS_TRIED]:
        items = call.answer.items
        indices = [index for index, item in enumerate(items) if find_at(item, place) is not None]
        for index in rng.sample(indices, min(len(indices), _HOLDERS_TRIED)):
            key = find_at(items[index], place)
            if not exists(attempt, wanted.key_property, key):
                continue
            noun = relation_noun(holder, place, wanted.resource)
            for holder_words, _ in proposals(
                items[index], items, holder, rng, whole=shows_all(attempt, call)
            ):
                undo = attempt.savepoint()
                step = perform_listing(attempt, call)
                source = StepRef(step=step.id, pointer=f"{call.answer.items_at}/{index}{place}")
                choice = Choice(key, f"the {noun} of {holder_words}", "relation", source)
                if is_clear(attempt, choice, wanted.key_property):
                    attempt.sources_used += 1
                    attempt.bound[wanted.key_property] = key
                    return choice
                undo()
    return None


def _holders(attempt: WishAttempt, wanted: Wanted) -> Iterator[tuple[Resource, JsonPointer]]:
    """The resources whose entities refer to the wanted one, and where, as a person would say it."""
    for holder in attempt.scene.resources.values():
        if (
            holder.name == wanted.resource.name
            or holder.virtual
            or wanted.key_property[0] in holder.parents
        ):
            continue
        for place, target in holder.references.items():
            if target != wanted.key_property or "*" in place:
                continue
            if relation_noun(holder, place, wanted.resource):
                yield holder, place


def _covers_edge(attempt: WishAttempt, argument: JsonPointer, resource: str) -> bool:
    """Whether nothing from a list of a resource has gone to an argument yet."""
    scene = attempt.scene
    lists = scene.pool.maps[scene.api].tools(resource, "list", "search")
    return any(
        scene.is_open(f"edge:{name}>{attempt.tool.name}{pattern(argument)}") for name in lists
    )
