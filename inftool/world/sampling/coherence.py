"""What must agree inside one object: dates in order, sums that add up, moments that fit the state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from inftool.core.types import JsonObject
from inftool.language.identifiers import bag, row, split, squash, stem
from inftool.world.sampling.date_order import fit_to_state, order_dates
from inftool.world.schema.shape import Shape

_KINDS = (("kind",), ("type",), ("category",), ("class",))
_PRICES = ("unitprice", "price", "unitamount", "rate", "cost", "unitcost", "amount")
_LINE_TOTALS = ("linetotal", "lineamount", "total", "subtotal", "amount", "totalprice", "itemtotal")


def make_coherent(value: JsonObject, shape: Shape, now: datetime) -> None:
    """Make an object agree with itself, in place."""
    match_kind(value, shape)
    order_dates(value, now)
    fit_to_state(value, shape, now)
    reconcile_totals(value)


def match_kind(value: JsonObject, shape: Shape) -> None:
    """A kind that its name tells (a "Front door lock" is a lock) is that kind; and a child is not born in 1974; in place."""
    for name, sub in shape.properties.items():
        options = sub.node.get("enum")
        if not isinstance(options, list) or name not in value or split(name)[-1:] not in _KINDS:
            continue
        label = next(
            (
                item
                for name, item in value.items()
                if squash(name) in {"name", "title", "label"} and isinstance(item, str)
            ),
            None,
        )
        if label is not None:
            words = {stem(word) for word in split(label)}
            told = [
                option
                for option in options
                if isinstance(option, str)
                and split(option)
                and {stem(word) for word in split(option)} <= words | {stem("room")}
            ]
            if told:
                value[name] = told[-1]
        born = next(
            (
                prop
                for prop in value
                if {"birth", "dob"} & set(split(prop)) and isinstance(value[prop], str)
            ),
            None,
        )
        years = {"infant": 1, "baby": 1, "child": 8, "minor": 12}.get(str(value[name]).lower())
        if (
            born is not None
            and years is not None
            and len(value[born]) >= 10
            and value[born][:4].isdigit()
        ):
            value[born] = f"{2025 - years}{value[born][4:]}"


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    return None


def _like(example: Any, amount: float) -> Any:
    return (
        round(amount)
        if isinstance(example, int) and not isinstance(example, bool) and float(amount).is_integer()
        else round(amount, 2)
    )


def reconcile_totals(value: JsonObject) -> None:
    """Line totals are quantity times price, totals the sum of their lines (with tax, shipping and discount where they stand beside), in place."""
    names = {squash(name): name for name in value}
    quantity = next(
        (
            names[word]
            for word in ("quantity", "qty", "units")
            if word in names and _number(value[names[word]]) is not None
        ),
        None,
    )
    price = next(
        (
            names[word]
            for word in _PRICES
            if word in names and _number(value[names[word]]) is not None
        ),
        None,
    )
    if quantity is not None and price is not None:
        total = next(
            (
                names[word]
                for word in _LINE_TOTALS
                if word in names
                and names[word] != price
                and _number(value[names[word]]) is not None
            ),
            None,
        )
        if total is not None:
            value[total] = _like(value[total], float(value[quantity]) * float(value[price]))
        return
    lines = next(
        (
            item
            for name, item in value.items()
            if isinstance(item, list)
            and item
            and all(isinstance(line, dict) for line in item)
            and squash(name)
            in bag(
                "lines items lineitems orderlines orderitems products entries positions invoiceitems invoicelines cartitems"
            )
        ),
        None,
    )
    if lines is None:
        return
    amounts = [line_amount(line) for line in lines]
    if any(amount is None for amount in amounts):
        return
    total_amount = sum(amount for amount in amounts if amount is not None)
    subtotal = next(
        (
            names[word]
            for word in ("subtotal", "itemstotal", "netamount", "net", "nettotal")
            if word in names and _number(value[names[word]]) is not None
        ),
        None,
    )
    if subtotal is not None:
        value[subtotal] = _like(value[subtotal], total_amount)
    for word, sign in (
        ("tax", 1),
        ("taxamount", 1),
        ("vat", 1),
        ("totaltax", 1),
        ("shipping", 1),
        ("shippingcost", 1),
        ("shippingfee", 1),
        ("deliveryfee", 1),
        ("shippingtotal", 1),
        ("discount", -1),
        ("discountamount", -1),
        ("tip", 1),
        ("fee", 1),
    ):
        if word in names and _number(value[names[word]]) is not None:
            total_amount += sign * float(value[names[word]])
    total = next(
        (
            names[word]
            for word in row("total totalamount grandtotal totalprice amount amountdue totalcost")
            if word in names and _number(value[names[word]]) is not None
        ),
        None,
    )
    if total is not None:
        value[total] = _like(value[total], max(total_amount, 0.0))
    count = next(
        (
            names[word]
            for word in ("itemcount", "itemscount", "totalitems", "linecount")
            if word in names and _number(value[names[word]]) is not None
        ),
        None,
    )
    if count is not None:
        value[count] = len(lines)


def line_amount(line: JsonObject) -> float | None:
    """What one line costs: its total, else quantity times price, else its price; None where it says neither."""
    names = {squash(name): name for name in line}
    quantity = next(
        (_number(line[names[word]]) for word in ("quantity", "qty", "units") if word in names), None
    )
    price = next(
        (
            _number(line[names[word]])
            for word in _PRICES
            if word in names and _number(line[names[word]]) is not None
        ),
        None,
    )
    for word in ("linetotal", "lineamount", "total", "subtotal"):
        if word in names and (found := _number(line[names[word]])) is not None:
            return found
    if price is None:
        return None
    return price * (quantity if quantity is not None else 1.0)
