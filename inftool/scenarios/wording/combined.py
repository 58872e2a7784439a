"""Values that people say in one clause.

They are a range by its two ends, a first and a last name, an amount and its currency, and the lines
of an address.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from inftool.core.blueprints import Detail
from inftool.language.values import say, split_name
from inftool.scenarios.wording.details import Style
from inftool.scenarios.wording.phrases import are, path_words, plain_words
from inftool.scenarios.wording.word_sets import WORD_SETS

CombinedKind = Literal["moments", "numbers", "name", "money", "address"]
Literals = Mapping[str, tuple[str, object]]
"""The literals of one object: the property's name in words -> (pointer, value)."""

GENERIC_NAMES = WORD_SETS["generic_range_names"]
"""Names of ranges that say no more than that they are times: "date range"."""

_LOW = (
    "minimum|min|from|after|since|start|starting|starts|begin|beginning|earliest|lowest|lower|gte"
    "|gt|greater than|newer than|not before|first day|valid from"
)
_HIGH = (
    "maximum|max|to|before|until|end|ending|ends|latest|highest|upper|lte|lt|less than|older than"
    "|not after|last day|valid to|finish|till"
)
# In front of the name or behind it: "start date", "date from".
_ENDS = tuple(
    (re.compile(rf"^(?:{words})(?: (?P<a>.+))?$|^(?P<b>.+?) (?:{words})$", re.IGNORECASE), side)
    for words, side in ((_LOW, "low"), (_HIGH, "high"))
)
_FIRST_NAMES = WORD_SETS["first_names"]
_LAST_NAMES = WORD_SETS["last_names"]
_AMOUNTS = ("amount", "value", "total", "price", "total amount")
_CURRENCY = re.compile(r"^[A-Z]{3}$")
_STREET = re.compile(
    r"^(?:street(?: address| name)?|address(?: line)?(?: ?1)?|line ?1|address 1|street ?1"
    r"|address line ?1)$"
)
_SECOND_LINE = re.compile(r"^(?:address(?: line)? ?2|line ?2|street ?2)$")
_TOWNS = WORD_SETS["towns"]
# In the order in which they follow the town.
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
# A name of one word; with more it would not be clear where the last name begins.
_ONE_NAME = re.compile(r"[^\W\d_][\w'-]*")


class CombinedValues(NamedTuple):
    """Places of a call's arguments whose values are said in one clause."""

    kind: CombinedKind
    """How the values belong together."""

    pointers: tuple[str, ...]
    """The places, in the order in which the values are said."""

    name: str
    """The name under which they are said; empty for a range of times without one."""


def range_end(words: str) -> tuple[str, str] | None:
    """The side of a range that a name means, and the name of the range; None for other names.

    "start date" -> ("low", "date"), "price max" -> ("high", "price"), "until" -> ("high", "").
    """
    text = re.sub(r"\s+utc$", "", words.lower())
    for pattern, side in _ENDS:
        if match := pattern.match(text):
            return side, (match["a"] or match["b"] or "").strip()
    return None


def find_combinable(literals: Sequence[tuple[str, object]]) -> Iterator[CombinedValues]:
    """What can be said in one clause of the literals (pointer, value) of one call.

    Every pointer is in one result at most.
    """
    objects: dict[str, dict[str, tuple[str, object]]] = {}
    for pointer, value in literals:
        parent, _, key = pointer.rpartition("/")
        if not key.isdigit():
            objects.setdefault(parent, {})[split_name(key).lower()] = (pointer, value)
    for parent, members in objects.items():
        if len(members) < 2:
            continue
        # Of several items only the first could be named so; the others are told by their place.
        if any(part.isdigit() and part != "0" for part in parent.split("/")):
            continue
        parts = [part for part in parent.split("/") if part and not part.isdigit()]
        owner = plain_words(parts[-1]) if parts else ""
        yield from _ranges(members, owner)
        yield from _full_names(members, owner)
        yield from _amounts(members, owner)
        yield from _addresses(members, owner)


def _ranges(members: Literals, owner: str) -> Iterator[CombinedValues]:
    """{"price min": 10, "price max": 20} -> the numbers of "price"."""
    ends: dict[str, dict[str, tuple[str, object]]] = {}
    for words, literal in members.items():
        if (end := range_end(words)) is not None and not isinstance(literal[1], bool):
            side, stem = end
            ends.setdefault(stem, {}).setdefault(side, literal)
    for stem, pair in ends.items():
        if len(pair) < 2:
            continue
        (low_pointer, low), (high_pointer, high) = pair["low"], pair["high"]
        kind = _range_kind(low, high)
        if kind is None:
            continue
        name = stem
        if stem in GENERIC_NAMES and owner and owner not in GENERIC_NAMES:
            name = owner
        yield CombinedValues(kind, (low_pointer, high_pointer), name)


def _range_kind(low: object, high: object) -> CombinedKind | None:
    """Whether two values are the ends of a range of moments or of numbers; None if of neither.

    "On 3 May" is a range of moments with equal ends; numbers have to differ.
    """
    if isinstance(low, str) and isinstance(high, str):
        same_form = _is_moment(low) and _is_moment(high) and len(low) == len(high)
        return "moments" if same_form and low <= high else None
    if isinstance(low, (int, float)) and isinstance(high, (int, float)):
        return "numbers" if low < high else None
    return None


def _is_moment(value: str) -> bool:
    return _MOMENT.match(value) is not None


def _full_names(members: Literals, owner: str) -> Iterator[CombinedValues]:
    """{"first name": "Ana", "last name": "Ruiz"} of a guest -> the "guest name"."""
    first = next((members[words] for words in _FIRST_NAMES if words in members), None)
    last = next((members[words] for words in _LAST_NAMES if words in members), None)
    if first is None or last is None:
        return
    if all(isinstance(value, str) and _ONE_NAME.fullmatch(value) for _, value in (first, last)):
        # Beside a "name" of its own, what these two make is the full name.
        noun = "full name" if "name" in members else "name"
        yield CombinedValues("name", (first[0], last[0]), f"{owner} {noun}".strip())


def _amounts(members: Literals, owner: str) -> Iterator[CombinedValues]:
    """{"value": 12.5, "currency": "EUR"} of a deposit -> the "deposit"."""
    amounts = [
        words
        for words, (_, value) in members.items()
        if words in _AMOUNTS and not isinstance(value, bool)
    ]
    codes = [
        words
        for words, (_, value) in members.items()
        if words in ("currency", "currency code")
        and isinstance(value, str)
        and _CURRENCY.match(value)
    ]
    if len(amounts) != 1 or len(codes) != 1:
        return
    pointer, amount = members[amounts[0]]
    if isinstance(amount, (int, float)) or re.fullmatch(r"\d+(?:\.\d+)?", str(amount)):
        yield CombinedValues("money", (pointer, members[codes[0]][0]), owner or amounts[0])


def _addresses(members: Literals, owner: str) -> Iterator[CombinedValues]:
    """{"street": "5 Mill Road", "city": "Leeds", "zip": "LS1 4AP"} -> the "address"."""
    street = next((item for words, item in members.items() if _STREET.match(words)), None)
    town = next((members[words] for words in members if words in _TOWNS), None)
    if street is None or town is None:
        return
    second = [members[words] for words in members if _SECOND_LINE.match(words)]
    rest = [members[words] for words in _AFTER_TOWN if words in members]
    lines = [street, *second, town, *rest]
    # The lines are joined by commas, and end with the sentence.
    if all(isinstance(value, str) and not re.search(r"[,;.!?\"]", value) for _, value in lines):
        yield CombinedValues("address", tuple(pointer for pointer, _ in lines), owner or "address")


def say_combined(
    group: CombinedValues, values: Sequence[object], style: Style, rng: random.Random
) -> Detail:
    """Some values in one clause: "the stay from 12 May to 17 May 2026"."""
    if group.kind in ("moments", "numbers"):
        return _say_range(group, values, style, rng)
    said = [say(value, rng) for value in values]
    name = group.name
    if group.kind == "name":
        whole = f"{values[0]} {values[1]}"
        phrase = rng.choice((f"the {name} is {whole}", f"the {name} would be {whole}"))
    elif group.kind == "money":
        whole = f"{said[0]} {values[1]}"
        phrase = rng.choice((f"the {name} is {whole}", f"the {name} should be {whole}"))
    else:
        whole = ", ".join(str(value) for value in values)
        phrase = f"the {name} is {whole}"
    return Detail(words=name, said=whole, value=list(values), phrase=phrase)


def _say_range(
    group: CombinedValues, values: Sequence[object], style: Style, rng: random.Random
) -> Detail:
    said = [say(value, rng) for value in values]
    name = group.name
    is_generic = name in GENERIC_NAMES
    form = "between {} and {}"
    if group.kind == "moments":
        said = _without_first_year(values)
        form = rng.choice(("between {} and {}", "from {} to {}"))
    span = form.format(*said) if values[0] != values[1] else f"on {said[1]}"
    if group.kind == "moments" and not is_generic and (name == "due" or name.endswith("ed")):
        # "created from 3 May to 9 May": the name is a participle.
        lead = "only those" if style == "filter" else "it should be"
        return Detail(words=name, said=span, value=list(values), phrase=f"{lead} {name} {span}")
    if group.kind == "moments" and is_generic:
        phrase = (
            rng.choice((f"only those {span}", f"just the ones {span}"))
            if style == "filter"
            else f"it should be {span}"
        )
    elif style == "filter":
        verb = "have" if are(name) == "are" else "has"
        phrase = rng.choice(
            (
                f"only those with the {name} {span}",
                f"the {name} {verb} to be {span}",
                f"I need the ones with the {name} {span}",
            )
        )
    else:
        phrase = f"the {name} {are(name)} {span}"
    return Detail(words=name or "dates", said=span, value=list(values), phrase=phrase)


def _without_first_year(values: Sequence[object]) -> list[str]:
    """Two moments as people say them one after the other: "12 March", "17 March 2026"."""
    first, second = str(values[0]), str(values[1])
    low, high = say(first), say(second)
    # Only of dates: a date with a time is said with its year.
    if len(first) == len("2026-03-12") and first[:4] == second[:4]:
        low = low.removesuffix(f" {first[:4]}")
    return [low, high]


def say_separately(group: CombinedValues, values: Sequence[object], arguments: object) -> str:
    """The same values, each under its own name, for where one clause is not clear."""
    clauses = [
        f"the {path_words(pointer, arguments)} is {quoted_if_long(value)}"
        for pointer, value in zip(group.pointers, values, strict=True)
    ]
    return " and ".join(clauses)


def quoted_if_long(value: object) -> str:
    """A text of several words in quotes, anything else as it is said."""
    said = say(value)
    return f'"{said}"' if isinstance(value, str) and said == value and " " in value else said
