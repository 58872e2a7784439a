"""Sampled numbers: within the bounds of the schema, of a size that the field's name suggests."""

from __future__ import annotations

import random
from typing import NamedTuple

from inftool.core.types import Schema
from inftool.language.identifiers import split
from inftool.world.sampling.examples import examples_of
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.sampling.named_values.moments import is_temporal_name, plausible_moment
from inftool.world.sampling.named_values.number_values import number_for_name
from inftool.world.schema.shape import Shape

Number = int | float

# How far above its lower bound a number without a meaning may lie: without and with an upper bound.
_USUAL_RANGE = 99
_LARGEST_RANGE = 999
# The width of the range that replaces a missing bound when a number has to be drawn again.
_NARROW_RANGE = 10
# Fractions are drawn only from ranges up to this width. In wider ones, whole numbers read better.
_FRACTION_RANGE = 3
# The smallest step away from an exclusive bound, for numbers with a fraction.
_GAP = 0.01
# The seconds since 1970 have ten digits until the year 2286, the milliseconds thirteen.
_LARGEST_SECONDS = 10**11
# Numbers vary around an example by up to these factors.
_VARIATION = (0.6, 1.6)


class _Bounds(NamedTuple):
    """The least and the greatest value, both included; None where there is no bound."""

    low: Number | None
    high: Number | None

    def admit(self, number: Number) -> bool:
        """Whether a number is within the bounds."""
        return (self.low is None or number >= self.low) and (
            self.high is None or number <= self.high
        )


def sample_number(shape: Shape, name: str, facts: Facts, *, integer: bool) -> Number:
    """A number of a shape for a field; `integer` says that it must be one.

    It is chosen by the field's name, else near an example, else anywhere within the bounds.
    """
    rng = facts.rng
    bounds = _bounds(shape.node, integer)
    number = number_for_name(name, facts, integer=integer)
    if number is None and is_temporal_name(name):
        number = _unix_time(shape.node, name, facts, integer)
    if number is None:
        number = _near_example(shape.node, rng, integer)
    if number is None:
        number = _anywhere(bounds, rng, integer)
    if integer:
        number = int(number)
    if not bounds.admit(number):
        number = _within(bounds, rng, integer)
    step = shape.node.get("multipleOf")
    if isinstance(step, int | float) and step > 0:
        number = _multiple(number, step, bounds.low, integer)
    return number


def _bounds(node: Schema, integer: bool) -> _Bounds:
    low, high = _as_number(node.get("minimum")), _as_number(node.get("maximum"))
    # In JSON Schema's draft 4 and in OpenAPI 3.0 exclusive bounds are booleans; those are ignored.
    above, below = node.get("exclusiveMinimum"), node.get("exclusiveMaximum")
    gap = 1 if integer else _GAP
    if isinstance(above, int | float) and not isinstance(above, bool):
        low = above + gap if low is None else max(low, above + gap)
    if isinstance(below, int | float) and not isinstance(below, bool):
        high = below - gap if high is None else min(high, below - gap)
    return _Bounds(low, high)


def _as_number(value: object) -> Number | None:
    return value if isinstance(value, int | float) else None


def _unix_time(node: Schema, name: str, facts: Facts, integer: bool) -> int:
    """The seconds since 1970 of a plausible moment, or the milliseconds."""
    example = next((item for item in examples_of(node) if isinstance(item, int | float)), 0)
    in_milliseconds = (
        example > _LARGEST_SECONDS
        or (node.get("format") == "int64" and "ms" in split(name))
        or not (integer or example)
    )
    seconds = int(plausible_moment(split(name), facts).timestamp())
    return seconds * 1000 if in_milliseconds else seconds


def _near_example(node: Schema, rng: random.Random, integer: bool) -> Number | None:
    examples = [
        item
        for item in examples_of(node)
        if isinstance(item, int | float) and not isinstance(item, bool)
    ]
    if not examples:
        return None
    example = rng.choice(examples)
    varied = example * rng.uniform(*_VARIATION)
    # If rounding gives zero, the example itself is the better value.
    return int(varied) or example if integer else round(varied, 2)


def _anywhere(bounds: _Bounds, rng: random.Random, integer: bool) -> Number:
    """A number within the bounds, for a field whose name is not understood."""
    bottom = bounds.low if bounds.low is not None else 1
    top = bounds.high if bounds.high is not None else bottom + _USUAL_RANGE
    top = min(top, bottom + _LARGEST_RANGE)
    if integer or top - bottom > _FRACTION_RANGE:
        return rng.randint(int(bottom), max(int(bottom), int(top)))
    return round(rng.uniform(bottom, top), 2)


def _within(bounds: _Bounds, rng: random.Random, integer: bool) -> Number:
    """A number within bounds, near the lower one."""
    low, high = bounds
    bottom = low if low is not None else (high or 0) - _NARROW_RANGE
    top = high if high is not None else bottom + _NARROW_RANGE
    if low is not None:
        top = min(top, bottom + _LARGEST_RANGE)
    number: Number
    if integer or int(top) - int(bottom) > _FRACTION_RANGE:
        first = int(bottom) if bottom == int(bottom) else int(bottom) + 1
        number = rng.randint(first, int(top))
    else:
        number = round(rng.uniform(bottom, top), 3)
    return min(max(number, bottom), top)


def _multiple(number: Number, step: Number, low: Number | None, integer: bool) -> Number:
    """The multiple of a step next to a number, not below the lower bound."""
    steps = int(number // step)
    if steps == 0 and (low or 0) > 0:
        steps = 1
    multiple = steps * step
    if low is not None and multiple < low:
        multiple += step
    if isinstance(step, float):
        # 3 * 0.1 is 0.30000000000000004.
        multiple = round(multiple, 6)
    return int(multiple) if integer else multiple
