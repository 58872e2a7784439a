"""Values in the words people use: how a value is said, and whether a text says it."""

from __future__ import annotations

import random
import re
from datetime import date
from functools import lru_cache

from inftool.language.dates import (
    DATE,
    DATETIME,
    TIME,
    date_forms,
    parse_date,
    time_forms,
    yearless_forms,
)

_NUMBER_WORDS = tuple("zero one two three four five six seven eight nine ten eleven twelve".split())
_COUNT_WORDS = {1: ("once", "a single"), 2: ("twice", "a pair"), 3: ("thrice", "a trio")}
_ACRONYMS = {
    word.lower(): word for word in ("ID", "URL", "URI", "IBAN", "SKU", "ISBN", "IP", "SMS", "API")
}
# From this size on, a float no longer holds cents exactly, so decimals would be noise.
_LARGEST_WITH_CENTS = 1e15
# Longer texts are prose or data, however they are written.
_LONGEST_CODE = 40
# Only the commonest forms are used for saying a date or a time; all of them are understood.
_SPOKEN_DATES = 4
_SPOKEN_TIMES = 3

_BOUNDARY = re.compile(r"[_\-./\s]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# "in_progress", "out-for-delivery" | "IN_TRANSIT" | "inTransit" | "PENDING"
_CODE = re.compile(
    r"^[a-z]{2,}([_-][a-z]+)+$|^[A-Z]{2,}(_[A-Z]+)+$|^[a-z]{2,}([A-Z][a-z]+)+$|^[A-Z]{5,}$"
)
_SORT_KEY = re.compile(r"^([-+])([A-Za-z][A-Za-z_]+)$")
_YEAR = re.compile(r",? (?:of )?\d{4}\b")
_SPACE = re.compile(r"\s+")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " ", "–": "-", "—": "-"})


@lru_cache(maxsize=65536)
def split_name(name: str) -> str:
    """An identifier as words: `delivery_date` gives `delivery date`, `customerId` `customer ID`."""
    return " ".join(_spelled(word) for word in _BOUNDARY.split(name) if word)


def _spelled(word: str) -> str:
    if word.lower() in _ACRONYMS:
        return _ACRONYMS[word.lower()]
    # A short word in capitals is an acronym that the table lacks.
    is_acronym = word.isupper() and 1 < len(word) <= 4
    return word if is_acronym else word.lower()


def is_code(text: str) -> bool:
    """Whether people would say a string as plain words: `in_progress`, `IN_TRANSIT`."""
    return len(text) <= _LONGEST_CODE and _CODE.match(text) is not None


def say(value: object, rng: random.Random | None = None) -> str:
    """A JSON value as a person would say it; with `rng`, in one of the usual ways.

    Strings stay as they are, except for dates, times, codes and sort keys:
    `2026-03-03` gives `3 March 2026`, `in_progress` gives `in progress`, `-price` gives
    `price descending`. Lists are joined with "and".
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return _say_float(value)
    if isinstance(value, list):
        return join([say(item, rng) for item in value])
    if isinstance(value, dict):
        return ", ".join(f"{split_name(key)} {say(item, rng)}" for key, item in value.items())
    text = str(value)
    return text if isinstance(value, int) else _say_text(text, rng)


def _say_float(value: float) -> str:
    if abs(value) < _LARGEST_WITH_CENTS:
        if value.is_integer():
            return f"{int(value):,}" if abs(value) >= 10_000 else str(int(value))
        if round(value, 2) == value:
            return f"{value:,.2f}"
    return str(value)


def _say_text(text: str, rng: random.Random | None) -> str:
    if DATE.match(text) and (day := parse_date(text)):
        return _pick(date_forms(day)[:_SPOKEN_DATES], rng)
    if DATETIME.match(text) and (day := parse_date(text)):
        spoken_date = _pick(date_forms(day)[:_SPOKEN_DATES], rng)
        clock = text[11:19].rstrip("Zz")
        return f"{spoken_date} at {_pick(time_forms(clock)[:_SPOKEN_TIMES], rng)}"
    if TIME.match(text):
        return _pick(time_forms(text)[:_SPOKEN_TIMES], rng)
    if sort_key := _say_sort_key(text):
        return sort_key
    return split_name(text).lower() if is_code(text) else text


def _say_sort_key(text: str) -> str:
    """A sort key in words, empty for any other text: `-publishedOn`, `published on descending`."""
    match = _SORT_KEY.match(text)
    if match is None:
        return ""
    direction = "descending" if match[1] == "-" else "ascending"
    return f"{split_name(match[2]).lower()} {direction}"


def _pick(options: list[str], rng: random.Random | None) -> str:
    return rng.choice(options) if rng else options[0]


def join(parts: list[str], last: str = "and") -> str:
    """Parts as a list in a sentence: `a, b and c`."""
    if len(parts) < 2:
        return parts[0] if parts else ""
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


@lru_cache(maxsize=8192)
def normalize(text: str) -> str:
    """A text made ready for `mentions` and `contains`: one case, plain quotes, single spaces."""
    return _SPACE.sub(" ", text.translate(_QUOTES)).casefold().strip()


def contains(text: str, form: str) -> bool:
    """Whether a normalized text holds a normalized form as whole words and numbers.

    `cart art` holds `art`; `carton` does not, and `1,250` does not hold `250`.
    """
    if not form:
        return False
    start = text.find(form)
    while start >= 0:
        if _begins_word(text, start) and _ends_word(text, start + len(form)):
            return True
        start = text.find(form, start + 1)
    return False


def _begins_word(text: str, start: int) -> bool:
    first, before = text[start], text[start - 1] if start else " "
    if first.isalnum() and (before.isalnum() or before == "_"):
        return False
    # In "1,250", "2026-03" and "14:30" the second number is a part of the whole.
    goes_on = first.isdigit() and before in ".,:-/"
    return not (goes_on and start > 1 and text[start - 2].isdigit())


def _ends_word(text: str, end: int) -> bool:
    last, after = text[end - 1], text[end] if end < len(text) else " "
    if last.isalnum() and (after.isalnum() or after == "_"):
        return False
    # "12." at the end of a sentence is whole, "12.5" is not. A dash may follow: "9-17" says 9.
    goes_on = last.isdigit() and after in ".,:"
    return not (goes_on and end + 1 < len(text) and text[end + 1].isdigit())


def mentions(text: str, value: object) -> bool:
    """Whether a normalized text says a scalar value in any usual wording.

    Knows numbers, amounts, dates, times, codes and sort keys: `two of them` says 2, and
    `on march 3rd, 2026` says `2026-03-03`.
    """
    if value is None:
        return contains(text, "none")
    if isinstance(value, bool):
        return contains(text, "yes" if value else "no")
    if isinstance(value, (int, float)):
        return any(contains(text, form) for form in _number_forms(value))
    raw = str(value)
    if contains(text, normalize(raw)):
        return True
    if DATETIME.match(raw) and (day := parse_date(raw)):
        clock = raw[11:19] if len(raw) >= 19 and raw[16] == ":" else raw[11:16]
        return _mentions_date(text, day) and any(contains(text, form) for form in time_forms(clock))
    if DATE.match(raw) and (day := parse_date(raw)):
        return _mentions_date(text, day)
    if TIME.match(raw):
        return any(contains(text, form) for form in time_forms(raw))
    if sort_key := _say_sort_key(raw):
        return contains(text, sort_key.casefold())
    return is_code(raw) and contains(text, split_name(raw).casefold())


def _mentions_date(text: str, day: date) -> bool:
    """Whether a normalized text says a date; the year may be missing but not be another one."""
    if any(contains(text, normalize(form)) for form in date_forms(day)):
        return True
    return any(_mentions_yearless(text, form.casefold()) for form in yearless_forms(day))


def _mentions_yearless(text: str, form: str) -> bool:
    start = text.find(form)
    while start >= 0:
        end = start + len(form)
        is_whole = not text[start - 1 : start].isalnum() and not text[end : end + 1].isalnum()
        if is_whole and not _YEAR.match(text, end):
            return True
        start = text.find(form, end)
    return False


def _number_forms(value: float) -> list[str]:
    """The usual ways to write a number: 0.25 gives `0.25`, `25%` and `25 percent`."""
    if value < 0:
        return [f"{sign}{form}" for form in _number_forms(-value) for sign in ("-", "minus ")]
    is_whole = float(value).is_integer()
    forms = [f"{int(value)}", f"{int(value):,}"] if is_whole else [repr(value), f"{value:,}"]
    if is_whole and value < len(_NUMBER_WORDS):
        forms.append(_NUMBER_WORDS[int(value)])
    if is_whole and value in _COUNT_WORDS:
        forms += _COUNT_WORDS[int(value)]
    if abs(value) < _LARGEST_WITH_CENTS and round(value, 2) == value:
        # An amount of money; one decimal is enough where the second is zero.
        forms += [f"{value:.2f}", f"{value:,.2f}"]
        if round(value, 1) == value:
            forms.append(f"{value:.1f}")
    if 0 < value < 1 and round(value * 100, 6).is_integer():
        forms += [f"{round(value * 100)}%", f"{round(value * 100)} percent"]
    return forms
