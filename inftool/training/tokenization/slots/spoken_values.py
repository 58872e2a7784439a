"""Values as people say them: dates, times and numbers in words, and what makes two the same."""

from __future__ import annotations

import json
import re
from datetime import date

from inftool.language.dates import MONTHS
from inftool.language.values import normalize, split_name
from inftool.training.tokenization.slots.vocabulary import NO, YES

_MONTH = "|".join([*MONTHS, *(month[:3] for month in MONTHS)])
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?"
# "2024-05-03", "3rd of May 2024", "May 3rd, 2024"
DATE = (
    rf"(?:\d{{4}}-\d{{2}}-\d{{2}}|{_DAY} (?:of )?(?:{_MONTH}),? \d{{4}}"
    rf"|(?:{_MONTH}) {_DAY},? \d{{4}})"
)
"""A regular expression for a date; it has no groups."""

# "17:30", "5:30 p.m.", "5pm", "5 o'clock"
TIME = r"(?:\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]\.?m\.?)?|\d{1,2} ?[ap]m\b|\d{1,2} o'clock)"
"""A regular expression for a time of day; it has no groups."""

# "3 May 2024", "at 5pm", "3 May 2024 at 5pm"
_MOMENT = re.compile(rf"({DATE})?(?:(?: at )?({TIME}))?")
# "12", "-0.5", and with thousands set apart "1,234,567.89"; but not "1,23", which is no number.
_NUMBER = re.compile(r"^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$|^[+-]?\d+(?:\.\d+)?$")


def value_key(value: object) -> str:
    """What two values share when they are the same.

    Numbers are compared by size, dates and times as ISO 8601, other texts in lower case:
    3 -> "3.0", "3 May 2024" -> "2024-05-03", True -> "<yes>".
    """
    # Before numbers: True is an int in Python, and would be the same as 1.
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, (int, float)):
        return repr(float(value))
    if isinstance(value, str):
        return spoken_key(value)
    return json.dumps(value, sort_keys=True)


def spoken_key(text: str) -> str:
    """The same key for a value in words: "3,000" -> "3000.0", "in_transit" -> "in transit"."""
    plain = text.strip('"')
    if _NUMBER.match(plain) and not _is_digit_code(plain):
        return repr(float(plain.replace(",", "")))
    return parse_moment(plain) or normalize(split_name(plain) if "_" in plain else plain)


def _is_digit_code(number: str) -> bool:
    """Whether digits are a code rather than an amount: "0049", "+4912"; but not "0.5"."""
    return number[0] in "+0" and len(number) > 1 and number[1] != "."


def parse_moment(text: str) -> str:
    """A date, a time or both in words as ISO 8601 without a zone; empty if the text is neither.

    "3rd of May 2024 at 5pm" -> "2024-05-03T17:00", "5:30 p.m." -> "17:30"
    """
    match = _MOMENT.fullmatch(text)
    if match is None or not (match[1] or match[2]):
        return ""
    day = _parse_date(match[1]) if match[1] else ""
    clock = _parse_time(match[2]) if match[2] else ""
    return f"{day}T{clock}" if day and clock else day or clock


def _parse_date(text: str) -> str:
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return text
    # Three letters tell all months apart, written out or not.
    lowered = text.lower()
    months = (number for number, name in enumerate(MONTHS, 1) if name[:3].lower() in lowered)
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    try:
        # Whichever way round it is said, the day is the first number and the year the last.
        return date(numbers[-1], next(months, 0), numbers[0]).isoformat()
    except (ValueError, IndexError):
        return ""


def _parse_time(text: str) -> str:
    hour, *rest = (int(number) for number in re.findall(r"\d+", text))
    minute = rest[0] if rest else 0
    # 12 a.m. is midnight, 12 p.m. noon.
    if re.search(r"p\.?m", text):
        hour = hour % 12 + 12
    elif re.search(r"a\.?m", text):
        hour %= 12
    seconds = f":{rest[1]:02d}" if len(rest) > 1 else ""
    return f"{hour:02d}:{minute:02d}{seconds}"
