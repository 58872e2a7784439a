"""The scripted resolver: the value that a referring expression means, from all that was shown.

A wording that it cannot resolve to exactly one value is not used, so that no blueprint asks an
assistant to guess (EnvFactory's implicit intents, tried out). It shares no code with
`inftool.scenarios.wording.referring`, which proposes the wordings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from inftool.core.json_pointer import find_all
from inftool.language.values import normalize
from inftool.scenarios.resolution.memory import ConversationMemory, ShownEntity
from inftool.scenarios.resolution.picking import pick, ranked_indices
from inftool.scenarios.resolution.relations import RelatedExpression, parse_related
from inftool.world.resources.models import Resource

ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3}


def point(
    words: str, prop: str, goal: str, memory: ConversationMemory, resources: Mapping[str, Resource]
) -> list[object]:
    """The values of property `prop` of an entity of resource `goal` that some words can mean.

    One value means that the words are clear, given all that was shown; several or none that they
    are not. ("the cheapest book", "id", "book", ...) -> `["b2"]`.
    """
    text = normalize(words)
    resource = resources[goal]
    noun = resource.name.casefold()
    shown = memory.of(goal)
    if _is_that(text, noun):
        alone = [thing for thing in shown if thing.listing is None and prop in thing.entity]
        return [alone[-1].entity[prop]] if alone else []
    place = re.fullmatch(rf"the (first|second|third|fourth) {re.escape(noun)} on that list", text)
    if place:
        listed = _last_list(shown)[ORDINALS[place[1]] :][:1]
        return [thing.entity[prop] for thing in listed if prop in thing.entity]
    related = _related_values(text, prop, goal, memory, resources)
    if related is not None:
        return related
    key = _spoken_key(words, resource, prop, shown)
    if key is not None:
        return [key]
    with_property = [thing for thing in shown if prop in thing.entity]
    # An order is one of the last list only; a name or a description may be of any.
    lists = [thing.listing for thing in shown if thing.listing is not None]
    last = [thing for thing in with_property if lists and thing.listing == lists[-1]]
    if last:
        ranked = ranked_indices(text, noun, [thing.entity for thing in last], resource)
        if ranked is not None:
            return [last[index].entity[prop] for index in ranked]
    # What was shown several times counts as it was shown last.
    things = list({str(thing.entity[prop]): thing for thing in with_property}.values())
    indices = pick(words, [thing.entity for thing in things], resource)
    return [things[index].entity[prop] for index in indices]


def _is_that(text: str, noun: str) -> bool:
    """Whether a text points back at what was dealt with last: "that order", "that same order"."""
    return text in (f"that {noun}", f"that same {noun}")


def _last_list(shown: Sequence[ShownEntity]) -> list[ShownEntity]:
    """The entities of the list that was last read out to the user."""
    numbers = [
        thing.listing for thing in shown if thing.listing is not None and not thing.looked_up
    ]
    return [thing for thing in shown if numbers and thing.listing == numbers[-1]]


def _spoken_key(
    words: str, resource: Resource, prop: str, shown: Sequence[ShownEntity]
) -> str | int | None:
    """The key that some words say: "order number 1043" -> 1043; None where they say none.

    What looks like a key may also be the label of something that was shown, which goes first.
    """
    noun = re.escape(resource.name.casefold())
    spoken = re.fullmatch(
        rf"(?:the )?{noun}(?: number| with the (?:number|reference))? (\S+)", normalize(words)
    )
    if not spoken or any(
        normalize(str(thing.entity.get(resource.label or ""))) == spoken[1] for thing in shown
    ):
        return None
    # From the words themselves: their normalized form has lost the case of "3F9A".
    key = words.rsplit(" ", 1)[-1]
    is_number = key.isdigit() and any(isinstance(thing.entity.get(prop), int) for thing in shown)
    return int(key) if is_number else key


def _related_values(
    text: str, prop: str, goal: str, memory: ConversationMemory, resources: Mapping[str, Resource]
) -> list[object] | None:
    """The values that a text means by a relation; None where it names none.

    "the customer of that order" is a key that the order holds; "the order of the customer Ana Ruiz"
    is an order that holds the customer's key.
    """
    for expression in parse_related(text, goal, prop, resources):
        if expression.forward:
            return _forward_values(expression, memory, resources)
        if expression.backward:
            return _backward_values(expression, prop, goal, memory, resources)
    return None


def _forward_values(
    expression: RelatedExpression, memory: ConversationMemory, resources: Mapping[str, Resource]
) -> list[object]:
    """The keys that the anchor of a relation holds: "the customer of that order"."""
    anchors = _mentioned(expression.anchor_text, expression.anchor, memory, resources)
    values = [
        [value for pattern in expression.forward for _, value in find_all(thing.entity, pattern)]
        for thing in anchors
    ]
    if expression.qualifier:
        # "the second room of that report": by its place among those that the report points at.
        place = ORDINALS[expression.qualifier]
        return [keys[place] for keys in values if place < len(keys)]
    return list(dict.fromkeys(key for keys in values for key in keys))


def _backward_values(
    expression: RelatedExpression,
    prop: str,
    goal: str,
    memory: ConversationMemory,
    resources: Mapping[str, Resource],
) -> list[object]:
    """The values of entities that hold the anchor's key: "the order of the customer Ana Ruiz"."""
    anchor_key = expression.backward[0][1]
    anchors = _mentioned(expression.anchor_text, expression.anchor, memory, resources)
    keys = [thing.entity.get(anchor_key) for thing in anchors]
    holders = [
        thing
        for thing in memory.of(goal)
        if prop in thing.entity
        and any(
            value in keys
            for pattern, _ in expression.backward
            for _, value in find_all(thing.entity, pattern)
        )
    ]
    unique = list({str(thing.entity[prop]): thing for thing in holders}.values())
    if expression.qualifier in ("most recent", "latest", "oldest") and unique:
        noun = resources[goal].name.casefold()
        ranked = ranked_indices(
            f"the {expression.qualifier} {noun}",
            noun,
            [thing.entity for thing in unique],
            resources[goal],
        )
        return [unique[index].entity[prop] for index in ranked or ()]
    return [thing.entity[prop] for thing in unique]


def _mentioned(
    text: str, name: str, memory: ConversationMemory, resources: Mapping[str, Resource]
) -> list[ShownEntity]:
    """The entities of a resource that a text can mean, given all that was shown."""
    resource = resources[name]
    noun = resource.name.casefold()
    shown = memory.of(name)
    if _is_that(text, noun):
        return [thing for thing in shown if thing.listing is None][-1:]
    if place := re.fullmatch(rf"the (\w+) {re.escape(noun)} on that list", text):
        listed = _last_list(shown)
        at = ORDINALS.get(place[1], len(listed))
        return listed[at : at + 1]
    latest = {str(thing.entity.get(resource.identifier or "")): thing for thing in shown}
    things = list(latest.values())
    return [things[index] for index in pick(text, [thing.entity for thing in things], resource)]
