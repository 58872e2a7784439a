"""Values in words: what is said is understood, and nothing else is."""

from __future__ import annotations

import random
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inftool.language.values import contains, is_code, mentions, normalize, say, split_name

SCALARS = st.one_of(
    st.integers(-(10**9), 10**9),
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 2)),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)).map(date.isoformat),
    st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)).map(
        lambda d: d.replace(second=0, microsecond=0).isoformat() + "Z"
    ),
    st.from_regex(r"\A[a-z]{2,8}(_[a-z]{2,8}){0,3}\Z"),
    st.text(st.characters(min_codepoint=33, max_codepoint=0x2FF), min_size=1, max_size=30),
)


@given(value=SCALARS, seed=st.integers(0, 1000))
def test_what_is_said_is_understood(value: object, seed: int) -> None:
    text = normalize(f"well, it is {say(value, random.Random(seed))} then")
    assert mentions(text, value)


@given(number=st.integers(13, 10**6), other=st.integers(13, 10**6))
def test_another_number_is_not_understood(number: int, other: int) -> None:
    assert mentions(normalize(f"make it {number} please"), other) == (number == other)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on March 3rd, 2026", "2026-03-03"),
        ("the 3rd of March 2026 at 2:30 pm", "2026-03-03T14:30:00Z"),
        ("at noon on 3 March 2026", "2026-03-03T12:00:00+00:00"),
        ("a total of €1,250.50.", 1250.5),
        ("two of them", 2),
        ("a quarter off, 25%", 0.25),
        ("it is in transit", "IN_TRANSIT"),
        ("it’s in transit", "in-transit"),
        ("the café “Éire”", "café"),
        ("minus 4 degrees", -4),
        ("done at 9", 9),
        ("sort by published on descending", "-publishedOn"),
    ],
)
def test_usual_wordings(text: str, value: object) -> None:
    assert mentions(normalize(text), value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("room 12", 1),
        ("version 1.5", 5),
        ("1,250 people", 250),
        ("on 13 March 2026", "2026-03-03"),
        ("they paid", "pay"),
        ("a Marina", "Mari"),
        ("at 14:30", 4),
        ("the year 2026", 26),
        ("nothing here", ""),
        ("number 2.50", 2),
        ("3 March 2026 at 14:00", "2026-03-03T15:00:00Z"),
    ],
)
def test_part_of_something_longer_is_not_it(text: str, value: object) -> None:
    assert not mentions(normalize(text), value)


def test_names_become_words() -> None:
    assert split_name("customerId") == "customer ID"
    assert split_name("shipping_address.postalCode") == "shipping address postal code"
    assert split_name("HTTPStatus") == "HTTP status"
    assert is_code("in_progress")
    assert not is_code("Ann Lee")


def test_a_form_is_found_behind_a_false_start() -> None:
    assert contains("cart art", "art")
    assert not contains("carton", "art")
