"""Pointing at what the conversation has shown: by name, by place on a list, as what was last dealt with, or by what it belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from inftool.core.blueprints import ReferenceKind
from inftool.core.json_pointer import find_all
from inftool.core.step_references import StepRef
from inftool.language.values import split_name
from inftool.scenarios.composition.scene import MAX_TOLD, Choice, WishAttempt
from inftool.scenarios.resolution.resolver import ShownEntity, point
from inftool.scenarios.tool_schema.places import pattern
from inftool.scenarios.wording.distinguishing import distinguishing_attributes, name_expression
from inftool.world.resources.models import Resource

Goal = tuple[str, str]
_PLACES = ("first", "second", "third", "fourth")
REFERRING = re.compile(
    r"\s*\b(?:IDs?|codes?|numbers?|keys?|UUIDs?|refs?|references?|slugs?|SIDs?|names?)$",
    re.IGNORECASE,
)


def earlier(
    draft: WishAttempt,
    pointer: str,
    resource: Resource,
    goal: Goal,
    producer: str = "",
    fits: Callable[[Any], bool] = lambda value: True,
) -> Choice | None:
    """A thing that the conversation has shown, or one that such a thing points at, in words that pick it out; of `producer`'s answers where one is named."""
    rng, scene = draft.scene.rng, draft.scene
    # What a turn before has shown whole is not looked up again.
    again = (
        draft.role.kind == "get"
        and pointer == f"/{draft.role.target.argument}"
        and not draft.read_again
    )
    own = [
        thing
        for thing in draft.memory.of(goal[0])
        if goal[1] in thing.entity and _told(thing) and not (again and thing.listing is None)
    ]
    ways: list[tuple[ShownEntity, str, Any, str, ReferenceKind]] = []
    whole = [thing for thing in draft.memory.of(goal[0]) if thing.listing is None]
    for thing in own:
        where, value = f"{thing.pointer}/{goal[1]}", thing.entity[goal[1]]
        if whole and thing is whole[-1]:
            ways.append(
                (
                    thing,
                    where,
                    value,
                    rng.choice((f"that {resource.name}", f"that same {resource.name}")),
                    "again",
                )
            )
        elif thing.listing is not None:
            others = [other.entity for other in own]
            if marks := distinguishing_attributes(
                thing.entity, others, resource.label, resource.identifier
            ):
                ways.append(
                    (
                        thing,
                        where,
                        value,
                        name_expression(resource.name, marks, resource.label, rng),
                        "name" if marks[0][0] == resource.label else "mark",
                    )
                )
            ways.append(
                (
                    thing,
                    where,
                    value,
                    f"the {_PLACES[_index(thing)]} {resource.name} on that list",
                    "place",
                )
            )
    for other in (thing for thing in draft.memory.things if _told(thing)):
        kind = scene.resource(other.resource)
        for place, target in (kind.references if kind else {}).items():
            if kind is not None and target == goal and (noun := belonging(kind, place, resource)):
                holder = _holder(draft, other, kind)
                spots = find_all(other.entity, place)
                for index, (spot, value) in enumerate(spots[: len(_PLACES)]):
                    # Of several, one goes by its place.
                    which = f"{_PLACES[index]} {noun}" if len(spots) > 1 else noun
                    ways.append(
                        (
                            other,
                            f"{other.pointer}{spot}",
                            value,
                            f"the {which} of {holder}",
                            "relation",
                        )
                    )
    if producer:
        ways = [way for way in ways if draft.tool_of(way[0].step) == producer]
    if not ways:
        return None
    rng.shuffle(ways)
    ways.sort(
        key=lambda way: (
            not scene.is_open(
                f"edge:{draft.tool_of(way[0].step)}>{draft.tool.name}{pattern(pointer)}"
            ),
            way[4] != "again" or rng.random() < 0.4,
        )
    )
    for thing, where, value, words, kind_ in [way for way in ways if fits(way[2])][:6]:
        if (
            thing.step in draft.results
            and exists(draft, goal, value)
            and point(words, goal[1], goal[0], draft.memory, scene.resources) == [value]
        ):
            return Choice(value, words, kind_, StepRef(step=thing.step, pointer=where))
    return None


def belonging(kind: Resource, place: str, resource: Resource) -> str:
    """What a thing is to another one that points at it: the "author" of a book, the "recipient address" of a shipment.

    Empty where nobody would say it: what a reply of a comment points at goes by the same name as what the comment does.
    """
    leaves = {
        where: _leaf(where)
        for where, target in kind.references.items()
        if target == kind.references[place]
    }
    if any(
        leaf == leaves[place] and where.count("/") < place.count("/")
        for where, leaf in leaves.items()
    ):
        return ""
    words = split_name(leaves[place])
    name = REFERRING.sub("", words).lower()
    if (
        name != words.lower()
        and not words.endswith(("ID", "IDs"))
        and not set(name.split()) & set(resource.name.split())
    ):
        # "tracking number" names the key; what is meant is the shipment.
        return resource.name
    return name or resource.name


def _leaf(place: str) -> str:
    return next(part for part in reversed(place.split("/")) if part != "*")


def _holder(draft: WishAttempt, thing: ShownEntity, kind: Resource) -> str:
    """Words for a thing that was shown, to name another one by it."""
    rng, known = draft.scene.rng, draft.memory.of(thing.resource)
    if thing.listing is None and [other for other in known if other.listing is None][-1] is thing:
        return f"that {kind.name}"
    marks = distinguishing_attributes(
        thing.entity, [other.entity for other in known], kind.label, kind.identifier
    )
    if marks and (thing.listing is None or rng.random() < 0.6):
        return name_expression(kind.name, marks, kind.label, rng)
    return f"the {_PLACES[_index(thing)] if _index(thing) < MAX_TOLD else 'last'} {kind.name} on that list"


def _index(thing: ShownEntity) -> int:
    last = thing.pointer.rsplit("/", 1)[-1]
    return int(last) if last.isdigit() else MAX_TOLD


def _told(thing: ShownEntity) -> bool:
    """Whether the user has heard of a thing: it was dealt with, or stood at the head of a list that was read out."""
    return thing.listing is None or (not thing.looked_up and _index(thing) < MAX_TOLD)


def exists(draft: WishAttempt, goal: Goal, value: Any) -> bool:
    """Whether a thing is there in the draft's world."""
    return any(entity.get(goal[1]) == value for entity in draft.fork.entities(goal[0]).values())
