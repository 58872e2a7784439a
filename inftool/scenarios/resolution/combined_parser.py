"""Parses values that are said in one clause: lists, ranges, names, amounts and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from inftool.core.types import Schema
from inftool.scenarios.resolution.value_parser import name_slots, same_value
from inftool.scenarios.resolution.value_reader import (
    MONTH_NAMES,
    NUMBER,
    month_number,
    number_of,
    read_value,
)
from inftool.scenarios.wording.phrases import path_words, singular

# "monday, friday and sunday": but "friday, the quantity ..." begins another clause.
_NEXT_ITEM = re.compile(r", (?!the\b)| and (?!the\b)")
# A range of these needs no name: "only those between 3 May and 9 May 2026".
_UNNAMED_RANGES = frozenset(
    ("date", "dates", "time", "period", "day", "range", "timestamp", "window", "created", "at")
)
_RANGE_MIDDLE = re.compile(r" (?:and|to) (?=\S)")
# The first day of two in one year is said without the year: "from 3 May to 9 May 2026".
_DAY_WITHOUT_YEAR = re.compile(
    rf"(?P<day>\d{{1,2}}) (?P<month>{MONTH_NAMES})(?= (?:and|to) )", re.IGNORECASE
)


def parse_list(text: str, words: str, item: Schema) -> list[object]:
    """The values of a list that a text gives under a name, each of the type of `item`.

    ("the weekdays are monday, friday and sunday", "weekdays") -> monday, friday, sunday. A list of
    one value goes by the name of one: "the weekday is monday".
    """
    slot = name_slots(words).list_after_name.search(text) or name_slots(
        singular(words)
    ).list_after_name.search(text)
    values: list[object] = []
    at = slot.end() if slot else -1
    while at >= 0 and (reading := read_value(text, at, item)) is not None:
        values.append(reading.value)
        separator = _NEXT_ITEM.match(text, reading.end)
        at = separator.end() if separator else -1
    return values


def parse_range(text: str, name: str, schema: Schema) -> list[list[object]]:
    """Every pair of ends that a text gives for a range.

    ("the price between 10 and 20", "price") -> `[[10, 20]]`. An empty name, or one that says no
    more
    than that it is a time, also takes "only those from 3 May to 9 May 2026".
    """
    opening = _range_opening(name)
    ranges: list[list[object]] = []
    for match in re.finditer(rf"{opening}on (?=\S)", text, re.IGNORECASE):
        if (reading := read_value(text, match.end(), schema)) is not None:
            ranges.append([reading.value, reading.value])
    for match in re.finditer(rf"{opening}(?:between|from) (?=\S)", text, re.IGNORECASE):
        if (ends := _range_ends(text, match.end(), schema)) is not None:
            ranges.append(ends)
    return ranges


def _range_opening(name: str) -> str:
    """A pattern for what stands in front of "between", "from" or "on"."""
    ways = []
    if name:
        word = re.escape(name)
        ways.append(
            rf"(?:the|a) {word}(?: is| are| (?:has|have) to be| should be)?"
            rf"|(?:only those|it should be) {word}"
        )
    if not name or name in _UNNAMED_RANGES:
        ways.append(r"only those|the ones|it should be")
    return rf"\b(?:{'|'.join(ways)}) "


def _range_ends(text: str, at: int, schema: Schema) -> list[object] | None:
    """The two ends of a range that begins at a position: "3 May to 9 May 2026"."""
    day = _DAY_WITHOUT_YEAR.match(text, at)
    first = None if day else read_value(text, at, schema)
    end = day.end() if day else first.end if first else None
    middle = _RANGE_MIDDLE.match(text, end) if end is not None else None
    high = read_value(text, middle.end(), schema) if middle else None
    if high is None:
        return None
    if day:
        year = str(high.value)[:4]
        return [f"{year}-{month_number(day['month']):02d}-{int(day['day']):02d}", high.value]
    return [first.value, high.value] if first else None


def parse_combined(
    text: str, kind: str, name: str, schemas: Sequence[Schema], count: int
) -> list[list[object]]:
    """Every set of values that a text gives in one clause under a name.

    `kind` is that of `inftool.scenarios.wording.combined.CombinedValues`, `schemas` and `count`
    are those of the values, in order.
    """
    if kind in ("moments", "numbers"):
        return parse_range(text, name, schemas[0])
    clauses = re.finditer(
        rf"\bthe {re.escape(name)} (?:is|would be|should be) (?=\S)", text, re.IGNORECASE
    )
    rests = [text[match.end() :] for match in clauses]
    if kind == "name":
        return [values for rest in rests for values in _full_name(rest)]
    if kind == "money":
        return [values for rest in rests for values in _amount(rest, schemas[0])]
    return [values for rest in rests for values in _address(rest, count)]


def _full_name(text: str) -> Iterator[list[object]]:
    """ "Anna Bell, and ..." -> Anna, Bell"""
    words = re.match(r"([^\W\d_][\w'-]*) ([^\W\d_][\w'-]*)(?![\w'-])", text)
    if words:
        yield [words[1], words[2]]


def _amount(text: str, schema: Schema) -> Iterator[list[object]]:
    """ "1,250.00 EUR, ..." -> 1250.0, EUR; the amount as text where its schema asks for one."""
    number = NUMBER.match(text)
    code = re.match(r" ([A-Z]{3})\b", text[number.end() :]) if number else None
    if number and code:
        amount = number_of(number[0])
        yield [number[0].replace(",", "") if schema.get("type") == "string" else amount, code[1]]


def _address(text: str, count: int) -> Iterator[list[object]]:
    """ "5 Mill Road, Leeds, LS1 4AP. ..." -> its parts; an address goes to the sentence's end."""
    sentence = re.match(r"[^.;!?]+", text)
    parts: list[object] = list(sentence[0].split(", ")) if sentence else []
    if len(parts) == count:
        yield parts


def recovers_list(
    text: str, pointer: str, values: Sequence[object], item: Schema, arguments: object
) -> bool:
    """Whether a text gives exactly these values for the list at a pointer of the arguments."""
    parsed = parse_list(text, path_words(pointer, arguments), item)
    return len(parsed) == len(values) and all(map(same_value, parsed, values))


def recovers_combined(
    text: str, kind: str, name: str, values: Sequence[object], schemas: Sequence[Schema]
) -> bool:
    """Whether a text gives exactly these values in one clause under a name."""
    sets = [
        parsed
        for parsed in parse_combined(text, kind, name, schemas, len(values))
        if len(parsed) == len(values)
    ]
    return len(sets) == 1 and all(
        same_value(one, value) or str(one) == str(value)
        for one, value in zip(sets[0], values, strict=True)
    )
