"""Reads one value at a position of a text, typed as its JSON Schema says.

It knows how people write numbers, dates, times, quoted texts and words, and how they correct
themselves. It knows nothing about names: where a value stands is `value_parser`'s business.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from inftool.core.types import Schema
from inftool.language.dates import MONTHS
from inftool.language.values import is_code, say, split_name

NUMBER = re.compile(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d+)?")
MONTH_NAMES = "|".join(MONTHS)
_DATE = (
    # "3 May 2026", "3rd of May 2026"
    rf"(?:(?P<d1>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<m1>{MONTH_NAMES}),? (?P<y1>\d{{4}})"
    # "May 3rd, 2026"
    rf"|(?P<m2>{MONTH_NAMES}) (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}}))"
)
_CLOCK = r"(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2}))?(?: ?(?P<half>am|pm))?"
_DATE_TIME_RE = re.compile(rf"{_DATE}(?: at {_CLOCK})?", re.IGNORECASE)
_CLOCK_RE = re.compile(_CLOCK, re.IGNORECASE)
_QUOTED_RE = re.compile(r'"([^"]*)"')
_TOKEN_RE = re.compile(r"[^\s,\"]+")
# "3, no, sorry, 4": what stands behind it replaces what stands in front of it.
_CORRECTION = re.compile(
    r"\s*(?:,|—|-)\s*(?:no, wait|no, sorry|no|sorry|wait)\s*,\s*(?:i mean(?:t)? |make that )?",
    re.IGNORECASE,
)


class Reading(NamedTuple):
    """A value that was read from a text."""

    value: object
    """The value, in the type that its schema asks for."""

    end: int
    """The position behind its last character."""


def read_value(text: str, at: int, schema: Schema) -> Reading | None:
    """The value that begins at a position of a text; None where no value of its type does.

    `("on 3 May 2026 please", 3, {"type": "string"})` -> `("2026-05-03", 13)`.
    """
    kind = main_type(schema)
    options = schema.get("enum")
    if isinstance(options, list) and options:
        return _read_option(text, at, options)
    if kind in ("integer", "number"):
        number = NUMBER.match(text, at)
        return Reading(number_of(number[0]), number.end()) if number else None
    if quoted := _QUOTED_RE.match(text, at):
        return Reading(quoted[1], quoted.end())
    moment = _DATE_TIME_RE.match(text, at)
    if moment and (day := _iso_date(moment)):
        value = f"{day}T{_iso_time(moment)}Z" if moment["h"] else day
        return Reading(value, moment.end())
    clock = _CLOCK_RE.match(text, at)
    if clock and not text[clock.end() : clock.end() + 1].isalnum():
        # A time without seconds stays without them: "9:30 am" -> "09:30".
        time = _iso_time(clock)
        return Reading(time if clock["s"] else time[:5], clock.end())
    token = _TOKEN_RE.match(text, at)
    if not token:
        return None
    word = token[0].rstrip(".,;:")
    # A schema without a type does not say that "12" is a text.
    value_of_word = number_of(word) if kind is None and NUMBER.fullmatch(word) else word
    return Reading(value_of_word, at + len(word))


def read_corrected(text: str, at: int, schema: Schema) -> Reading | None:
    """The value at a position, or the one that corrects it: "3, sorry, I mean 4" -> 4."""
    first = read_value(text, at, schema)
    if first is None:
        return None
    correction = _CORRECTION.match(text, first.end)
    second = read_value(text, correction.end(), schema) if correction else None
    return second or first


def main_type(schema: Schema) -> object:
    """The type that a schema asks for, null aside: `["null", "string"]` -> `"string"`."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return next((kind for kind in kinds if kind != "null"), None)
    return kinds


def number_of(text: str) -> int | float:
    """A number as it is written: "1,250" -> 1250, "12.50" -> 12.5."""
    digits = text.replace(",", "")
    return float(digits) if "." in digits else int(digits)


def month_number(name: str) -> int:
    """The number of a month by its English name, in any case: "may" -> 5."""
    return [month.casefold() for month in MONTHS].index(name.casefold()) + 1


def _read_option(text: str, at: int, options: list[object]) -> Reading | None:
    """The listed value that a text holds at a position, the longest where one begins another."""
    best: Reading | None = None
    start = at + (text[at : at + 1] == '"')
    for option in options:
        for form in _forms_of_option(option):
            end = start + len(form)
            if (
                text[start:end].casefold() == form.casefold()
                and not text[end : end + 1].isalnum()
                and (best is None or end > best.end)
            ):
                best = Reading(option, end)
    return best


def _forms_of_option(option: object) -> set[str]:
    """The ways in which a listed value is said: "in_transit" -> "in_transit", "in transit"."""
    plain = str(option)
    # A sort key has its direction as a sign: "-publishedOn" is said "published on descending".
    sorted_by = say(option) if plain[:1] in ("-", "+") else plain
    return {plain, split_name(plain) if is_code(plain) else plain, sorted_by}


def _iso_date(match: re.Match[str]) -> str | None:
    day, month, year = (match[f"{part}1"] or match[f"{part}2"] for part in "dmy")
    try:
        return date(int(year), month_number(month), int(day)).isoformat()
    except ValueError:
        # "31 February 2026" is no date.
        return None


def _iso_time(match: re.Match[str]) -> str:
    hour = int(match["h"])
    if match["half"]:
        # 12 am is 00:00 and 12 pm is 12:00.
        hour = hour % 12 + (12 if match["half"].lower() == "pm" else 0)
    return f"{hour:02d}:{match['mi']}:{match['s'] or '00'}"
