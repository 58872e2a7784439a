"""Values that people say together: a span by its two ends, a first and a last name, an amount and
its currency, the lines of an address."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from inftool.core.blueprints import Detail
from inftool.language.values import say, split_name
from inftool.scenarios.wording.details import Style
from inftool.scenarios.wording.phrases import are, path_words, plain_words

GENERIC_NAMES = frozenset(
    ["", "date", "dates", "time", "period", "day", "range", "timestamp", "window", "created", "at"]
)
_LOW = "minimum|min|from|after|since|start|starting|starts|begin|beginning|earliest|lowest|lower|gte|gt|greater than|newer than|not before|first day|valid from"
_HIGH = (
    "maximum|max|to|before|until|end|ending|ends|latest|highest|upper|lte|lt|less than|older "
    "than|not after|last day|valid to|finish|till"
)
_SIDES = tuple(
    (re.compile(rf"^(?:{words})(?: (?P<a>.+))?$|^(?P<b>.+?) (?:{words})$", re.IGNORECASE), side)
    for words, side in ((_LOW, "low"), (_HIGH, "high"))
)
_FIRST = frozenset(["first name", "given name", "forename"])
_LAST = frozenset(["last name", "surname", "family name"])
_CURRENCY = re.compile(r"^[A-Z]{3}$")
_STREET = re.compile(
    r"^(?:street(?: address| name)?|address(?: line)?(?: ?1)?|line ?1|address 1|street ?1|address "
    r"line ?1)$"
)
_SECOND = re.compile(r"^(?:address(?: line)? ?2|line ?2|street ?2)$")
_TOWN = frozenset(["city", "town", "locality"])
_AFTER_TOWN = (
    "state",
    "province",
    "region",
    "county",
    "postal code",
    "postcode",
    "zip",
    "zip code",
    "zipcode",
    "country",
    "country code",
)


_MOMENT = re.compile(r"^(?:\d{4}-\d{2}-\d{2}(?:[Tt ]\d{2}:\d{2}.*)?|[0-2]\d:[0-5]\d(?::[0-5]\d)?)$")


class CombinedValues(NamedTuple):
    """Places of a call's arguments whose values are said in one breath: how they hang together, and
    under which name."""

    kind: str
    pointers: tuple[str, ...]
    name: str


def range_end(words: str) -> tuple[str, str] | None:
    """Which end of what a name is: "start date" is the low end of "date", "maximum price" the high
    end of "price"; None for any other name."""
    text = re.sub(r"\s+utc$", "", words.lower())
    for pattern, side in _SIDES:
        if found := pattern.match(text):
            return side, (found["a"] or found["b"] or "").strip()
    return None


def find_combinable(spots: Sequence[tuple[str, Any]]) -> Iterator[CombinedValues]:
    """What can be said together of the literals (pointer, value) of one call; every pointer is in
    one group at most."""
    homes: dict[str, dict[str, tuple[str, Any]]] = {}
    for pointer, value in spots:
        home, _, key = pointer.rpartition("/")
        if not key.isdigit():
            homes.setdefault(home, {})[split_name(key).lower()] = (pointer, value)
    for home, members in homes.items():
        if len(members) < 2:
            continue
        # A structure within the arguments has a name; one of several is told apart elsewhere.
        if any(part.isdigit() and part != "0" for part in home.split("/")):
            continue
        parts = [part for part in home.split("/") if part and not part.isdigit()]
        owner = plain_words(parts[-1]) if parts else ""
        yield from _spans(members, owner)
        yield from _names(members, owner)
        yield from _money(members, owner)
        yield from _address(members, owner)


def _spans(members: dict[str, tuple[str, Any]], owner: str) -> Iterator[CombinedValues]:
    ends: dict[str, dict[str, tuple[str, Any]]] = {}
    for words, spot in members.items():
        if (end := range_end(words)) is not None and not isinstance(spot[1], bool):
            ends.setdefault(end[1], {}).setdefault(end[0], spot)
    for stem, pair in ends.items():
        if len(pair) < 2:
            continue
        low, high = pair["low"], pair["high"]
        if (
            isinstance(low[1], str) != isinstance(high[1], str)
            or low[1] > high[1]
            or (low[1] == high[1] and not isinstance(low[1], str))
        ):
            continue
        if isinstance(low[1], str) and not (
            _is_moment(low[1]) and _is_moment(high[1]) and len(low[1]) == len(high[1])
        ):
            continue
        name = (
            stem
            if stem not in GENERIC_NAMES
            else (owner if owner and owner not in GENERIC_NAMES else stem)
        )
        yield CombinedValues(
            "moments" if isinstance(low[1], str) else "numbers", (low[0], high[0]), name
        )


def _is_moment(value: str) -> bool:
    return _MOMENT.match(value) is not None


def _names(members: dict[str, tuple[str, Any]], owner: str) -> Iterator[CombinedValues]:
    first = next((members[words] for words in _FIRST if words in members), None)
    last = next((members[words] for words in _LAST if words in members), None)
    if (
        first
        and last
        and all(
            isinstance(spot[1], str) and re.fullmatch(r"[^\W\d_][\w'-]*", spot[1])
            for spot in (first, last)
        )
    ):
        yield CombinedValues(
            "name",
            (first[0], last[0]),
            f"{owner} name".strip() if "name" not in members else f"{owner} full name".strip(),
        )


def _money(members: dict[str, tuple[str, Any]], owner: str) -> Iterator[CombinedValues]:
    amounts = [
        words
        for words, (_, value) in members.items()
        if words in ("amount", "value", "total", "price", "total amount")
        and not isinstance(value, bool)
    ]
    codes = [
        words
        for words, (_, value) in members.items()
        if words in ("currency", "currency code")
        and isinstance(value, str)
        and _CURRENCY.match(value)
    ]
    if len(amounts) == 1 and len(codes) == 1:
        spot = members[amounts[0]]
        if isinstance(spot[1], (int, float)) or re.fullmatch(r"\d+(?:\.\d+)?", str(spot[1])):
            yield CombinedValues("money", (spot[0], members[codes[0]][0]), owner or amounts[0])


def _address(members: dict[str, tuple[str, Any]], owner: str) -> Iterator[CombinedValues]:
    street = next((spot for words, spot in members.items() if _STREET.match(words)), None)
    town = next((members[words] for words in members if words in _TOWN), None)
    second = [members[words] for words in members if _SECOND.match(words)]
    rest = [members[words] for words in _AFTER_TOWN if words in members]
    if street is None or town is None:
        return
    spots = [street, *second, town, *rest]
    if all(isinstance(value, str) and not re.search(r"[,;.!?\"]", value) for _, value in spots):
        yield CombinedValues("address", tuple(pointer for pointer, _ in spots), owner or "address")


def say_combined(
    group: CombinedValues, values: Sequence[Any], style: Style, rng: random.Random
) -> Detail:
    """A group in one clause."""
    said = [say(value, rng) for value in values]
    name = group.name
    if group.kind in ("moments", "numbers"):
        if group.kind == "moments":
            said = _same_year(values, rng)
        way = (
            rng.choice(("between {} and {}", "from {} to {}"))
            if group.kind == "moments"
            else "between {} and {}"
        )
        span = way.format(*said) if values[0] != values[1] else f"on {said[1]}"
        if (
            group.kind == "moments"
            and (name == "due" or name.endswith("ed"))
            and name not in GENERIC_NAMES
        ):
            return Detail(
                words=name,
                said=span,
                value=list(values),
                phrase=f"only those {name} {span}"
                if style == "filter"
                else f"it should be {name} {span}",
            )
        if group.kind == "moments" and name in GENERIC_NAMES:
            phrase = (
                rng.choice((f"only those {span}", f"just the ones {span}"))
                if style == "filter"
                else f"it should be {span}"
            )
        elif style == "filter":
            phrase = rng.choice(
                (
                    f"only those with the {name} {span}",
                    f"the {name} {'have' if are(name) == 'are' else 'has'} to be {span}",
                    f"I need the ones with the {name} {span}",
                )
            )
        else:
            phrase = f"the {name} {are(name)} {span}"
        return Detail(words=name or "dates", said=span, value=list(values), phrase=phrase)
    if group.kind == "name":
        whole = f"{values[0]} {values[1]}"
        return Detail(
            words=name,
            said=whole,
            value=list(values),
            phrase=rng.choice((f"the {name} is {whole}", f"the {name} would be {whole}")),
        )
    if group.kind == "money":
        whole = f"{said[0]} {values[1]}"
        return Detail(
            words=name,
            said=whole,
            value=list(values),
            phrase=rng.choice((f"the {name} is {whole}", f"the {name} should be {whole}")),
        )
    whole = ", ".join(str(value) for value in values)
    return Detail(words=name, said=whole, value=list(values), phrase=f"the {name} is {whole}")


def _same_year(values: Sequence[str], rng: random.Random) -> list[str]:
    """Two moments as people say them one after the other: "12 March", "17 March 2026"."""
    low, high = (say(value) for value in values)
    if len(values[0]) == 10 and values[0][:4] == values[1][:4]:
        low = low.removesuffix(f" {values[0][:4]}")
    return [low, high]


def say_separately(group: CombinedValues, values: Sequence[Any], arguments: Any) -> str:
    """The same, each under its own name: what is said where the one breath is not clear."""
    clauses = [
        f"the {path_words(pointer, arguments)} is {quoted_if_long(value)}"
        for pointer, value in zip(group.pointers, values, strict=True)
    ]
    return " and ".join(clauses)


def quoted_if_long(value: Any) -> str:
    """A text of several words in quotes, anything else as it is said."""
    said = say(value)
    return f'"{said}"' if isinstance(value, str) and said == value and " " in value else said
