"""The scripted resolver: it recovers a call's exact arguments from what the user said, what was
shown before, and the world.

A wording that it cannot resolve to exactly one value is not used, so that no blueprint asks an
assistant to guess (EnvFactory's implicit intents, tried).
It shares no code with `inftool.scenarios.naming`, which proposes the wordings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from inftool.core.json_pointer import find_all
from inftool.core.types import JsonObject
from inftool.language.dates import MONTHS
from inftool.language.values import mentions, normalize, split_name
from inftool.scenarios.wording.phrases import plain_words
from inftool.world.resources.models import Resource

_ORDINALS = {"first": 0, "second": 1, "third": 2, "fourth": 3}
_HIGHEST = {
    "most expensive": "money",
    "most recent": "moment",
    "newest": "moment",
    "latest": "moment",
}
_LOWEST = {"cheapest": "money", "oldest": "moment", "earliest": "moment"}
_PRICES = ("price", "fare", "cost", "total", "total price")
_AGES = (
    "creat",
    "plac",
    "add",
    "open",
    "order",
    "sent",
    "join",
    "regist",
    "book",
    "submit",
    "issu",
    "publish",
    "made",
    "paid",
    "occurr",
)
_INNER = ("name", "title", "displayname", "display_name", "nickname")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}|$)")


@dataclass
class ShownEntity:
    """A thing that an answer showed: of which kind, by which step, and where; `listing` counts the
    lists, None where it was shown alone."""

    resource: str
    step: str
    pointer: str
    entity: JsonObject
    listing: int | None = None
    looked_up: bool = False


@dataclass
class ConversationMemory:
    """What a conversation has shown so far, in order."""

    things: list[ShownEntity] = field(default_factory=list)
    lists: int = 0

    def learn(
        self,
        resource: str,
        step: str,
        body: Any,
        items: str | None,
        item: str | None,
        *,
        looked_up: bool,
    ) -> None:
        """Remember what a step's answer shows; `items` and `item` are pointers into it."""
        if items is not None:
            found = [
                (where, node)
                for where, node in find_all(body, f"{items}/*")
                if isinstance(node, dict)
            ]
            self.things += [
                ShownEntity(resource, step, where, node, self.lists, looked_up)
                for where, node in found
            ]
            self.lists += 1
            return
        for where, node in find_all(body, item or ""):
            if isinstance(node, dict):
                self.things.append(ShownEntity(resource, step, where, node, None, looked_up))

    def copy(self) -> ConversationMemory:
        """A memory that starts with the same and then goes its own way."""
        return ConversationMemory(list(self.things), self.lists)

    def of(self, resource: str) -> list[ShownEntity]:
        """All that was shown of one kind."""
        return [thing for thing in self.things if thing.resource == resource]


def pick(words: str, items: Sequence[JsonObject], resource: Resource) -> list[int]:
    """Which of some things the words pick out: by an order, or by the values that they mention;
    indices, several where they do not decide."""
    text = normalize(words)
    noun = resource.name.casefold()
    ranked = _ranked(text, noun, items, resource)
    if ranked is not None:
        return ranked
    marked = _marked(text, noun, items)
    if marked is not None:
        return marked
    return _called(text, noun, items, resource)


def _ranked(
    text: str, noun: str, items: Sequence[JsonObject], resource: Resource
) -> list[int] | None:
    for table, highest in ((_HIGHEST, True), (_LOWEST, False)):
        for adjective, kind in table.items():
            if text == f"the {adjective} {noun}":
                keys = [
                    key
                    for key in _numeric(items, resource)
                    if (
                        _is_age(key, items)
                        if kind == "moment"
                        else split_name(key).lower() in _PRICES
                    )
                ]
                # Two properties that disagree about which one is meant decide nothing.
                return sorted(
                    {index for key in keys for index in _at_end(items, key, highest=highest)}
                )
    recent = re.fullmatch(rf"the (most|least) recently (\w+) {re.escape(noun)}", text)
    if recent:
        names = (f"time it was {recent[2]}", f"time it was last {recent[2]}")
        keys = [key for key in _numeric(items, resource) if plain_words(key) in names]
        return sorted(
            {index for key in keys for index in _at_end(items, key, highest=recent[1] == "most")}
        )
    found = re.fullmatch(
        rf"the {re.escape(noun)} with the (highest|latest|lowest|earliest) (.+)", text
    )
    if not found:
        return None
    keys = [key for key in _numeric(items, resource) if plain_words(key).casefold() == found[2]]
    return sorted(
        {
            index
            for key in keys
            for index in _at_end(items, key, highest=found[1] in ("highest", "latest"))
        }
    )


def _is_age(key: str, items: Sequence[JsonObject]) -> bool:
    return isinstance(items[0].get(key), str) and any(stem in key.lower() for stem in _AGES)


def _numeric(items: Sequence[JsonObject], resource: Resource) -> list[str]:
    found = []
    for key in items[0] if items else ():
        values = [item.get(key) for item in items]
        number = all(
            isinstance(value, (int, float)) and not isinstance(value, bool) for value in values
        )
        if key != resource.identifier and (
            number or all(isinstance(value, str) and _MOMENT.match(value) for value in values)
        ):
            found.append(key)
    return found


def _at_end(items: Sequence[JsonObject], key: str, *, highest: bool) -> list[int]:
    values = [item[key] for item in items]
    end = max(values) if highest else min(values)
    return [index for index, value in enumerate(values) if value == end]


def _marked(text: str, noun: str, items: Sequence[JsonObject]) -> list[int] | None:
    """Things marked by a named property, by the day they are from, or by a kind in front of the
    noun."""
    if text.startswith(f"the {noun} with the "):
        rest = text[len(noun) + 14 :]
        found = []
        for index, item in enumerate(items):
            # Every property that the words name must have the value that they give.
            left = rest
            for key, value in item.items():
                name = plain_words(key).casefold()
                if (
                    not isinstance(value, (dict, list))
                    and re.match(rf"{re.escape(name)} ", left)
                    and mentions(left[len(name) :], value)
                ):
                    left = _after(left[len(name) + 1 :])
                    if not left:
                        break
            if not left or (left != rest and _second(left, item)):
                found.append(index)
        return found
    day = re.fullmatch(rf"the {re.escape(noun)} from (\d+) (\w+)", text)
    if day:
        month = next(
            (number for number, name in enumerate(MONTHS, 1) if name.casefold() == day[2]), 0
        )
        mark = f"-{month:02d}-{int(day[1]):02d}"
        return [
            index
            for index, item in enumerate(items)
            if any(
                isinstance(value, str)
                and _MOMENT.match(value)
                and value[4:10] == mark
                and not key.lower().startswith(("updated", "modified", "changed"))
                for key, value in item.items()
            )
        ]
    kind = re.fullmatch(rf"the (\w+) {re.escape(noun)}", text)
    if kind:
        return [
            index
            for index, item in enumerate(items)
            if any(value == kind[1] for value in item.values() if isinstance(value, str))
        ]
    return None


def _after(text: str) -> str:
    """What follows the value at the head of "12.50 and the currency eur"."""
    found = re.search(r" and the ", text)
    return text[found.end() :] if found else ""


def _second(left: str, item: JsonObject) -> bool:
    return any(
        left.startswith(f"{plain_words(key).casefold()} ")
        and mentions(left[len(plain_words(key)) :], value)
        for key, value in item.items()
        if not isinstance(value, (dict, list))
    )


def _called(text: str, noun: str, items: Sequence[JsonObject], resource: Resource) -> list[int]:
    name = re.sub(
        rf"^(?:the )?{re.escape(noun)} (?:called |number |with the (?:number|reference) )?",
        "",
        text,
    )
    plain = name.strip('"')
    exact = [
        index
        for index, item in enumerate(items)
        if resource.label and normalize(str(item.get(resource.label))) == plain
    ]
    if exact:
        return exact
    found = [
        index
        for index, item in enumerate(items)
        if resource.label
        and item.get(resource.label) is not None
        and mentions(name, item[resource.label])
    ]
    # A name may also stand within a part of a thing.
    return found or [
        index
        for index, item in enumerate(items)
        if any(normalize(inner) == plain for inner in _inner(item))
    ]


def _inner(item: JsonObject) -> list[str]:
    parts = [part for part in item.values() if isinstance(part, dict)]
    return [
        value
        for part in parts
        for key, value in part.items()
        if isinstance(value, str) and key.lower() in _INNER
    ]


def point(
    words: str, prop: str, goal: str, memory: ConversationMemory, resources: Mapping[str, Resource]
) -> list[Any]:
    """The values of property `prop` of a thing of kind `goal` that the words can mean, given all
    that was shown; one where they are clear."""
    text = normalize(words)
    resource = resources[goal]
    shown = memory.of(goal)
    if text in (f"that {resource.name}".casefold(), f"that same {resource.name}".casefold()):
        alone = [thing for thing in shown if thing.listing is None and prop in thing.entity]
        return [alone[-1].entity[prop]] if alone else []
    place = re.fullmatch(
        rf"the (first|second|third|fourth) {re.escape(resource.name.casefold())} on that list", text
    )
    if place:
        listed = _last_list(shown)
        at = _ORDINALS[place[1]]
        return [listed[at].entity[prop]] if at < len(listed) and prop in listed[at].entity else []
    related = _related(text, prop, goal, memory, resources)
    if related is not None:
        return related
    spoken = re.fullmatch(
        (
            rf"(?:the )?{re.escape(resource.name.casefold())}(?: number| with the "
            r"(?:number|reference))? (\S+)"
        ),
        text,
    )
    if spoken and not any(
        normalize(str(thing.entity.get(resource.label or ""))) == spoken[1] for thing in shown
    ):
        raw = words.rsplit(" ", 1)[-1]
        return [
            int(raw)
            if raw.isdigit() and any(isinstance(thing.entity.get(prop), int) for thing in shown)
            else raw
        ]
    # An order is one of the last list; a name or a mark may be of any.
    lists = [thing.listing for thing in shown if thing.listing is not None]
    last = [
        thing for thing in shown if lists and thing.listing == lists[-1] and prop in thing.entity
    ]
    if (
        last
        and (
            ranked := _ranked(
                text, resource.name.casefold(), [thing.entity for thing in last], resource
            )
        )
        is not None
    ):
        return [last[index].entity[prop] for index in ranked]
    latest: dict[str, ShownEntity] = {}
    for thing in shown:
        if prop in thing.entity:
            latest[str(thing.entity[prop])] = thing
    things = list(latest.values())
    return [
        things[index].entity[prop]
        for index in pick(words, [thing.entity for thing in things], resource)
    ]


def _related(
    text: str, prop: str, goal: str, memory: ConversationMemory, resources: Mapping[str, Resource]
) -> list[Any] | None:
    """ "the order of the customer Ana Ruiz" and "the customer of that order": one thing by another
    that it belongs to, or that points at it."""
    if " of " not in text:
        return None
    own = resources[goal]
    for name, other in resources.items():
        if other.name.casefold() not in text:
            continue
        pointers = [
            pattern for pattern, target in other.references.items() if target == (goal, prop)
        ]
        nearest = {
            last: min(pattern.count("/") for pattern in pointers if _last(pattern) == last)
            for last in map(_last, pointers)
        }
        names: dict[str, list[str]] = {}
        for pattern in pointers:
            if pattern.count("/") == nearest[_last(pattern)]:
                # Of several of a kind each goes by what it is alone: "the recipient address of that
                # shipment".
                for noun in {
                    _part(pattern) or own.name.casefold(),
                    *([own.name.casefold()] if len(nearest) == 1 else []),
                }:
                    names.setdefault(noun, []).append(pattern)
        names.setdefault(own.name.casefold(), [])
        nouns = "|".join(re.escape(noun) for noun in names)
        cut = re.fullmatch(
            (
                rf"the (?:(only|most recent|latest|oldest|first|second|third|fourth) )?({nouns}) of "
                rf"(.*\b{re.escape(other.name.casefold())}\b.*)"
            ),
            text,
        )
        if not cut or (other.identifier is None and not cut[3].startswith("that ")):
            continue
        if names[cut[2]] and (not cut[1] or cut[1] in _ORDINALS):
            inner = _things(cut[3], name, memory, resources)
            if cut[1]:
                # "the second room of that report": by its place among those that one thing points
                # at.
                pointed = [
                    [
                        value
                        for pattern in names[cut[2]]
                        for _, value in find_all(thing.entity, pattern)
                    ]
                    for thing in inner
                ]
                return [
                    values[_ORDINALS[cut[1]]]
                    for values in pointed
                    if _ORDINALS[cut[1]] < len(values)
                ]
            return list(
                dict.fromkeys(
                    value
                    for thing in inner
                    for pattern in names[cut[2]]
                    for _, value in find_all(thing.entity, pattern)
                )
            )
        back = [
            (pattern, target[1]) for pattern, target in own.references.items() if target[0] == name
        ]
        if back:
            keys = [
                thing.entity.get(back[0][1]) for thing in _things(cut[3], name, memory, resources)
            ]
            mine = [
                thing
                for thing in memory.of(goal)
                if prop in thing.entity
                and any(
                    value in keys
                    for pattern, _ in back
                    for _, value in find_all(thing.entity, pattern)
                )
            ]
            unique = list({str(thing.entity[prop]): thing for thing in mine}.values())
            if cut[1] in ("most recent", "latest", "oldest") and unique:
                ranked = (
                    _ranked(
                        f"the {cut[1]} {own.name.casefold()}",
                        own.name.casefold(),
                        [thing.entity for thing in unique],
                        own,
                    )
                    or []
                )
                return [unique[index].entity[prop] for index in ranked]
            return [thing.entity[prop] for thing in unique]
    return None


def _last(pattern: str) -> str:
    return next(part for part in reversed(pattern.split("/")) if part != "*")


def _part(pattern: str) -> str:
    """What a place that points at a thing is called: `/recipientAddressId` is "recipient address"."""
    return re.sub(
        r"\s*\b(?:ids?|codes?|numbers?|keys?|uuids?|refs?|references?|slugs?|sids?|names?)$",
        "",
        split_name(_last(pattern)).casefold(),
    )


def _last_list(shown: Sequence[ShownEntity]) -> list[ShownEntity]:
    """The things on the list that was last read out."""
    numbers = [
        thing.listing for thing in shown if thing.listing is not None and not thing.looked_up
    ]
    return [thing for thing in shown if numbers and thing.listing == numbers[-1]]


def _things(
    text: str, name: str, memory: ConversationMemory, resources: Mapping[str, Resource]
) -> list[ShownEntity]:
    resource = resources[name]
    shown = memory.of(name)
    if text in (f"that {resource.name}".casefold(), f"that same {resource.name}".casefold()):
        return [thing for thing in shown if thing.listing is None][-1:]
    if place := re.fullmatch(
        rf"the (\w+) {re.escape(resource.name.casefold())} on that list", text
    ):
        listed = _last_list(shown)
        at = _ORDINALS.get(place[1], len(listed))
        return listed[at : at + 1]
    latest = {str(thing.entity.get(resource.identifier or "")): thing for thing in shown}
    things = list(latest.values())
    return [things[index] for index in pick(text, [thing.entity for thing in things], resource)]
