"""Numbers by the names of fields: prices, quantities, coordinates.

The ranges and lists are chosen so that a number looks like one from a real product: prices that
end in 0.99, durations in quarters of an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from inftool.world.lexicon.field_patterns import FieldName
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.sampling.named_values.field_rules import FieldRule, FieldRules

_WORDS = word_sets("number")

# A value that stands twice is twice as likely.
_QUANTITIES = (1, 1, 2, 2, 3, 4)
_PERCENTAGES = (10, 20, 25, 40, 50, 60, 75, 80, 90, 100)
_TEMPERATURES = (18.0, 19.5, 20.5, 21.0, 22.0)
_WHOLE_TEMPERATURES = (18, 19, 20, 21, 22)
_WEIGHTS = (0.4, 0.8, 1.2, 2.5, 3.6, 5.0, 8.4)
_MINUTES = (15, 20, 30, 45, 60, 90)
_SECONDS = (5, 10, 30, 60)
_HOURS = (1, 2, 4, 8)
_DAYS = (1, 2, 3, 5, 7, 14)
_POINTS = (120, 450, 800, 1500, 2300, 5200)
_FEES = (0.0, 1.5, 2.9, 4.5, 7.25)
_WHOLE_FEES = (0, 2, 5, 8)
_FARES = (64.0, 79.5, 98.0, 119.0, 142.5, 169.0, 205.0, 248.0, 310.5, 389.0, 455.0, 612.0)
_PRICES = (
    *(4.5, 8.99, 9.5, 11.9, 12.99, 14.5, 16.0, 18.75, 19.9, 22.5, 24.99, 29.0),
    *(34.5, 39.9, 45.0, 59.5, 79.0, 120.0),
)


class _NumberContext(NamedTuple):
    """What a rule needs to make a number."""

    facts: Facts
    integer: bool
    """Whether the schema asks for an integer."""


def number_for_name(name: str, facts: Facts, *, integer: bool) -> float | int | None:
    """A number for a field of this name, or None if the name is not understood.

    `integer` says that it must be one. `"unitPrice"` -> 12.99, `"seats"` -> 17,
    `"flavor"` -> None.
    """
    return _RULES.value(name, _NumberContext(facts, integer))


def _year(field: FieldName, context: _NumberContext) -> int:
    this_year = context.facts.now.year
    return context.facts.rng.randint(this_year - 15, this_year)


def _coordinate(degrees: float, integer: bool) -> float:
    return round(degrees) if integer else degrees


def _weight(field: FieldName, context: _NumberContext) -> float:
    rng = context.facts.rng
    return rng.randint(1, 20) if context.integer else rng.choice(_WEIGHTS)


def _byte_count(field: FieldName, context: _NumberContext) -> int:
    # A size that may be a fraction is probably in megabytes.
    low, high = (2_000, 4_000_000) if context.integer else (1, 40)
    return context.facts.rng.randint(low, high)


def _money(field: FieldName, context: _NumberContext) -> float:
    """An amount of money, of a size that the words of the name suggest."""
    facts, integer = context
    rng, words = facts.rng, field.word_set
    # Salaries and budgets are round numbers.
    if words & _WORDS["salary"]:
        return rng.randrange(12_000, 96_000, 500)
    # `amountCents`: the same prices, in hundredths.
    if words & _WORDS["minor_units"]:
        return rng.randrange(499, 19_999, 50)
    # What is on an account, or may be at most, is larger than a price.
    if words & _WORDS["balance"]:
        if integer:
            return rng.randrange(200, 9_000, 10)
        return round(rng.randrange(12_000, 900_000) / 100, 2)
    # `taxAmount`, `shippingFee`, `discount`: small beside a price; a `rate` is a percentage.
    if words & _WORDS["fee"] or field.last == "rate":
        return rng.choice(_WHOLE_FEES) if integer else rng.choice(_FEES)
    # What a flight or a room costs.
    if _WORDS["travel"].intersection(facts.noun):
        return rng.randint(49, 780) if integer else rng.choice(_FARES)
    return rng.randint(5, 240) if integer else rng.choice(_PRICES)


def _count(field: FieldName, context: _NumberContext) -> int:
    highest = 9 if field.last in _WORDS["small_counts"] else 40
    return context.facts.rng.randint(1, highest)


def _one_of(
    values: Sequence[float], whole_values: Sequence[int] | None = None
) -> Callable[[FieldName, _NumberContext], float]:
    def make(field: FieldName, context: _NumberContext) -> float:
        if context.integer and whole_values is not None:
            return context.facts.rng.choice(whole_values)
        return context.facts.rng.choice(values)

    return make


def _between(low: int, high: int) -> Callable[[FieldName, _NumberContext], float]:
    return lambda field, context: context.facts.rng.randint(low, high)


# In the order in which they are tried: more specific names first.
_RULES: FieldRules[_NumberContext, float] = FieldRules(
    "number",
    (
        FieldRule(
            "latitude",
            lambda field, context: _coordinate(context.facts.place().latitude, context.integer),
        ),
        FieldRule(
            "longitude",
            lambda field, context: _coordinate(context.facts.place().longitude, context.integer),
        ),
        FieldRule("age", _between(19, 78)),
        FieldRule("year", _year),
        FieldRule("rating", _between(2, 5)),
        FieldRule("quantity", _one_of(_QUANTITIES)),
        FieldRule("stock", _between(3, 120)),
        FieldRule("percentage", _one_of(_PERCENTAGES)),
        FieldRule("temperature", _one_of(_TEMPERATURES, _WHOLE_TEMPERATURES)),
        FieldRule("pages", _between(96, 640)),
        FieldRule("weight", _weight),
        FieldRule("length", _between(10, 90)),
        FieldRule("minutes", _one_of(_MINUTES)),
        FieldRule("seconds", _one_of(_SECONDS)),
        FieldRule("hours", _one_of(_HOURS)),
        FieldRule("days", _one_of(_DAYS)),
        FieldRule("bytes", _byte_count),
        FieldRule("points", _one_of(_POINTS)),
        FieldRule("money", _money),
        FieldRule("count", _count),
    ),
)
