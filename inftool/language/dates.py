"""Dates and times as people write them."""

from __future__ import annotations

import re
from datetime import date, datetime

MONTHS = tuple(
    "January February March April May June July August September October November December".split()
)
"""The names of the months; March is `MONTHS[2]`."""

# RFC 3339, and what servers make of it: a space for the "T", no seconds, no offset.
DATE = re.compile(r"^\d{4}-\d{2}-\d{2}$")
DATETIME = re.compile(
    r"^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?([Zz]|[+-]\d{2}:?\d{2})?$"
)
TIME = re.compile(r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")

# People name quarters of an hour; a sampled minute such as 14:37 would sound like a machine.
_ROUND_TO_MINUTES = 15


def parse_date(text: str) -> date | None:
    """The date that an ISO date or date-time begins with; None for a date that does not exist."""
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def date_forms(day: date) -> list[str]:
    """The usual ways to write a date, the commonest first: "3 March 2026", "March 3, 2026", ..."""
    month, short, ordinal = MONTHS[day.month - 1], MONTHS[day.month - 1][:3], ordinal_of(day.day)
    number, year = day.day, day.year
    return [
        f"{number} {month} {year}",
        f"{month} {number}, {year}",
        f"{month} {ordinal}, {year}",
        f"{ordinal} of {month} {year}",
        f"{ordinal} {month} {year}",
        f"{month} {number} {year}",
        f"{number} {short} {year}",
        f"{short} {number}, {year}",
        f"{number}. {month} {year}",
        day.isoformat(),
        # Both orders of day and month: a reader cannot know which one a writer meant.
        f"{number:02d}/{day.month:02d}/{year}",
        f"{day.month:02d}/{number:02d}/{year}",
        f"{day.month}/{number}/{year}",
        f"{number}.{day.month}.{year}",
        f"{number:02d}.{day.month:02d}.{year}",
    ]


def yearless_forms(day: date) -> list[str]:
    """The usual ways to write a day and a month without a year: "3 March", "March 3rd", ..."""
    month, ordinal = MONTHS[day.month - 1], ordinal_of(day.day)
    return [
        f"{day.day} {month}",
        f"{month} {day.day}",
        f"{ordinal} of {month}",
        f"{month} {ordinal}",
        f"{ordinal} {month}",
    ]


def ordinal_of(number: int) -> str:
    """A number as an ordinal: 3 gives `3rd`, 11 gives `11th`."""
    suffixes = {1: "st", 2: "nd", 3: "rd"}
    is_teen = 10 <= number % 100 <= 20
    suffix = "th" if is_teen else suffixes.get(number % 10, "th")
    return f"{number}{suffix}"


def time_forms(clock: str) -> list[str]:
    """The usual ways to say a time of day (`14:30`, `09:00:00`), the commonest first.

    `15:00` gives `15:00`, `3:00 pm`, `3 pm` and `3 o'clock` among others. A time that has seconds
    is only said in full.
    """
    hour, minute = int(clock[:2]), int(clock[3:5])
    second = int(clock[6:8]) if len(clock) >= 8 else 0
    if second:
        return [f"{hour:02d}:{minute:02d}:{second:02d}", f"{hour}:{minute:02d}:{second:02d}"]
    half, meridiem = hour % 12 or 12, "am" if hour < 12 else "pm"
    forms = [
        f"{hour}:{minute:02d}",
        f"{hour:02d}:{minute:02d}",
        f"{half}:{minute:02d} {meridiem}",
        f"{half}:{minute:02d}{meridiem}",
        f"{half}:{minute:02d} {meridiem[0]}.m.",
    ]
    if minute == 0:
        forms += [f"{half} {meridiem}", f"{half}{meridiem}", f"{half} o'clock"]
        forms += {0: ["midnight"], 12: ["noon"]}.get(hour, [])
    return forms


def round_time(value: object) -> object:
    """An ISO date-time rounded down to a quarter of an hour; anything else comes back unchanged.

    `2026-03-03T14:37:21Z` gives `2026-03-03T14:30:00Z`.
    """
    if not (isinstance(value, str) and DATETIME.match(value)):
        return value
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00").replace("z", "+00:00"))
    except ValueError:
        return value
    minute = moment.minute - moment.minute % _ROUND_TO_MINUTES
    rounded = moment.replace(minute=minute, second=0, microsecond=0).isoformat()
    return rounded.replace("+00:00", "Z") if value[-1] in "Zz" else rounded
