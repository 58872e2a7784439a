"""Totals that are the sums of their lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from inftool.language.identifiers import squash
from inftool.world.lexicon.word_groups import word_lists

# Names of properties without case and separators; of several in one object the first counts.
_NAMES = word_lists("total")


def reconcile_totals(value: dict[str, object]) -> None:
    """Make the totals of an object follow from its parts, in place.

    The total of a line is quantity times price. The total of an order is the sum of its lines, with
    taxes, shipping and discounts if they are properties beside it:
    `{"lines": [{"quantity": 2, "price": 3}], "shipping": 1, "total": 0}` -> a total of 7.
    """
    props = {squash(prop): prop for prop in value}
    quantity = _first_number(value, props, _NAMES["quantities"])
    price = _first_number(value, props, _NAMES["prices"])
    if quantity is not None and price is not None:
        # An `amount` may be the price itself.
        names = [name for name in _NAMES["line_totals"] if props.get(name) != price.name]
        total = _first_number(value, props, names)
        _set_amount(value, total, quantity.number * price.number)
        return
    lines = _lines(value)
    amounts = [line_amount(line) for line in lines]
    known_amounts = [amount for amount in amounts if amount is not None]
    # If the amount of any line is unknown, the total is left as it was sampled.
    if lines and len(known_amounts) == len(lines):
        _set_sums(value, props, sum(known_amounts), len(lines))


def _lines(value: dict[str, object]) -> list[dict[str, object]]:
    """The lines of an order or invoice; empty if an object has none."""
    for prop, item in value.items():
        if not isinstance(item, list) or squash(prop) not in _NAMES["lines"]:
            continue
        if item and all(isinstance(line, dict) for line in item):
            return item
    return []


def _set_sums(
    value: dict[str, object], props: Mapping[str, str], amount: float, count: int
) -> None:
    """Write the sum of the lines, and their number, into the properties that show them."""
    _set_amount(value, _first_number(value, props, _NAMES["subtotals"]), amount)
    for name in _NAMES["surcharges"]:
        surcharge = _first_number(value, props, (name,))
        if surcharge is not None:
            amount += -surcharge.number if name in _NAMES["deductions"] else surcharge.number
    _set_amount(value, _first_number(value, props, _NAMES["totals"]), max(amount, 0.0))
    line_count = _first_number(value, props, _NAMES["line_counts"])
    if line_count is not None:
        value[line_count.name] = count


def line_amount(line: Mapping[str, object]) -> float | None:
    """What a line costs: its total, else quantity times price, else its price; None if unknown."""
    props = {squash(prop): prop for prop in line}
    total = _first_number(line, props, _NAMES["own_line_totals"])
    if total is not None:
        return total.number
    price = _first_number(line, props, _NAMES["prices"])
    if price is None:
        return None
    quantity_name = next((name for name in _NAMES["quantities"] if name in props), None)
    quantity = _number(line[props[quantity_name]]) if quantity_name is not None else None
    return price.number * (quantity if quantity is not None else 1.0)


class _NumberProperty(NamedTuple):
    """A property that holds a number."""

    name: str
    number: float


def _first_number(
    value: Mapping[str, object], props: Mapping[str, str], names: Iterable[str]
) -> _NumberProperty | None:
    """The first property in an order of names that holds a number; `props`: name -> property."""
    for name in names:
        prop = props.get(name)
        number = _number(value[prop]) if prop is not None else None
        if prop is not None and number is not None:
            return _NumberProperty(prop, number)
    return None


def _number(value: object) -> float | None:
    if isinstance(value, bool):
        return None
    return float(value) if isinstance(value, int | float) else None


def _set_amount(value: dict[str, object], prop: _NumberProperty | None, amount: float) -> None:
    """Write an amount into a property: as an integer if both are integers, else in cents."""
    if prop is None:
        return
    is_integer = isinstance(value[prop.name], int) and float(amount).is_integer()
    value[prop.name] = round(amount) if is_integer else round(amount, 2)
