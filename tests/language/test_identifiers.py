"""Names become words, words become singular, plural and stems."""

from __future__ import annotations

import pytest

from inftool.language.identifiers import (
    is_plural,
    noun,
    nouns,
    plural,
    singular,
    split,
    split_verb,
    squash,
    stem,
)


@pytest.mark.parametrize("name", ["customerOrderId", "customer_order_id", "Customer-Order-ID"])
def test_spellings_of_a_name_have_the_same_words(name: str) -> None:
    assert split(name) == ("customer", "order", "id")
    assert squash(name) == "customerorderid"


def test_an_acronym_is_one_word() -> None:
    assert split("HTTPStatusCode2") == ("http", "status", "code", "2")


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("order", "orders"),
        ("category", "categories"),
        ("day", "days"),
        ("box", "boxes"),
        ("house", "houses"),
        ("bus", "buses"),
        ("person", "people"),
        ("cache", "caches"),
        ("metadata", "metadata"),
    ],
)
def test_singular_and_plural(one: str, many: str) -> None:
    assert plural(one) == many
    assert singular(many) == one
    assert singular(one) == one


def test_a_name_is_a_noun_in_words() -> None:
    assert noun("order_lines") == "order line"
    assert nouns("orderLine") == "order lines"
    assert is_plural("orderLines")
    assert not is_plural("orderStatus")


@pytest.mark.parametrize(
    ("words", "split_words"),
    [
        (("fetch", "order"), ("get", ("order",))),
        (("order", "fetch"), ("get", ("order",))),
        (("guest", "book"), ("", ("guest", "book"))),
        ((), ("", ())),
    ],
)
def test_the_verb_of_a_name_is_its_first_or_last_word(
    words: tuple[str, ...], split_words: tuple[str, tuple[str, ...]]
) -> None:
    assert split_verb(words) == split_words


def test_inflections_share_a_stem() -> None:
    assert {stem(word) for word in ("cancel", "cancelled", "canceled", "cancellation")} == {
        "cancel"
    }
    assert stem("copies") == stem("copy") == stem("copied")


PLURALS = (
    "orders:order categories:category addresses:address statuses:status boxes:box people:person "
    "warehouses:warehouse status:status news:news invoices:invoice heroes:hero data:data buses:bus "
    "bus:bus"
)


@pytest.mark.parametrize(("many", "one"), [pair.split(":") for pair in PLURALS.split()])
def test_words_that_look_like_plurals_have_a_singular(many: str, one: str) -> None:
    assert singular(many) == one
    assert singular(plural(one)) == one
