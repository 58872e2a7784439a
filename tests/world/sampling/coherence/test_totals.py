"""Totals follow from lines."""

from __future__ import annotations

from inftool.core.types import JsonObject
from inftool.world.sampling.coherence.totals import line_amount, reconcile_totals


def test_sums_add_up() -> None:
    order: JsonObject = {
        "lines": [
            {"quantity": 2, "unitPrice": 4.5, "lineTotal": 0},
            {"quantity": 1, "unitPrice": 3.0, "lineTotal": 0},
        ],
        "shipping": 2.0,
        "total": 0.5,
        "itemCount": 7,
    }
    for line in order["lines"]:
        reconcile_totals(line)
    reconcile_totals(order)
    assert [line["lineTotal"] for line in order["lines"]] == [9, 3]
    assert order["total"] == 14.0
    assert order["itemCount"] == 2


def test_a_discount_is_taken_off_and_a_tax_is_put_on() -> None:
    order: JsonObject = {
        "items": [{"price": 10.0}],
        "discount": 4.0,
        "tax": 1.5,
        "subtotal": 0.0,
        "total": 0.0,
    }
    reconcile_totals(order)
    assert order["subtotal"] == 10.0
    assert order["total"] == 7.5


def test_a_total_stays_where_a_line_does_not_tell_what_it_costs() -> None:
    order: JsonObject = {"items": [{"price": 10.0}, {"name": "Lamp"}], "total": 3.0}
    reconcile_totals(order)
    assert order["total"] == 3.0
    assert line_amount({"name": "Lamp"}) is None
    assert line_amount({"quantity": 3, "price": True}) is None
