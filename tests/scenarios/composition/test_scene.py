"""Values are compared by what they say, whatever their type and case."""

from __future__ import annotations

from inftool.scenarios.composition.scene import comparable, comparable_scalars


def test_numbers_and_texts_that_read_alike_are_alike() -> None:
    assert comparable(42.0) == comparable(42) == comparable("42")
    assert comparable("Ana") == comparable("ANA")
    assert comparable(2.5) != comparable(2)


def test_every_scalar_of_an_answer_counts_but_null_and_booleans() -> None:
    answer = {"items": [{"id": 7, "open": True, "note": None}, {"id": 8.0}], "next": "C"}
    assert comparable_scalars(answer) == {"7", "8", "c"}
