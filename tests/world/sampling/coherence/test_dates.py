"""Dates are in order, and agree with the state."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from inftool.core.types import JsonObject
from inftool.world.sampling.coherence.date_order import order_dates, span_properties
from inftool.world.sampling.coherence.kinds import match_kinds
from inftool.world.sampling.coherence.state_dates import fit_to_state
from inftool.world.schema.shape import Shape

NOW = datetime(2025, 6, 3, 10, tzinfo=UTC)


def test_moments_are_in_order_and_what_happened_is_not_in_the_future() -> None:
    stay: JsonObject = {
        "start": "2025-06-09T10:00:00Z",
        "end": "2025-06-01T10:00:00Z",
        "createdAt": "2025-07-01T00:00:00Z",
    }
    order_dates(stay, NOW)
    assert stay["start"] < stay["end"]
    assert stay["createdAt"] == "2025-06-03T10:00:00Z"


def test_what_comes_first_gets_the_earlier_date() -> None:
    order: JsonObject = {"paidAt": "2025-01-02T00:00:00Z", "placedAt": "2025-02-02T00:00:00Z"}
    order_dates(order, NOW)
    assert order == {"paidAt": "2025-02-02T00:00:00Z", "placedAt": "2025-01-02T00:00:00Z"}


@pytest.mark.parametrize(
    ("start", "end"),
    [("startDate", "endDate"), ("checkin_on", "checkout_on"), ("departureTime", "arrivalTime")],
)
def test_spans_are_found_by_their_names(start: str, end: str) -> None:
    assert span_properties({start: "x", "name": "x", end: "x"}) == [(start, end)]


def test_a_billing_period_is_a_calendar_month() -> None:
    statement: JsonObject = {"periodStartDate": "2025-02-11", "periodEndDate": "2025-02-12"}
    order_dates(statement, NOW)
    assert statement == {"periodStartDate": "2025-02-01", "periodEndDate": "2025-02-28"}


STATES = ["placed", "paid", "shipped", "cancelled"]
ORDER = Shape.of(
    {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": STATES},
            "paidAt": {"type": "string"},
            "shippedAt": {"type": ["string", "null"]},
            "cancelledAt": {"type": "string"},
        },
        "required": ["status", "shippedAt"],
    }
)


def test_what_belongs_to_a_state_that_was_not_reached_is_left_out_or_null() -> None:
    moment = "2025-01-02T00:00:00Z"
    order: JsonObject = {
        "status": "paid",
        "paidAt": moment,
        "shippedAt": moment,
        "cancelledAt": moment,
    }
    fit_to_state(order, ORDER)
    assert order == {"status": "paid", "paidAt": moment, "shippedAt": None}


def test_what_was_missed_lies_in_the_past() -> None:
    shape = Shape.of(
        {
            "type": "object",
            "properties": {
                "status": {"enum": ["booked", "missed"]},
                "startTime": {"type": "string"},
            },
        }
    )
    appointment: JsonObject = {"status": "missed", "startTime": "2025-06-20T10:00:00Z"}
    fit_to_state(appointment, shape, NOW)
    assert appointment["startTime"] == "2025-04-21T10:00:00Z"


def test_a_kind_is_that_of_the_name_and_a_child_was_born_lately() -> None:
    device = Shape.of({"type": "object", "properties": {"type": {"enum": ["light", "lock"]}}})
    lock: JsonObject = {"name": "Front door lock", "type": "light"}
    match_kinds(lock, device)
    assert lock["type"] == "lock"
    passenger = Shape.of({"type": "object", "properties": {"type": {"enum": ["adult", "child"]}}})
    child: JsonObject = {"type": "child", "birthDate": "1974-05-06"}
    match_kinds(child, passenger)
    assert child["birthDate"] == "2017-05-06"
