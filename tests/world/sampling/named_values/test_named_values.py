"""What fields hold is told by their names, and by the object that they belong to."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

import pytest

from inftool.world.lexicon.field_patterns import field_patterns
from inftool.world.lexicon.vocabulary import PERSON_NOUNS
from inftool.world.sampling.named_values import machine_values, number_values, text_values
from inftool.world.sampling.named_values.entity_names import entity_name, own_name
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.sampling.named_values.field_rules import FieldRules
from inftool.world.sampling.named_values.moments import plausible_moment
from inftool.world.sampling.named_values.number_values import number_for_name
from inftool.world.sampling.named_values.short_codes import short_codes
from inftool.world.sampling.named_values.text_values import text_for_name
from inftool.world.sampling.sampler import sample

NOW = datetime(2025, 6, 3, 10, tzinfo=UTC)


def facts_of(noun: str = "", seed: int = 0, names: frozenset[str] = frozenset()) -> Facts:
    words = tuple(noun.split())
    return Facts(noun=words, rng=random.Random(seed), now=NOW, currency="EUR", names=names)


@pytest.mark.parametrize(
    ("section", "rules"),
    [
        ("text", text_values._RULES),
        ("number", number_values._RULES),
        ("machine_text", machine_values._RULES),
    ],
)
def test_every_pattern_has_its_rule_in_the_same_order(
    section: str, rules: FieldRules[object, object]
) -> None:
    assert rules.concepts == list(field_patterns(section))


def test_the_fields_of_one_object_agree() -> None:
    facts = facts_of("customer")
    first, last = facts.person()
    assert text_for_name("fullName", facts) == f"{first} {last}"
    assert str(text_for_name("email", facts)).startswith(f"{first}.{last}@".lower())
    assert text_for_name("country", facts) == facts.place().country
    assert text_for_name("billingCity", facts) == facts.place("billing").city


def test_a_state_beside_a_city_is_a_region() -> None:
    beside_city = facts_of("shop", names=frozenset({"city"}))
    assert text_for_name("state", beside_city) == beside_city.place().region_code
    assert text_for_name("state", facts_of("issue")) is None


def test_what_a_name_tells_of_another_entity_is_that_entitys_name() -> None:
    facts = facts_of("order")
    assert text_for_name("driverName", facts) == facts.full_name("driver")
    assert text_for_name("merchantName", facts) == facts.company()
    assert text_for_name("displayName", facts) == own_name(facts)


def test_a_name_that_tells_nothing_gets_nothing() -> None:
    assert text_for_name("flavor", facts_of()) is None
    assert number_for_name("flavor", facts_of(), integer=True) is None
    assert text_for_name("", facts_of()) is None


def test_numbers_are_integers_where_they_must_be() -> None:
    for name in ("unitPrice", "latitude", "temperature", "weight", "taxAmount", "hours", "seats"):
        for seed in range(10):
            assert isinstance(number_for_name(name, facts_of(seed=seed), integer=True), int)


def test_a_code_is_as_short_as_it_must_be() -> None:
    facts = facts_of()
    assert short_codes("issuingCountry", facts, 2) == [facts.place().country_code]
    assert short_codes("departureAirport", facts, 2) == []
    assert short_codes("departureAirport", facts, 3) == [facts.place("departure").airport]


@pytest.mark.parametrize(
    ("name", "earliest", "latest"),
    [("createdAt", -381, 0), ("dueDate", 0, 46), ("expiresAt", 19, 901), ("birthDate", -30000, -1)],
)
def test_a_moment_lies_where_its_name_says(name: str, earliest: int, latest: int) -> None:
    parts = tuple(re.findall("[a-z]+", name.replace("A", " a").replace("D", " d")))
    for seed in range(20):
        days = (plausible_moment(parts, facts_of(seed=seed)) - NOW).days
        assert earliest <= days <= latest


def test_people_are_called_like_people() -> None:
    facts = facts_of()
    for noun in sorted(PERSON_NOUNS):
        assert entity_name((noun,), facts) == facts.full_name()


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("sis_id", r"[a-z]{2,3}_[a-z2-9]{6}"),
        ("api_key", r"[a-z2-9]{24}"),
        ("daemon_type", r"standard|basic|custom|primary"),
        ("source_ip", r"192\.0\.2\.\d+"),
        ("nameserver", r"[a-z-]+\.example\.com"),
        ("logo", r"https://example\.com/logo/[a-z-]+"),
        ("complement", r"[a-z]+"),
    ],
)
def test_what_a_machine_reads_is_not_called_like_its_entity(name: str, looks: str) -> None:
    schema = {
        "type": "object",
        "properties": {"name": {"type": "string"}, name: {"type": "string"}},
        "required": ["name", name],
    }
    for seed in range(20):
        server = sample(schema, random.Random(seed), noun="server")
        assert re.fullmatch(looks, server[name]), server
        assert server[name] != server["name"]
