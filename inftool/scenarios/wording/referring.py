"""Referring expressions: how a person points at one entity among several.

By its name, by what distinguishes it, by its place in an order, or by its date. Wordings are only
proposed here; `inftool.scenarios.resolution.picking` tries them, and only one that picks out
exactly the right entity is used.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from inftool.core.blueprints import ReferenceKind
from inftool.core.types import Schema
from inftool.language.dates import MONTHS
from inftool.language.values import split_name
from inftool.scenarios.wording.distinguishing import distinguishing_attributes, name_expression
from inftool.scenarios.wording.phrases import plain_words
from inftool.scenarios.wording.sayable import tellable
from inftool.scenarios.wording.word_sets import WORD_SETS
from inftool.world.resources.models import Resource

MONEY = WORD_SETS["money_properties"]
"""Names of properties that hold an amount of money."""
WHEN = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}|$)")
# Since when a thing exists, not when it was changed: "createdAt", "orderDate", "publishedOn".
_AGE = re.compile(
    r"(?:creat|plac|add|open|order|sent|join|regist|book|submit|issu|publish|made|paid|occurr)",
    re.IGNORECASE,
)
# What has a cheapest and a most expensive one.
_PRICES = ("price", "fare", "cost", "total", "total price")
# Properties that are put in front of the noun: "the hardcover book".
_KINDS = ("colour", "color", "kind", "type", "format", "size", "genre", "tier")
# Numbers under such names count nothing: keys, codes and coordinates.
_NO_QUANTITY = ("id", "number", "code", "latitude", "longitude")
# How often orders are proposed before names. Half of the time an order says more about what
# somebody is after than a name does.
_ORDERS_FIRST = 0.5

Entity = Mapping[str, object]
SortKind = Literal["number", "money", "moment"]


def is_moment(value: object) -> bool:
    """Whether a value is a date or a date-time."""
    return isinstance(value, str) and WHEN.match(value) is not None


def ordered_by(
    items: Sequence[Entity], identifier: str | None, schema: Schema | None = None
) -> dict[str, SortKind]:
    """The properties by which entities can be put in order: property -> what it holds.

    Each is a number or a moment in all of them.
    """
    kinds: dict[str, SortKind] = {}
    for key in items[0] if items else ():
        if key == identifier or key.lower().endswith(_NO_QUANTITY) or "~" in key or "/" in key:
            continue
        values = [item.get(key) for item in items]
        if all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
            kinds[key] = "money" if split_name(key).lower() in MONEY else "number"
        elif all(map(is_moment, values)):
            kinds[key] = "moment"
    return kinds


def extreme(items: Sequence[Entity], key: str, *, highest: bool) -> int | None:
    """The index of the entity with the highest (or lowest) value; None if several have it.

    `key` is one of the properties that `ordered_by` gives, so that the values can be compared.
    """
    values: list[Any] = [item[key] for item in items]
    best = max(values) if highest else min(values)
    indices = [index for index, value in enumerate(values) if value == best]
    return indices[0] if len(indices) == 1 else None


def superlative(noun: str, key: str, kind: str, *, highest: bool) -> str:
    """An entity by its place in an order; `kind` is what `ordered_by` gives for `key`.

    "the cheapest book", "the most recent order", "the room with the highest floor".
    """
    if kind == "money" and split_name(key).lower() in _PRICES:
        return f"the {'most expensive' if highest else 'cheapest'} {noun}"
    if kind == "moment" and _AGE.search(key):
        return f"the {'most recent' if highest else 'oldest'} {noun}"
    words = plain_words(key)
    if kind != "moment":
        return f"the {noun} with the {'highest' if highest else 'lowest'} {words}"
    if words.startswith("time it was "):
        # "time it was last updated" -> "the most recently updated order"
        participle = words.removeprefix("time it was ").removeprefix("last ")
        return f"the {'most' if highest else 'least'} recently {participle} {noun}"
    return f"the {noun} with the {'latest' if highest else 'earliest'} {words}"


def proposals(
    entity: Entity,
    items: Sequence[Entity],
    resource: Resource,
    rng: random.Random,
    *,
    whole: bool,
    weekday: str = "",
) -> Iterator[tuple[str, ReferenceKind]]:
    """Wordings for one entity among those that a list shows, the preferred ones first.

    `items` hold the entity itself; `whole` says that they are all there are, so that an order means
    something. `weekday` is the day it is now, which nobody would call by its name.
    """
    index = next(place for place, item in enumerate(items) if item is entity)
    orders: list[tuple[str, ReferenceKind]] = []
    if whole and len(items) > 1:
        orders = [
            (superlative(resource.name, key, kind, highest=highest), "order")
            for key, kind in ordered_by(items, resource.identifier).items()
            for highest in (True, False)
            if extreme(items, key, highest=highest) == index
        ]
    rng.shuffle(orders)
    names: list[tuple[str, ReferenceKind]] = []
    attributes = distinguishing_attributes(entity, items, resource.label, resource.identifier)
    if attributes:
        words = name_expression(resource.name, attributes, resource.label, rng)
        is_label = len(attributes) == 1 and attributes[0][0] == resource.label
        names.append((words, "name" if is_label else "mark"))
    names += [(f"the {resource.name} from {day}", "mark") for day in _days(entity)]
    names += [(f"the {kind} {resource.name}", "mark") for kind in _kinds(entity, resource)]
    orders_first = rng.random() < _ORDERS_FIRST
    yield from (*orders, *names) if orders_first else (*names, *orders)


def _kinds(entity: Entity, resource: Resource) -> Iterator[str]:
    """The values of an entity that can stand in front of its noun: "hardcover"."""
    for key, value in entity.items():
        if (
            isinstance(value, str)
            and value.isalpha()
            and value.islower()
            and 3 <= len(value) <= 12
            and key not in (resource.label, resource.identifier)
            and split_name(key).lower() in _KINDS
            and tellable(value)
        ):
            yield value


def _days(entity: Entity) -> Iterator[str]:
    """The days that an entity is from, such as "3 May"; when it was changed does not count."""
    for key, value in entity.items():
        if (
            isinstance(value, str)
            and is_moment(value)
            and not key.lower().startswith(("updated", "modified", "changed"))
        ):
            day, month = int(value[8:10]), int(value[5:7])
            if 1 <= month <= 12:
                yield f"{day} {MONTHS[month - 1]}"
