"""What tells one thing from others, and what a person calls it by."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any

from inftool.core.json_pointer import escape
from inftool.core.types import JsonObject
from inftool.language.values import join, mentions, normalize, say, split_name
from inftool.scenarios.wording.phrases import NAMES, plain_words, quoted, value_in_text
from inftool.scenarios.wording.sayable import opaque, tellable


def properties_of(entity: Any, depth: int = 1) -> Iterator[tuple[str, str, Any]]:
    """The scalars of an entity as (pointer, words, value), its own before those one level down."""
    if not isinstance(entity, dict):
        return
    deeper: list[tuple[str, Any]] = []
    for key, value in entity.items():
        pointer = f"/{escape(key)}"
        if isinstance(value, dict):
            deeper.append((pointer, value))
        elif not isinstance(value, list):
            yield pointer, plain_words(key), value
    if depth:
        for pointer, value in deeper:
            for inner, words, scalar in properties_of(value, depth - 1):
                yield f"{pointer}{inner}", f"{words} of the {plain_words(pointer[1:])}", scalar


def distinguishing_attributes(
    entity: JsonObject, others: Sequence[JsonObject], label: str | None, identifier: str | None
) -> list[tuple[str, Any]] | None:
    """What a person would call one thing among others by: its label, or one or two of its values
    that no other shares; None where nothing does."""
    if label and tellable(entity.get(label)) and _alone(entity, others, (label,)):
        return [(label, entity[label])]
    # Its name may stand one level down: `metadata.name`.
    for place, name in inner_names(entity):
        if not any(
            other is not entity
            and any(mentions(normalize(say(theirs)), name) for _, theirs in inner_names(other))
            for other in others
        ):
            return [(place, name)]
    keys = [
        pointer[1:]
        for pointer, words, value in properties_of(entity, 0)
        if tellable(value)
        and "~" not in pointer
        and pointer[1:] != identifier
        and "ID" not in words.split()
        and not opaque(value)
        and not (isinstance(value, str) and value.startswith("/"))
        and not words.startswith("time it was")
        and not (isinstance(value, str) and len(value) > 60)
    ]
    # Nobody knows a thing by the second at which it was made.
    keys.sort(
        key=lambda key: isinstance(entity[key], str) and _STAMP.match(entity[key]) is not None
    )
    for key in keys:
        if not isinstance(entity[key], int) and _alone(entity, others, (key,)):
            return [(key, entity[key])]
    for index, first in enumerate(keys[:6]):
        for second in keys[index + 1 : 7]:
            if _alone(entity, others, (first, second)):
                return [(first, entity[first]), (second, entity[second])]
    return None


def inner_names(entity: JsonObject) -> list[tuple[str, str]]:
    """The names that a thing holds one level down, with where they stand (`metadata/name`)."""
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


_STAMP = re.compile(r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}")


def _alone(entity: JsonObject, others: Sequence[JsonObject], keys: tuple[str, ...]) -> bool:
    # A value that another thing's value contains in words ("Ann" and "Ann Lee") does not tell them
    # apart.
    return all(
        other is entity
        or not all(mentions(normalize(say(other.get(key))), entity[key]) for key in keys)
        for other in others
    )


def name_expression(
    noun: str, marks: Sequence[tuple[str, Any]], label: str | None, rng: random.Random
) -> str:
    """A thing by its marks: "the customer Ana Ruiz", "the payment with the amount 12.50"."""
    if "/" in marks[0][0]:
        label = marks[0][0].rpartition("/")[2]
    elif len(marks) > 1 or marks[0][0] != label:
        return (
            f"the {noun} with "
            f"{join([f'the {plain_words(key)} {value_in_text(value, rng)}' for key, value in marks])}"
        )
    name = quoted(say(marks[0][1], rng))
    if name.casefold().endswith(f" {noun.casefold()}"):
        # "the Mill Road depot", not "the depot Mill Road depot".
        return f"the {name}"
    if " " in name and split_name(label).split()[-1].lower() in (
        "title",
        "subject",
        "headline",
        "summary",
    ):
        name = f'"{name.strip(chr(34))}"'
    return (
        rng.choice((f"the {noun} {name}", f"the {noun} called {name}"))
        if label.lower() in ("name", "title")
        else f"the {noun} {name}"
    )


def by_key(noun: str, value: Any, rng: random.Random) -> str:
    """A thing by its key, as people read one out: "order 1043", "the order with the reference
    3F9A"."""
    said = str(value)
    if isinstance(value, int):
        return rng.choice(
            (f"{noun} {said}", f"{noun} number {said}", f"the {noun} with the number {said}")
        )
    return rng.choice(
        (f"the {noun} with the reference {said}", f"the {noun} {said}", f"{noun} {said}")
    )
