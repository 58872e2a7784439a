"""Verbs in their inflections."""

from __future__ import annotations

import pytest

from inftool.language.verbs import (
    CREATE_VERBS,
    IMPERATIVES,
    READ_VERBS,
    USER_VERBS,
    imperative,
    participle,
)


@pytest.mark.parametrize(
    ("word", "verb"),
    [
        ("Retrieves", "retrieve"),
        ("creating", "create"),
        ("getting", "get"),
        ("modifies", "modify"),
        ("un-confirm", "unconfirm"),
        ("order,", "order"),
        ("customer", None),
    ],
)
def test_the_imperative_of_an_inflected_verb(word: str, verb: str | None) -> None:
    assert imperative(word) == verb


@pytest.mark.parametrize(
    ("verb", "form"),
    [("place", "placed"), ("send", "sent"), ("apply", "applied"), ("play", "played")],
)
def test_participles(verb: str, form: str) -> None:
    assert participle(verb) == form


def test_no_verb_both_reads_and_creates() -> None:
    assert not READ_VERBS & CREATE_VERBS
    assert USER_VERBS.keys() <= IMPERATIVES | READ_VERBS
