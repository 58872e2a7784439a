"""What distinguishes one entity from others, and what a person calls it by."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence

from inftool.core.json_pointer import escape
from inftool.language.values import join, mentions, normalize, say, split_name
from inftool.scenarios.wording.phrases import NAMES, plain_words, quoted, value_in_text
from inftool.scenarios.wording.sayable import opaque, tellable

Entity = Mapping[str, object]
Attribute = tuple[str, object]
"""A property of an entity, by its name or by a path such as `metadata/name`, and its value."""

# A longer text is no way to refer to something.
_LONGEST_MARK = 60
# Pairs are tried among the first properties only: an entity that takes more has no handy words.
_MOST_PAIRED = 7
_TIMESTAMP = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}")
# Labels of several words that are quoted: 'the article "Notes on rivers"'.
_TITLE_WORDS = ("title", "subject", "headline", "summary")


def properties_of(entity: object, depth: int = 1) -> Iterator[tuple[str, str, object]]:
    """The scalars of an entity as (pointer, words, value), its own before those inside its parts.

    `{"name": "A", "city": {"code": "X"}}` -> ("/name", "name", "A"), ("/city/code", "code of the
    city", "X").
    """
    if not isinstance(entity, dict):
        return
    parts: list[tuple[str, dict[str, object]]] = []
    for key, value in entity.items():
        pointer = f"/{escape(key)}"
        if isinstance(value, dict):
            parts.append((pointer, value))
        elif not isinstance(value, list):
            yield pointer, plain_words(key), value
    if depth:
        for pointer, part in parts:
            for inner, words, scalar in properties_of(part, depth - 1):
                yield f"{pointer}{inner}", f"{words} of the {plain_words(pointer[1:])}", scalar


def distinguishing_attributes(
    entity: Entity, others: Sequence[Entity], label: str | None, identifier: str | None
) -> list[Attribute] | None:
    """What a person would call an entity by, among others; None where nothing distinguishes it.

    It is its label, a name inside one of its parts, or one or two properties whose values no other
    entity shares. `others` may hold the entity itself.
    """
    if label and tellable(entity.get(label)) and _is_unique(entity, others, (label,)):
        return [(label, entity[label])]
    for path, name in inner_names(entity):
        if not any(
            other is not entity
            and any(mentions(normalize(say(theirs)), name) for _, theirs in inner_names(other))
            for other in others
        ):
            return [(path, name)]
    keys = _handy_properties(entity, identifier)
    for key in keys:
        # A number alone is no way to know a thing; beside something else it is.
        if not isinstance(entity[key], int) and _is_unique(entity, others, (key,)):
            return [(key, entity[key])]
    for index, first in enumerate(keys[: _MOST_PAIRED - 1]):
        for second in keys[index + 1 : _MOST_PAIRED]:
            if _is_unique(entity, others, (first, second)):
                return [(first, entity[first]), (second, entity[second])]
    return None


def _handy_properties(entity: Entity, identifier: str | None) -> list[str]:
    """The properties that a person could describe an entity by, the handiest first."""
    keys = [
        pointer[1:]
        for pointer, words, value in properties_of(entity, 0)
        if pointer[1:] != identifier
        and "~" not in pointer
        and "ID" not in words.split()
        and not words.startswith("time it was")
        and _is_handy(value)
    ]

    def is_timestamp(key: str) -> bool:
        value = entity[key]
        return isinstance(value, str) and _TIMESTAMP.match(value) is not None

    # Nobody knows a thing by the minute at which it was made.
    keys.sort(key=is_timestamp)
    return keys


def _is_handy(value: object) -> bool:
    if not tellable(value) or opaque(value):
        return False
    # "/users/17" is a link.
    return not (isinstance(value, str) and (value.startswith("/") or len(value) > _LONGEST_MARK))


def inner_names(entity: Entity) -> list[tuple[str, str]]:
    """The first name inside a part of an entity, with its path: `[("metadata/name", "web-1")]`."""
    return [
        (f"{key}/{inner}", value)
        for key, part in entity.items()
        if isinstance(part, dict)
        for inner, value in part.items()
        if split_name(inner).replace(" ", "") in NAMES
        and isinstance(value, str)
        and tellable(value)
        and not opaque(value)
    ][:1]


def _is_unique(entity: Entity, others: Sequence[Entity], keys: tuple[str, ...]) -> bool:
    """Whether no other entity mentions the same values.

    "Ann" does not distinguish one from another that is called "Ann Lee".
    """
    return all(
        other is entity
        or not all(mentions(normalize(say(other.get(key))), entity[key]) for key in keys)
        for other in others
    )


def name_expression(
    noun: str, attributes: Sequence[Attribute], label: str | None, rng: random.Random
) -> str:
    """An entity by its distinguishing attributes.

    "the customer Ana Ruiz", "the payment with the amount 12.50 and the currency EUR".
    """
    first_key, first_value = attributes[0]
    if "/" in first_key:
        label = first_key.rpartition("/")[2]
    elif len(attributes) > 1 or first_key != label:
        values = [
            f"the {plain_words(key)} {value_in_text(value, rng)}" for key, value in attributes
        ]
        return f"the {noun} with {join(values)}"
    name = quoted(say(first_value, rng))
    if name.casefold().endswith(f" {noun.casefold()}"):
        # "the Mill Road depot", not "the depot Mill Road depot".
        return f"the {name}"
    if " " in name and split_name(label).split()[-1].lower() in _TITLE_WORDS:
        name = '"{}"'.format(name.strip('"'))
    if label.lower() in ("name", "title"):
        return rng.choice((f"the {noun} {name}", f"the {noun} called {name}"))
    return f"the {noun} {name}"


def by_key(noun: str, value: object, rng: random.Random) -> str:
    """An entity by its key, as people read one out.

    "order number 1043", "the order with the reference 3F9A".
    """
    key = str(value)
    if isinstance(value, int):
        return rng.choice(
            (f"{noun} {key}", f"{noun} number {key}", f"the {noun} with the number {key}")
        )
    return rng.choice(
        (f"the {noun} with the reference {key}", f"the {noun} {key}", f"{noun} {key}")
    )
