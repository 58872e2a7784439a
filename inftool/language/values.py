"""Values in the words people use: how a value is said, and whether a text says it."""

from __future__ import annotations

import random
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from inftool.core.types import JsonObject

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]

_BOUNDARY = re.compile(r"[_\-./\s]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_DATETIME = re.compile(
    r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?$"
)
_TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")
_CODE = re.compile(
    r"^[a-z]{2,}([_-][a-z]+)+$|^[A-Z]{2,}(_[A-Z]+)+$|^[a-z]{2,}([A-Z][a-z]+)+$|^[A-Z]{5,}$"
)
_ORDER = re.compile(r"^([-+])([A-Za-z][A-Za-z_]+)$")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "–": "-", "—": "-"})
_ACRONYMS = {
    "id": "ID",
    "url": "URL",
    "uri": "URI",
    "iban": "IBAN",
    "sku": "SKU",
    "isbn": "ISBN",
    "ip": "IP",
    "sms": "SMS",
    "api": "API",
}


@lru_cache(maxsize=65536)
def split_name(name: str) -> str:
    """An identifier as words: `deliveryDate` and `delivery_date` become "delivery date", `customerId` "customer ID"."""
    words = [word for word in _BOUNDARY.split(name) if word]
    return " ".join(
        _ACRONYMS.get(word.lower(), word if word.isupper() and 1 < len(word) <= 4 else word.lower())
        for word in words
    )


def is_code(text: str) -> bool:
    """Whether a string is a machine's word (`in_progress`, `IN_TRANSIT`) that people would say as plain words."""
    return len(text) <= 40 and _CODE.match(text) is not None


def _parse_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def date_forms(day: date) -> list[str]:
    """The usual ways to write a date, the ones that `say` picks from first."""
    month, suffix = MONTHS[day.month - 1], _ordinal(day.day)
    return [
        f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", f"{month} {suffix}, {day.year}", f"{suffix} of {month} {day.year}",
        f"{suffix} {month} {day.year}", f"{month} {day.day} {day.year}", f"{day.day} {month[:3]} {day.year}", f"{month[:3]} {day.day}, {day.year}",
        f"{day.day}. {month} {day.year}", day.isoformat(), f"{day.day:02d}/{day.month:02d}/{day.year}", f"{day.month:02d}/{day.day:02d}/{day.year}",
        f"{day.month}/{day.day}/{day.year}", f"{day.day}.{day.month}.{day.year}", f"{day.day:02d}.{day.month:02d}.{day.year}",
    ]  # fmt: skip


_YEAR = re.compile(r",? (?:of )?\d{4}\b")


def _says_date(text: str, day: date) -> bool:
    """Whether a normalised text says a date; a day and month without a year will do, another year will not."""
    if any(contains(text, normalize(form)) for form in date_forms(day)):
        return True
    month, suffix = MONTHS[day.month - 1].casefold(), _ordinal(day.day)
    for form in (
        f"{day.day} {month}",
        f"{month} {day.day}",
        f"{suffix} of {month}",
        f"{month} {suffix}",
        f"{suffix} {month}",
    ):
        start = text.find(form)
        while start >= 0:
            end = start + len(form)
            alone = not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()
            if alone and not _YEAR.match(text, end):
                return True
            start = text.find(form, end)
    return False


def _ordinal(number: int) -> str:
    suffix = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{suffix}"


def _time_forms(clock: str) -> list[str]:
    hour, minute = int(clock[:2]), int(clock[3:5])
    second = int(clock[6:8]) if len(clock) >= 8 else 0
    half, meridiem = hour % 12 or 12, "am" if hour < 12 else "pm"
    if second:
        return [f"{hour:02d}:{minute:02d}:{second:02d}", f"{hour}:{minute:02d}:{second:02d}"]
    forms = [
        f"{hour}:{minute:02d}", f"{hour:02d}:{minute:02d}", f"{half}:{minute:02d} {meridiem}", f"{half}:{minute:02d}{meridiem}",
        f"{half}:{minute:02d} {meridiem[0]}.m.",
    ]  # fmt: skip
    if minute == 0:
        forms += [f"{half} {meridiem}", f"{half}{meridiem}", f"{half} o'clock"]
        forms += {0: ["midnight"], 12: ["noon"]}.get(hour, [])
    return forms


def _number_forms(value: float) -> list[str]:
    if value < 0:
        return [f"{sign}{form}" for form in _number_forms(-value) for sign in ("-", "minus ")]
    whole = float(value).is_integer()
    forms = [f"{int(value)}", f"{int(value):,}"] if whole else [repr(value), f"{value:,}"]
    if whole and value <= 12:
        forms.append(NUMBERS[int(value)])
    if whole and 1 <= value <= 3:
        forms += [
            {1: "once", 2: "twice", 3: "thrice"}[int(value)],
            {1: "a single", 2: "a pair", 3: "a trio"}[int(value)],
        ]
    if abs(value) < 1e15 and round(value, 2) == value:
        forms += (
            [f"{value:.2f}", f"{value:,.2f}", f"{value:.1f}"]
            if round(value, 1) == value
            else [f"{value:.2f}", f"{value:,.2f}"]
        )
    if 0 < value < 1 and round(value * 100, 6).is_integer():
        forms += [f"{round(value * 100)}%", f"{round(value * 100)} percent"]
    return forms


def say(value: Any, schema: JsonObject | None = None, rng: random.Random | None = None) -> str:
    """A value as a person would say it; with `rng`, one of the usual ways.

    Strings stay as they are but for dates, times and machine words; lists are joined with "and".
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float)):
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
        return (
            f"{value:,.2f}"
            if isinstance(value, float) and round(value, 2) == value and abs(value) < 1e15
            else str(value)
        )
    if isinstance(value, list):
        return join([say(item, None, rng) for item in value])
    if isinstance(value, dict):
        return ", ".join(f"{split_name(key)} {say(item, None, rng)}" for key, item in value.items())
    text = str(value)
    if _DATE.match(text) and (day := _parse_date(text)):
        return _pick(date_forms(day)[:4], rng)
    if _DATETIME.match(text) and (day := _parse_date(text)):
        return f"{_pick(date_forms(day)[:4], rng)} at {_pick(_time_forms(text[11:19].rstrip('Zz'))[:3], rng)}"
    if _TIME.match(text):
        return _pick(_time_forms(text)[:3], rng)
    if order := _ordered(text):
        return order
    if is_code(text):
        return split_name(text).lower()
    return text


def _ordered(text: str) -> str:
    """ "-publishedOn" as people say it: "published on, descending" without the comma; empty for anything else."""
    found = _ORDER.match(text)
    return (
        f"{split_name(found[2]).lower()} {'descending' if found[1] == '-' else 'ascending'}"
        if found
        else ""
    )


def _pick(options: list[str], rng: random.Random | None) -> str:
    return rng.choice(options) if rng else options[0]


def join(parts: list[str], last: str = "and") -> str:
    """Parts as a list in a sentence: "a, b and c"."""
    return (
        parts[0]
        if len(parts) == 1
        else f"{', '.join(parts[:-1])} {last} {parts[-1]}"
        if parts
        else ""
    )


@lru_cache(maxsize=8192)
def normalize(text: str) -> str:
    """A text made ready for `mentions`: one case, plain quotes, single spaces."""
    return _SPACE.sub(" ", text.translate(_QUOTES)).casefold().strip()


def contains(text: str, form: str) -> bool:
    """Whether a normalised text holds a normalised form as a whole: not as part of a longer word or number."""
    if not form:
        return False
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        before, after = text[start - 1] if start else " ", text[end] if end < len(text) else " "
        head = not (before.isalnum() or before == "_") or not form[0].isalnum()
        tail = not (after.isalnum() or after == "_") or not form[-1].isalnum()
        if (
            head
            and form[0].isdigit()
            and before in ".,:-/"
            and start > 1
            and text[start - 2].isdigit()
        ):
            head = False
        if (
            tail
            and form[-1].isdigit()
            and after in ".,:"
            and end + 1 < len(text)
            and text[end + 1].isdigit()
        ):
            tail = False
        if head and tail:
            return True
        start = text.find(form, start + 1)
    return False


def mentions(text: str, value: Any) -> bool:
    """Whether a normalised text says a scalar value in any usual wording (numbers, dates, times, money, machine words)."""
    if value is None or isinstance(value, bool):
        return contains(text, {None: "none", True: "yes", False: "no"}[value])
    if isinstance(value, (int, float)):
        return any(contains(text, form) for form in _number_forms(value))
    raw = str(value)
    if contains(text, normalize(raw)):
        return True
    if _DATETIME.match(raw) and (day := _parse_date(raw)):
        clock = raw[11:19] if len(raw) >= 19 and raw[16] == ":" else raw[11:16]
        return _says_date(text, day) and any(contains(text, form) for form in _time_forms(clock))
    if _DATE.match(raw) and (day := _parse_date(raw)):
        return _says_date(text, day)
    if _TIME.match(raw):
        return any(contains(text, form) for form in _time_forms(raw))
    if order := _ordered(raw):
        return contains(text, order.casefold())
    if is_code(raw):
        return contains(text, split_name(raw).casefold())
    return False


def round_time(value: Any) -> Any:
    """A sampled date-time on the full quarter of an hour, as people say it; anything else as it is."""
    if not (isinstance(value, str) and _DATETIME.match(value)):
        return value
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return value
    rounded = moment.replace(
        minute=moment.minute - moment.minute % 15, second=0, microsecond=0
    ).isoformat()
    return rounded.replace("+00:00", "Z") if value[-1] in "Zz" else rounded
