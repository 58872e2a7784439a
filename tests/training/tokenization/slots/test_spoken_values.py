"""Values as people say them are the values that they mean."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inftool.language.dates import date_forms
from inftool.language.values import say
from inftool.training.tokenization.slots.segmentation import segment
from inftool.training.tokenization.slots.spoken_values import parse_moment, spoken_key, value_key


@given(st.dates(min_value=date(1930, 1, 1), max_value=date(2090, 12, 31)), st.integers(0, 10))
def test_a_date_in_words_is_the_date(day: date, form: int) -> None:
    forms = [form for form in date_forms(day) if "/" not in form and form.count(".") < 2]
    words = forms[form % len(forms)]
    assert spoken_key(words) == day.isoformat() == value_key(day.isoformat())
    pieces = segment(f"the day is {words} or so", {}, {})
    assert day.isoformat() in [piece.key for piece in pieces if piece.kind == "value"]


@given(st.one_of(st.integers(0, 10**9), st.decimals(0, 99999, places=2).map(float)))
def test_a_number_as_it_is_said_is_the_number(number: float) -> None:
    assert spoken_key(say(number)) == value_key(number)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("3rd of May 2024 at 5pm", "2024-05-03T17:00"),
        ("5:30 p.m.", "17:30"),
        ("12 am", "00:00"),
        ("31 February 2024", ""),
        ("some time", ""),
    ],
)
def test_moments_are_iso_8601(text: str, moment: str) -> None:
    assert parse_moment(text) == moment


def test_true_is_not_the_number_one_and_codes_are_no_numbers() -> None:
    assert value_key(True) != value_key(1)
    assert spoken_key("0049") == "0049"
    assert spoken_key("3,000") == value_key(3000)
