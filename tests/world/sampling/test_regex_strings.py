"""Texts out of regular expressions and examples."""

from __future__ import annotations

import random
import re

import pytest

from inftool.world.sampling.regex_strings import from_pattern, matches_pattern, vary_example


@pytest.mark.parametrize(
    "pattern",
    [
        "^[A-Z]{2}[0-9]{6}$",
        "^(foo|bar)-\\w+$",
        "^\\d{4}-(0[1-9]|1[0-2])$",
        "^(?:[a-z]+\\.)+[a-z]{2,4}$",
        "^[^<>]*$",
        "^SM[0-9a-fA-F]{32}$",
        "^(?<year>\\d{4})$",
    ],
)
def test_patterns_make_strings_that_match(pattern: str) -> None:
    for seed in range(30):
        made = from_pattern(pattern, random.Random(seed))
        assert made is not None
        assert re.search(pattern.replace("(?<", "(?P<"), made)


def test_a_pattern_that_cannot_be_read_gives_nothing() -> None:
    assert from_pattern("(", random.Random(0)) is None
    assert from_pattern("^a{5}$", random.Random(0), longest=3) is None


def test_codes_keep_the_shape_of_their_example() -> None:
    assert re.fullmatch(r"cus_[a-z0-9]{3}\d{2}", vary_example("cus_abc12", random.Random(1)))
    assert re.fullmatch(r"[0-9a-f]{24}", vary_example("507f1f77bcf86cd799439011", random.Random(1)))


def test_a_text_is_as_long_as_asked_for_where_the_pattern_leaves_that_open() -> None:
    for seed in range(20):
        text = from_pattern("^[a-z]+-[a-z]+$", random.Random(seed), shortest=60, longest=80)
        assert text is not None
        assert 60 <= len(text) <= 80


def test_a_pattern_that_only_the_validator_reads_refuses_nothing() -> None:
    assert matches_pattern("^\\p{L}+$", "Lisbon")
    assert not matches_pattern("^[a-z]+$", "Lisbon")


def test_the_prefix_of_an_example_stays() -> None:
    for seed in range(10):
        assert re.fullmatch(r"ORD-\d{4}", vary_example("ORD-2024", random.Random(seed)))
        assert re.fullmatch(r"AB\d{4}", vary_example("AB1234", random.Random(seed)))
