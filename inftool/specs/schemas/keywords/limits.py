"""Keywords that limit a value: lengths, counts, bounds and patterns."""

from __future__ import annotations

from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog
from inftool.specs.schemas.keywords.regex import mend
from inftool.specs.schemas.keywords.values import as_number, short

_COUNTS = (
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minContains",
    "maxContains",
)
_BOUNDS = ("minimum", "maximum", "multipleOf")
_EXCLUSIVE_BOUNDS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))
_PAIRS = (
    ("minLength", "maxLength"),
    ("minItems", "maxItems"),
    ("minProperties", "maxProperties"),
    ("minimum", "maximum"),
)
# The largest integer that every reader of JSON can hold (RFC 8259, section 6).
_LARGEST_COUNT = 2**53

Limits = dict[str, int | float]
"""Keyword -> limit."""


def numeric_limits(node: Node, loss_log: LossLog) -> Limits:
    """The counts and bounds of a schema as numbers; those that are none are left out.

    {"minLength": 0, "maximum": "5", "exclusiveMaximum": true} -> {"exclusiveMaximum": 5}
    """
    limits: Limits = {}
    _read_counts(node, limits, loss_log)
    _read_bounds(node, limits, loss_log)
    _read_exclusive_bounds(node, limits, loss_log)
    return limits


def _read_counts(node: Node, limits: Limits, loss_log: LossLog) -> None:
    # In the order of `_COUNTS`, so that equal schemas have their keywords in one order.
    for keyword in _COUNTS:
        value = node.members.get(keyword)
        if value is None:
            continue
        number = as_number(value)
        if number is None or number < 0 or number != int(number) or number > _LARGEST_COUNT:
            _leave_out(node, keyword, value, "count", loss_log)
        # A minimum of 0 says nothing.
        elif number != 0 or not keyword.startswith("min"):
            limits[keyword] = int(number)


def _read_bounds(node: Node, limits: Limits, loss_log: LossLog) -> None:
    for keyword in _BOUNDS:
        value = node.members.get(keyword)
        if value is None:
            continue
        number = as_number(value)
        if number is None or (keyword == "multipleOf" and number <= 0):
            _leave_out(node, keyword, value, "number", loss_log)
        else:
            limits[keyword] = number


def _read_exclusive_bounds(node: Node, limits: Limits, loss_log: LossLog) -> None:
    for keyword, inclusive in _EXCLUSIVE_BOUNDS:
        value = node.members.get(keyword)
        if value is None:
            continue
        if isinstance(value, bool):
            # In draft 4, and so in OpenAPI 3.0, it says that `minimum` itself is excluded.
            loss_log.add("translated", node, f"boolean {keyword} became a number")
            if value and inclusive in limits:
                limits[keyword] = limits.pop(inclusive)
        elif (number := as_number(value)) is not None:
            limits[keyword] = number
        else:
            _leave_out(node, keyword, value, "number", loss_log)


def _leave_out(node: Node, keyword: str, value: object, kind: str, loss_log: LossLog) -> None:
    message = f"{keyword}: {short(value)} is no {kind} and was left out"
    loss_log.add("bad_keyword", node, message, subject=keyword)


def drop_contradictory_limits(schema: dict[str, object], node: Node, loss_log: LossLog) -> None:
    """Take both limits out of a converted schema if no value can meet them.

    {"minLength": 5, "maxLength": 2} -> {}
    """
    for low, high in _PAIRS:
        minimum, maximum = schema.get(low), schema.get(high)
        if not isinstance(minimum, (int, float)) or not isinstance(maximum, (int, float)):
            continue
        if minimum > maximum:
            message = f"{low} {minimum} is above {high} {maximum}, both were left out"
            loss_log.add("contradiction", node, message, subject=low)
            del schema[low], schema[high]


def usable_pattern(node: Node, value: object, loss_log: LossLog) -> str | None:
    """A pattern that every validator reads as it was meant, None if it cannot be had."""
    if not isinstance(value, str):
        message = f"pattern {short(value)} is no string and was left out"
        loss_log.add("bad_pattern", node, message, subject=str(value)[:50])
        return None
    mended = mend(value)
    # Of long patterns, the beginning is enough to distinguish losses at one place.
    subject = value[:200]
    if mended is None:
        message = f"pattern {short(value)} is no valid regular expression and was left out"
        loss_log.add("bad_pattern", node, message, subject=subject)
    elif mended != value:
        message = f"pattern {short(value)} was written as {short(mended)}"
        loss_log.add("mended_pattern", node, message, subject=subject)
    return mended
