"""Dates and times in the forms that people write."""

from __future__ import annotations

from datetime import date

import pytest

from inftool.language.dates import date_forms, ordinal_of, parse_date, round_time, time_forms


def test_a_date_is_written_with_the_month_before_or_behind_the_day() -> None:
    assert date_forms(date(2026, 3, 3))[:4] == [
        "3 March 2026",
        "March 3, 2026",
        "March 3rd, 2026",
        "3rd of March 2026",
    ]


@pytest.mark.parametrize(
    ("number", "ordinal"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (11, "11th"), (22, "22nd")]
)
def test_ordinals(number: int, ordinal: str) -> None:
    assert ordinal_of(number) == ordinal


def test_full_hours_have_short_forms_and_seconds_are_said_in_full() -> None:
    assert {"3 pm", "3 o'clock", "15:00"} <= set(time_forms("15:00"))
    assert "noon" in time_forms("12:00:00")
    assert "3 pm" not in time_forms("15:30")
    assert time_forms("09:05:21") == ["09:05:21", "9:05:21"]


def test_a_date_that_does_not_exist_is_none() -> None:
    assert parse_date("2026-02-30") is None


def test_times_are_rounded_to_what_people_say() -> None:
    assert round_time("2026-03-03T14:37:21.123Z") == "2026-03-03T14:30:00Z"
    assert round_time("2026-13-03T14:37:21Z") == "2026-13-03T14:37:21Z"
    assert round_time("hello") == "hello"
