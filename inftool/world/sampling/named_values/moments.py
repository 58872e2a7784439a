"""When things happened or will happen, by the names of the fields that say so."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from inftool.language.identifiers import split
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.named_values.facts import Facts

_WORDS = word_sets("moment")

# Spans in days, chosen so that an entity looks like one of a product in daily use.
_EXPIRES_IN_DAYS = (20, 900)
_FUTURE_IN_DAYS = (1, 45)
_LONG_PAST_IN_DAYS = (2, 380)
_RECENT_IN_DAYS = (1, 60)
# Years of birth of adults; books and films of the last decades.
_BIRTH_YEARS = (1948, 2004)
_FIRST_RELEASE_YEAR = 1988

_TEMPORAL_PAIRS = {("start", "time"), ("end", "time"), ("created", "on"), ("updated", "on")}


@lru_cache(maxsize=8192)
def is_temporal_name(name: str) -> bool:
    """Whether a field's name is that of a moment: `createdAt`, `start_time`, `dueDate`."""
    parts = split(name)
    return bool(parts) and (
        parts[-1] in _WORDS["temporal_endings"]
        or parts[-2:] in _TEMPORAL_PAIRS
        or (parts[-1] == "on" and len(parts) > 1)
    )


def plausible_moment(parts: tuple[str, ...], facts: Facts) -> datetime:
    """When something with a name happened or will happen, seen from the world's clock.

    `("created", "at")` -> up to 380 days ago, at some second; `("due", "date")` -> within 45 days,
    at a time such as 10:30, as people plan.
    """
    rng, words = facts.rng, set(parts)
    if words & _WORDS["birth"]:
        return _some_day(rng, *_BIRTH_YEARS)
    if words & _WORDS["release"] and set(facts.noun) & _WORDS["released_works"]:
        return _some_day(rng, _FIRST_RELEASE_YEAR, facts.now.year - 1)
    # A period such as a billing month is an accounted one.
    is_past = bool(words & (_WORDS["past"] | _WORDS["period"]))
    moment = facts.now + timedelta(days=_days_from_now(words, is_past, rng))
    if is_past:
        return moment.replace(
            hour=rng.randint(7, 20),
            minute=rng.randrange(60),
            second=rng.randrange(60),
            microsecond=0,
        )
    return moment.replace(
        hour=rng.randint(8, 19), minute=rng.choice((0, 0, 15, 30, 30, 45)), second=0, microsecond=0
    )


def _days_from_now(words: set[str], is_past: bool, rng: random.Random) -> int:
    if words & _WORDS["expiry"]:
        return rng.randint(*_EXPIRES_IN_DAYS)
    if not is_past and words & _WORDS["future"]:
        return rng.randint(*_FUTURE_IN_DAYS)
    span = _LONG_PAST_IN_DAYS if words & _WORDS["long_past"] else _RECENT_IN_DAYS
    return -rng.randint(*span)


def _some_day(rng: random.Random, first_year: int, last_year: int) -> datetime:
    # No day after the 28th: every month has it.
    return datetime(
        rng.randint(first_year, last_year), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC
    )


def format_timestamp(moment: datetime) -> str:
    """A moment in UTC as RFC 3339 text: "2025-06-02T09:30:00Z"."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def format_date(moment: datetime) -> str:
    """The date of a moment: "2025-06-02"."""
    return date(moment.year, moment.month, moment.day).isoformat()


def time_of_day(rng: random.Random) -> str:
    """A time of day on a quarter of an hour: "14:30:00"."""
    return f"{rng.randint(7, 20):02d}:{rng.choice((0, 15, 30, 45)):02d}:00"
