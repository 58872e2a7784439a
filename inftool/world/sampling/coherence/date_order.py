"""Dates of an object in a plausible order: created before updated, start before end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from inftool.language.identifiers import split, squash
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.named_values.moments import format_timestamp

_WORDS = word_sets("date_order")
_EVENTS = _WORDS["first"] | _WORDS["last"]
_DATE_LENGTH = len("2025-06-02")
_TIME_LENGTHS = (len("09:30"), len("09:30:00"))

# The words that tell the two ends of a span: `startDate` and `endDate`.
_SPAN_WORDS = (
    ("start", "end"),
    ("starts", "ends"),
    ("begin", "end"),
    ("begins", "ends"),
    ("departure", "arrival"),
    ("departs", "arrives"),
    ("from", "to"),
    ("checkin", "checkout"),
    ("pickup", "dropoff"),
    ("opens", "closes"),
    ("open", "close"),
    ("first", "next"),
)

# Spans that are left as they are; others get a length that is usual: a stay has 1 to 21 days, a
# meeting or a trip takes from 10 minutes to 14 hours.
_SHORTEST_STAY, _LONGEST_STAY = timedelta(days=1), timedelta(days=21)
_SHORTEST_EVENT, _LONGEST_EVENT = timedelta(minutes=10), timedelta(hours=14)
_EVENT_MINUTES = (30, 45, 60, 60, 90, 120)


class _Event(NamedTuple):
    """A property that says when something happened to an object."""

    rank: int
    """0 for what comes first in an object's life, else 100 and the place in the object."""
    prop: str
    text: str
    """The date or moment (ISO 8601)."""


def _event(index: int, prop: str, text: object) -> _Event | None:
    if not isinstance(text, str) or not is_iso_date(text) or not text[:4].isdigit():
        return None
    words = split(prop)
    if not words or words[-1] not in _WORDS["endings"] or not _EVENTS.intersection(words):
        return None
    return _Event(0 if _WORDS["first"].intersection(words) else 100 + index, prop, text)


def is_iso_date(text: str) -> bool:
    """Whether a text has the outer form of an ISO 8601 date, with or without a time."""
    return len(text) >= _DATE_LENGTH and text[4] == "-" and text[7] == "-"


def order_dates(value: dict[str, object], now: datetime) -> None:
    """Put the dates of an object in order, in place.

    What happens first (`createdAt`, `placedOn`) comes before what happens later (`paidAt`,
    `updatedAt`), ends come after starts, and what happened does not lie after `now`.
    """
    events = [
        event
        for index, (prop, item) in enumerate(value.items())
        if (event := _event(index, prop, item)) is not None
    ]
    if len(events) > 1:
        # Dates and moments are ordered each for themselves: one cannot stand in for the other.
        _swap_into_order(value, [event for event in events if len(event.text) == _DATE_LENGTH])
        _swap_into_order(value, [event for event in events if len(event.text) != _DATE_LENGTH])
    for start, end in span_properties(value):
        fit_span(value, start, end)
    present = format_timestamp(now)
    for event in events:
        text = str(value[event.prop])
        if text > present[: len(text)]:
            value[event.prop] = present if len(text) > _DATE_LENGTH else present[:_DATE_LENGTH]


def _swap_into_order(value: dict[str, object], events: list[_Event]) -> None:
    """Give the earliest of the events' texts to the event that comes first, and so on."""
    by_rank = sorted(events, key=lambda event: event.rank)
    for event, text in zip(by_rank, sorted(event.text for event in events), strict=True):
        value[event.prop] = text


def span_properties(value: Mapping[str, object]) -> list[tuple[str, str]]:
    """The pairs of properties that hold the start and the end of a span of time."""
    return _span_properties(tuple(prop for prop, item in value.items() if isinstance(item, str)))


# Entities of one kind mostly have the same properties.
@lru_cache(maxsize=4096)
def _span_properties(props: tuple[str, ...]) -> list[tuple[str, str]]:
    spans: list[tuple[str, str]] = []
    by_name = {squash(prop): prop for prop in props}
    for prop in by_name.values():
        words = split(prop)
        for start_word, end_word in _SPAN_WORDS:
            if start_word not in words:
                continue
            # "startDate" -> "enddate"
            end_name = "".join(end_word if word == start_word else word for word in words)
            end = by_name.get(end_name)
            if end is not None:
                spans.append((prop, end))
                break
    return spans


def fit_span(value: dict[str, object], start: str, end: str) -> None:
    """Let a span end after its start, and last as long as is usual, in place.

    `start` and `end` are properties that hold texts. Spans between dates take days, those between
    moments hours; texts that are no dates are left as they are.
    """
    start_text, end_text = str(value[start]), str(value[end])
    if len(start_text) in _TIME_LENGTHS and start_text[2] == ":" and end_text[2:3] == ":":
        if start_text >= end_text:
            value[start], value[end] = _usual_hours(start_text, end_text)
        return
    try:
        starts, ends = _parse(start_text), _parse(end_text)
    except ValueError:
        return
    # Texts of two forms cannot be compared, nor can a local time and one with an offset.
    if len(start_text) != len(end_text) or (starts.tzinfo is None) != (ends.tzinfo is None):
        return
    if len(start_text) == _DATE_LENGTH:
        _fit_days(value, (start, end), starts, ends)
    elif not _SHORTEST_EVENT <= ends - starts <= _LONGEST_EVENT:
        moved = starts + timedelta(minutes=_usual_minutes(start, start_text))
        value[end] = moved.strftime("%Y-%m-%dT%H:%M:%S") + start_text[19:]


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _spread(text: str) -> int:
    """A number that differs from text to text: lengths vary without a random draw."""
    return sum(map(ord, text))


def _usual_hours(start_text: str, end_text: str) -> tuple[str, str]:
    # From 7 to 9 in the morning until half past 4 to half past 6, the seconds as they are.
    opens = f"0{7 + len(end_text) % 3}:00{start_text[5:]}"
    closes = f"1{6 + ord(start_text[0]) % 3}:30{end_text[5:]}"
    return opens, closes


def _usual_minutes(start: str, start_text: str) -> int:
    if _WORDS["departures"].intersection(split(start)):
        # A trip takes from about one hour to eight.
        return 55 + 5 * (_spread(start_text) % 90)
    return _EVENT_MINUTES[_spread(start_text) % len(_EVENT_MINUTES)]


def _fit_days(
    value: dict[str, object], span: tuple[str, str], starts: datetime, ends: datetime
) -> None:
    start, end = span
    words = set(split(start))
    if words & _WORDS["starts"] and words & _WORDS["accounting_periods"]:
        # A billing period is a calendar month.
        first_day = starts.replace(day=1)
        last_day = (first_day + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        value[start], value[end] = first_day.date().isoformat(), last_day.date().isoformat()
    elif not _SHORTEST_STAY <= ends - starts <= _LONGEST_STAY:
        days = 1 + _spread(str(value[start])) % 9
        value[end] = (starts + timedelta(days=days)).date().isoformat()
