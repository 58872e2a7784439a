"""Other values in the place of one: likely to fit the schema, and nothing that anybody said."""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from inftool.core.json_pointer import split_pointer
from inftool.core.json_schema import subschemas
from inftool.core.types import JsonObject, Schema

# Rare words, so that hardly any text holds one by chance.
_WORDS = ("Marigold", "Quarry", "Lantern", "Osprey", "Thimble", "Bracken")


def put(arguments: JsonObject, pointer: str, value: object) -> JsonObject:
    """A copy of some arguments with another value at a JSON pointer.

    Only the containers on the way to it are copied.
    """
    changed: JsonObject = _put(arguments, split_pointer(pointer), value)
    return changed


def _put(node: Any, path: Sequence[str], value: object) -> Any:
    if not path:
        return value
    if isinstance(node, list):
        index = int(path[0])
        return [*node[:index], _put(node[index], path[1:], value), *node[index + 1 :]]
    return {**node, path[0]: _put(node[path[0]], path[1:], value)}


def alternatives(
    schema: Schema, pointer: str, value: object, rng: random.Random
) -> Iterator[object]:
    """Values of the same type for the place of one, the likeliest to fit the schema first.

    Whoever uses them has to validate them. 5 -> 9, 6, 4, ...; "2026-03-01" -> "2026-03-02", ...
    """
    for part in subschemas(schema, pointer):
        options = part.get("enum")
        if isinstance(options, list):
            others = [
                option for option in options if option != value and type(option) is type(value)
            ]
            yield from rng.sample(others, len(others))
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (
            value + rng.randint(2, 9),
            value + 1,
            value - 1,
            value + 100,
            value - 10,
            value * 2,
            value // 2,
        )
    elif isinstance(value, float):
        yield from (
            round(value + 1.25, 2),
            round(value * 1.5 + 0.5, 2),
            value + 1.0,
            value - 1.0,
            round(value / 2, 3),
        )
    elif isinstance(value, str):
        # Dates and times stay dates and times.
        if (day := _day(value)) is not None:
            for shift in (1, 3, -2, 30):
                yield f"{(day + timedelta(days=shift)).isoformat()}{value[10:]}"
        elif len(value) > 4 and value[2:3] == ":" and value[:2].isdigit():
            yield from (f"{(int(value[:2]) + shift) % 24:02d}{value[2:]}" for shift in (1, 5))
        else:
            # Of the same shape first, for patterns: "AB-12" -> "QX-75".
            yield "".join(_other(character, rng) for character in value)
            yield from (
                f"{value} {rng.choice(_WORDS)}",
                rng.choice(_WORDS),
                f"{value}{rng.randint(10, 99)}",
                "".join(reversed(value)),
            )
            if "@" in value:
                yield f"{rng.choice(_WORDS).casefold()}.{value}"
            if "://" in value:
                yield f"{value}/{rng.choice(_WORDS).casefold()}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10]) if len(text) >= 10 and text[4] == "-" else None
    except ValueError:
        return None


def _other(character: str, rng: random.Random) -> str:
    """Another character of the same kind; letters are consonants, so that no word comes of them."""
    if character.isdigit():
        return str((int(character) + rng.randint(1, 8)) % 10)
    if character in string.ascii_lowercase:
        return rng.choice([c for c in "bcdfghjklmnpqrstvwxz" if c != character])
    if character in string.ascii_uppercase:
        return rng.choice([c for c in "BCDFGHJKLMNPQRSTVWXZ" if c != character])
    return character
