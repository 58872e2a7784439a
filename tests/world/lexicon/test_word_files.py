"""The files of words: nothing stands twice, and patterns match the names that they are made for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from inftool.world.lexicon.data_files import load_data
from inftool.world.lexicon.field_patterns import (
    field_name,
    field_patterns,
    singular_field_name,
)

FILES = ("field_patterns.json", "lifecycle.json", "vocabulary.json", "word_groups.json")


def word_lists(value: object, pointer: str = "") -> Iterator[tuple[str, list[str]]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from word_lists(item, f"{pointer}/{name}")
    elif isinstance(value, list) and all(isinstance(item, str) for item in value):
        yield pointer, value


@pytest.mark.parametrize("file", FILES)
def test_no_word_stands_twice_in_a_list(file: str) -> None:
    for pointer, words in word_lists(load_data(file)):
        assert len(words) == len(set(words)), (pointer, sorted(words))


@pytest.mark.parametrize("file", ["field_patterns.json", "lifecycle.json", "word_groups.json"])
def test_words_are_in_lower_case(file: str) -> None:
    for pointer, words in word_lists(load_data(file)):
        assert [word for word in words if word != word.lower().strip()] == [], pointer


@pytest.mark.parametrize(
    ("name", "concept"),
    [
        ("billingZipCode", "postal_code"),
        ("contact_email", "email"),
        ("homeCountryCode", "country_code"),
        ("tz", "time_zone"),
        ("address", "address"),
        ("summary", "name"),
    ],
)
def test_the_first_pattern_that_matches_is_the_concept(name: str, concept: str) -> None:
    field = field_name(name)
    patterns = field_patterns("text")
    # Patterns that take every name are told apart by what their rules ask for besides.
    specific = [key for key in patterns if key not in {"person_noun", "thing"}]
    assert next(key for key in specific if patterns[key].matches(field)) == concept


def test_a_word_that_must_not_be_there_keeps_a_pattern_away() -> None:
    address = field_patterns("text")["address"]
    assert address.matches(field_name("shipping_address"))
    assert not address.matches(field_name("mac_address"))


def test_the_last_word_of_a_machines_field_counts_in_the_singular() -> None:
    assert singular_field_name("apiTokens").last == "token"
    assert field_name("apiTokens").last == "tokens"
