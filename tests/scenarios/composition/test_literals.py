"""Literals: rounded times, and what somebody might say by mistake."""

from __future__ import annotations

import random

import pytest

from inftool.scenarios.composition.literals import other_value, rounded


def test_times_are_rounded_wherever_they_stand() -> None:
    assert rounded({"at": ["2026-03-14T09:37:12Z"], "name": "Ana", "count": 3}) == {
        "at": ["2026-03-14T09:30:00Z"],
        "name": "Ana",
        "count": 3,
    }


@pytest.mark.parametrize("value", [3, 2.5, "2026-03-14"])
def test_a_wrong_value_is_of_the_same_kind_and_another(value: object) -> None:
    wrong = other_value(value, [], random.Random(1))
    assert type(wrong) is type(value)
    assert wrong != value


def test_of_a_list_of_values_the_wrong_one_is_another_of_them() -> None:
    assert other_value("red", ["red", "blue"], random.Random(1)) == "blue"
    assert other_value("red", ["red"], random.Random(1)) is None


@pytest.mark.parametrize("value", [True, 123_456, "2026-99-99", "Ana", None])
def test_nothing_is_said_wrong_where_no_slip_suggests_itself(value: object) -> None:
    assert other_value(value, [], random.Random(1)) is None
