"""How a person points at one thing among several: by its name, by what tells it apart, by where it
stands in an order, or from when it is.

Wordings are proposed here and tried by `inftool.scenarios.resolver`: only one that picks out
exactly the right thing is used.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

from inftool.core.blueprints import ReferenceKind
from inftool.core.types import JsonObject
from inftool.language.dates import MONTHS
from inftool.language.values import split_name
from inftool.scenarios.wording.distinguishing import distinguishing_attributes, name_expression
from inftool.scenarios.wording.phrases import plain_words
from inftool.scenarios.wording.sayable import tellable
from inftool.world.resources.models import Resource

MONEY = frozenset(
    [
        "price",
        "amount",
        "total",
        "fare",
        "cost",
        "fee",
        "rent",
        "value",
        "total amount",
        "total price",
    ]
)
WHEN = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}|$)")
_AGE = re.compile(
    r"(?:creat|plac|add|open|order|sent|join|regist|book|submit|issu|publish|made|paid|occurr)",
    re.IGNORECASE,
)


def is_moment(value: Any) -> bool:
    """Whether a value is a date or a date-time."""
    return isinstance(value, str) and WHEN.match(value) is not None


def ordered_by(
    items: Sequence[JsonObject], identifier: str | None, schema: JsonObject | None = None
) -> dict[str, str]:
    """The properties by which things can be put in order, each a number or a moment in all of them:
    property -> "number", "money" or "moment"."""
    found: dict[str, str] = {}
    for key, value in items[0].items() if items else ():
        if (
            key == identifier
            or key.lower().endswith(("id", "number", "code", "latitude", "longitude"))
            or "~" in key
            or "/" in key
        ):
            continue
        values = [item.get(key) for item in items]
        if all(isinstance(other, (int, float)) and not isinstance(other, bool) for other in values):
            found[key] = "money" if split_name(key).lower() in MONEY else "number"
        elif is_moment(value) and all(is_moment(other) for other in values):
            found[key] = "moment"
    return found


def extreme(items: Sequence[JsonObject], key: str, *, highest: bool) -> int | None:
    """Which of some things has the highest (or lowest) value of a property; None where several have
    it."""
    values = [item[key] for item in items]
    best = max(values) if highest else min(values)
    places = [index for index, value in enumerate(values) if value == best]
    return places[0] if len(places) == 1 else None


def superlative(noun: str, key: str, kind: str, *, highest: bool) -> str:
    """A thing by its place in an order: "the cheapest book", "the most recent order", "the room
    with the highest floor"."""
    if kind == "money" and split_name(key).lower() in (
        "price",
        "fare",
        "cost",
        "total",
        "total price",
    ):
        return f"the {'most expensive' if highest else 'cheapest'} {noun}"
    if kind == "moment" and _AGE.search(key):
        return f"the {'most recent' if highest else 'oldest'} {noun}"
    words = plain_words(key)
    if kind == "moment" and words.startswith("time it was "):
        return (
            f"the {'most' if highest else 'least'} recently "
            f"{words.removeprefix('time it was ').removeprefix('last ')} {noun}"
        )
    if kind == "moment":
        return f"the {noun} with the {'latest' if highest else 'earliest'} {plain_words(key)}"
    return f"the {noun} with the {'highest' if highest else 'lowest'} {plain_words(key)}"


def proposals(
    entity: JsonObject,
    items: Sequence[JsonObject],
    resource: Resource,
    rng: random.Random,
    *,
    whole: bool,
    weekday: str = "",
) -> Iterator[tuple[str, ReferenceKind]]:
    """Wordings for one thing among those that a list shows, the preferred ones first. `whole`: the
    list holds all there are, so that an order means something.

    `weekday`: the day it is now, which nobody would call by its name.
    """
    index = next(place for place, item in enumerate(items) if item is entity)
    ways: list[tuple[str, ReferenceKind]] = []
    if whole and len(items) > 1:
        for key, kind in ordered_by(items, resource.identifier).items():
            for highest in (True, False):
                if extreme(items, key, highest=highest) == index:
                    ways.append((superlative(resource.name, key, kind, highest=highest), "order"))
    rng.shuffle(ways)
    named: list[tuple[str, ReferenceKind]] = []
    marks = distinguishing_attributes(entity, items, resource.label, resource.identifier)
    if marks:
        words = name_expression(resource.name, marks, resource.label, rng)
        named.append(
            (words, "name" if len(marks) == 1 and marks[0][0] == resource.label else "mark")
        )
    named += [(f"the {resource.name} from {said}", "mark") for said in _days(entity)]
    named += [
        (f"the {value} {resource.name}", "mark")
        for key, value in entity.items()
        if isinstance(value, str) and value.isalpha() and value.islower() and 3 <= len(value) <= 12 and key not in (resource.label, resource.identifier)
        and tellable(value) and split_name(key).lower() in ("colour", "color", "kind", "type", "format", "size", "genre", "tier", "kind")
    ]  # fmt: skip
    # Half of the time an order says more about a person's mind than a name does.
    yield from (*ways, *named) if rng.random() < 0.5 else (*named, *ways)


def _days(entity: JsonObject) -> Iterator[str]:
    for key, value in entity.items():
        if is_moment(value) and not key.lower().startswith(("updated", "modified", "changed")):
            day, month = int(value[8:10]), int(value[5:7])
            if 1 <= month <= 12:
                yield f"{day} {MONTHS[month - 1]}"
