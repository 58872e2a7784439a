"""Picks out of some entities those that a referring expression means.

Among "the cheapest book", "the order from 3 May", "the book Snow" and so on, each kind of wording
is parsed here from its words alone. The module shares no code with
`inftool.scenarios.wording.referring`, which proposes the wordings: that a wording is understood is
proved only if two programs that do not know each other agree.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from inftool.language.dates import MONTHS
from inftool.language.values import mentions, normalize, split_name
from inftool.scenarios.wording.phrases import plain_words
from inftool.world.resources.models import Resource

Entity = Mapping[str, object]

# Superlatives: what they compare, a price or a moment.
_HIGHEST = {
    "most expensive": "money",
    "most recent": "moment",
    "newest": "moment",
    "latest": "moment",
}
_LOWEST = {"cheapest": "money", "oldest": "moment", "earliest": "moment"}
_PRICES = ("price", "fare", "cost", "total", "total price")
# Stems of properties that say since when a thing exists: "createdAt", "orderDate", "publishedOn".
# "The most recent order" is not the one that was last updated.
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
_INNER_NAMES = ("name", "title", "displayname", "display_name", "nickname")
_MOMENT = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}|$)")


def pick(words: str, items: Sequence[Entity], resource: Resource) -> list[int]:
    """The indices of the entities that some words pick out; several where the words do not decide.

    `("the cheapest book", books, book)` -> `[1]`. An order is tried first, then values that the
    words mention, then the name.
    """
    text = normalize(words)
    noun = resource.name.casefold()
    ranked = ranked_indices(text, noun, items, resource)
    if ranked is not None:
        return ranked
    described = _described_indices(text, noun, items)
    if described is not None:
        return described
    return _named_indices(text, noun, items, resource)


def ranked_indices(
    text: str, noun: str, items: Sequence[Entity], resource: Resource
) -> list[int] | None:
    """The entities that an order picks out; None where the text names no order.

    Where two properties disagree about which entity is first, both are in the result: the words
    decide nothing.
    """
    for superlatives, highest in ((_HIGHEST, True), (_LOWEST, False)):
        for adjective, kind in superlatives.items():
            if text == f"the {adjective} {noun}":
                keys = [key for key in _sortable(items, resource) if _compares(kind, key, items)]
                return _extremes(items, keys, highest=highest)
    # "the most recently updated order"
    recent = re.fullmatch(rf"the (most|least) recently (\w+) {re.escape(noun)}", text)
    if recent:
        names = (f"time it was {recent[2]}", f"time it was last {recent[2]}")
        keys = [key for key in _sortable(items, resource) if plain_words(key) in names]
        return _extremes(items, keys, highest=recent[1] == "most")
    # "the room with the highest floor"
    extreme = re.fullmatch(
        rf"the {re.escape(noun)} with the (highest|latest|lowest|earliest) (.+)", text
    )
    if not extreme:
        return None
    keys = [key for key in _sortable(items, resource) if plain_words(key).casefold() == extreme[2]]
    return _extremes(items, keys, highest=extreme[1] in ("highest", "latest"))


def _compares(kind: str, key: str, items: Sequence[Entity]) -> bool:
    """Whether a superlative of a kind compares a property: "cheapest" the price, not the weight."""
    if kind == "money":
        return split_name(key).lower() in _PRICES
    return isinstance(items[0].get(key), str) and any(stem in key.lower() for stem in _AGES)


def _sortable(items: Sequence[Entity], resource: Resource) -> list[str]:
    """The properties that are a number, or a moment, in all of some entities."""
    keys = []
    for key in items[0] if items else ():
        if key == resource.identifier:
            continue
        values = [item.get(key) for item in items]
        if all(map(_is_number, values)) or all(map(_is_moment, values)):
            keys.append(key)
    return keys


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_moment(value: object) -> bool:
    return isinstance(value, str) and _MOMENT.match(value) is not None


def _extremes(items: Sequence[Entity], keys: Sequence[str], *, highest: bool) -> list[int]:
    """The entities that have the highest (or lowest) value of any of some sortable properties."""
    indices: set[int] = set()
    for key in keys:
        # All numbers or all texts (see `_sortable`), so that they can be compared.
        values: list[Any] = [item[key] for item in items]
        end = max(values) if highest else min(values)
        indices.update(index for index, value in enumerate(values) if value == end)
    return sorted(indices)


def _described_indices(text: str, noun: str, items: Sequence[Entity]) -> list[int] | None:
    """The entities that a text describes by a value; None where it is no such description.

    "the payment with the amount 12.50", "the order from 3 May", "the hardcover book".
    """
    prefix = f"the {noun} with the "
    if text.startswith(prefix):
        description = text.removeprefix(prefix)
        return [index for index, item in enumerate(items) if _fits(description, item)]
    day = re.fullmatch(rf"the {re.escape(noun)} from (\d+) (\w+)", text)
    if day:
        months = [month.casefold() for month in MONTHS]
        month = months.index(day[2]) + 1 if day[2] in months else 0
        month_and_day = f"-{month:02d}-{int(day[1]):02d}"
        return [index for index, item in enumerate(items) if _is_from(month_and_day, item)]
    kind = re.fullmatch(rf"the (\w+) {re.escape(noun)}", text)
    if kind:
        return [
            index
            for index, item in enumerate(items)
            if any(isinstance(value, str) and value == kind[1] for value in item.values())
        ]
    return None


def _fits(description: str, item: Entity) -> bool:
    """Whether each property that a description names has the value that it gives.

    "amount 12.50 and the currency eur" fits `{"amount": 12.5, "currency": "EUR"}`.
    """
    rest = description
    for key, value in item.items():
        name = plain_words(key).casefold()
        if (
            not isinstance(value, (dict, list))
            and rest.startswith(f"{name} ")
            and mentions(rest[len(name) :], value)
        ):
            _, _, rest = rest[len(name) + 1 :].partition(" and the ")
            if not rest:
                return True
    # The second property may stand before the first one in the entity.
    return rest != description and any(
        rest.startswith(f"{plain_words(key).casefold()} ")
        and mentions(rest[len(plain_words(key)) :], value)
        for key, value in item.items()
        if not isinstance(value, (dict, list))
    )


def _is_from(month_and_day: str, item: Entity) -> bool:
    """Whether an entity has a moment on a day such as "-05-03"; when it was changed counts not."""
    return any(
        isinstance(value, str)
        and _MOMENT.match(value)
        and value[4:10] == month_and_day
        and not key.lower().startswith(("updated", "modified", "changed"))
        for key, value in item.items()
    )


def _named_indices(text: str, noun: str, items: Sequence[Entity], resource: Resource) -> list[int]:
    """The entities that a text calls by name: "the book called snow", "order number 1043".

    The whole name goes before a name that the text only mentions, and both before a name that is
    inside a part of the entity, as in `{"metadata": {"name": ...}}`.
    """
    prefix = rf"^(?:the )?{re.escape(noun)} (?:called |number |with the (?:number|reference) )?"
    name = re.sub(prefix, "", text)
    plain = name.strip('"')
    label = resource.label
    if label:
        labels = [(index, item.get(label)) for index, item in enumerate(items)]
        if exact := [index for index, value in labels if normalize(str(value)) == plain]:
            return exact
        if mentioned := [
            index for index, value in labels if value is not None and mentions(name, value)
        ]:
            return mentioned
    return [
        index
        for index, item in enumerate(items)
        if any(normalize(inner) == plain for inner in _inner_names(item))
    ]


def _inner_names(item: Entity) -> list[str]:
    return [
        value
        for part in item.values()
        if isinstance(part, dict)
        for key, value in part.items()
        if isinstance(value, str) and key.lower() in _INNER_NAMES
    ]
