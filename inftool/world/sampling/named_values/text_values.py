"""Texts by the names of fields: the words, people, places and codes that a person expects there."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from inftool.language.identifiers import singular
from inftool.world.lexicon import vocabulary
from inftool.world.lexicon.field_patterns import FieldName
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.named_values.contacts import email, phone, username
from inftool.world.sampling.named_values.entity_names import (
    entity_name,
    own_name,
    sentence,
    slug,
)
from inftool.world.sampling.named_values.facts import ADDRESS_ROLES, Facts
from inftool.world.sampling.named_values.field_rules import FieldRule, FieldRules
from inftool.world.sampling.named_values.moments import time_of_day

_WORDS = word_sets("entity_name")
_ADDRESS_COMPANIONS = word_sets("address")["companions"]
# The letters of vehicle identification numbers: ISO 3779 leaves out I, O and Q.
_VIN_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_SKU_LETTERS = "ABCDEFGHKLMNPRSTW"


def text_for_name(name: str, facts: Facts) -> str | None:
    """A text for a field of this name, or None if the name is not understood.

    `"shippingCity"` -> "Lisbon"; `"orderNumber"` -> "O-4821"; `"flavor"` -> None.
    """
    return _RULES.value(name, facts)


def isbn(rng: random.Random) -> str:
    """A valid ISBN-13 (ISO 2108), without hyphens."""
    digits = [9, 7, 8, *(rng.randrange(10) for _ in range(9))]
    weighted = sum(digit * (3 if index % 2 else 1) for index, digit in enumerate(digits))
    return "".join(map(str, [*digits, (10 - weighted % 10) % 10]))


def _iban(rng: random.Random) -> str:
    return f"DE{rng.randint(10, 98)}{rng.randint(10**17, 10**18 - 1)}"


def _bic(facts: Facts) -> str:
    return f"{facts.rng.choice(('NORT', 'COPP', 'HARB', 'LAKE'))}{facts.place().country_code}2X"


def _sku(rng: random.Random) -> str:
    letters = rng.choice(_SKU_LETTERS) + rng.choice(_SKU_LETTERS)
    return f"{letters}-{rng.randint(1000, 9999)}"


def _street(rng: random.Random) -> str:
    return f"{rng.randint(2, 189)} {rng.choice(vocabulary.STREETS)}"


def _url(facts: Facts) -> str:
    return f"https://example.com/{slug(' '.join(facts.noun) or 'page')}/{slug(own_name(facts))}"


def _version(rng: random.Random) -> str:
    return f"{rng.randint(1, 4)}.{rng.randint(0, 9)}.{rng.randint(0, 9)}"


def _reference(field: FieldName, facts: Facts) -> str:
    """A number behind the initials of what it numbers: `purchaseOrderNumber` -> "PO-4821"."""
    about = field.words[:-1] or facts.noun or ("r",)
    initials = "".join(word[0] for word in about)[:3].upper()
    if field.last == "code":
        return f"{initials}{facts.rng.randint(100, 999)}"
    return f"{initials}-{facts.rng.randint(1000, 9999)}"


def _person_role(field: FieldName, facts: Facts) -> str:
    """Whose name or address a field holds: `driverEmail` -> "driver"; else empty."""
    for word in field.words[:-1]:
        if word in vocabulary.PERSON_NOUNS and word not in facts.noun:
            return word
    return ""


def _place(field: FieldName, facts: Facts) -> vocabulary.Place:
    """The place that a field speaks of: `billingCity` and `billingCountry` speak of the same."""
    role = next((word for word in field.words if word in ADDRESS_ROLES), "")
    return facts.place(role)


def _reason(field: FieldName, facts: Facts) -> str:
    # The `reason` of a doctor's appointment is a symptom; its `cancelReason` is not.
    medical = len(field.words) == 1 and any(
        vocabulary.SENTENCE_OF.get(singular(word)) == "medical" for word in facts.noun
    )
    return sentence(facts.noun, facts.rng, "medical" if medical else "reason")


def _prose(field: FieldName, facts: Facts) -> str:
    noun = facts.noun
    # The `comment` of an issue is a comment; its `description` tells about the issue.
    if not noun or field.last in {"message", "comment", "review"}:
        noun = (*noun, singular(field.last))
    return sentence(noun, facts.rng, "bio" if field.last in {"bio", "biography"} else "")


def _names_another_entity(words: tuple[str, ...]) -> bool:
    """Whether the words before `name` stand for another entity, as in `productName`."""
    if not words or (len(words) == 1 and words[0] in _WORDS["plain_qualifiers"]):
        return False
    nouns = (vocabulary.PERSON_NOUNS, vocabulary.THINGS, vocabulary.ALIASES)
    return any(words[-1] in known for known in nouns) or (
        words[-1] in vocabulary.COMPANY_NOUNS or words[-1] in _WORDS["product_qualifiers"]
    )


def _name(field: FieldName, facts: Facts) -> str:
    qualifier = field.words[:-1]
    # "merchantName" -> a company
    if qualifier and qualifier[-1] in _WORDS["counterparty"] and qualifier[-1] not in facts.noun:
        return facts.company()
    if not _names_another_entity(qualifier):
        return own_name(facts)
    # "driverName" -> the same person as in "driverEmail"
    if qualifier[-1] in vocabulary.PERSON_NOUNS:
        return facts.full_name(qualifier[-1])
    return entity_name(qualifier, facts)


def _one_of(values: Sequence[str]) -> Callable[[FieldName, Facts], str]:
    return lambda field, facts: facts.rng.choice(values)


def _is_unambiguous_alias(field: FieldName, facts: Facts) -> bool:
    # "zone" is an alias of "room" for entities, but a field called `zone` is rarely a room.
    word = singular(field.last)
    return (
        vocabulary.ALIASES.get(word) in vocabulary.THINGS
        and word not in _WORDS["ambiguous_aliases"]
    )


# In the order in which they are tried: more specific names first.
_RULES: FieldRules[Facts, str] = FieldRules(
    "text",
    (
        FieldRule("email", lambda field, facts: email(facts, _person_role(field, facts))),
        FieldRule("phone", lambda field, facts: phone(facts)),
        FieldRule("username", lambda field, facts: username(facts)),
        FieldRule("first_name", lambda field, facts: facts.person(_person_role(field, facts))[0]),
        FieldRule(
            "last_name",
            lambda field, facts: facts.person(_person_role(field, facts))[1],
            # A bare `last` is a name only beside a `first`.
            lambda field, facts: field.joined != "last" or "first" in facts.names,
        ),
        FieldRule(
            "full_name",
            lambda field, facts: facts.full_name(_person_role(field, facts)),
            # The `displayName` of a folder is no person's.
            lambda field, facts: (
                field.joined.endswith("fullname")
                or facts.is_person
                or bool(_person_role(field, facts))
            ),
        ),
        FieldRule("middle_name", lambda field, facts: facts.rng.choice(vocabulary.people()[0])),
        FieldRule("company", lambda field, facts: facts.company()),
        FieldRule("bank", _one_of(vocabulary.BANKS)),
        FieldRule("country_code", lambda field, facts: _place(field, facts).country_code),
        FieldRule("country", lambda field, facts: _place(field, facts).country),
        FieldRule("city", lambda field, facts: _place(field, facts).city),
        FieldRule(
            "region_code",
            lambda field, facts: _place(field, facts).region_code,
            # A `state` beside a city is Texas; elsewhere it is open or closed.
            lambda field, facts: field.joined != "state" or bool(facts.names & _ADDRESS_COMPANIONS),
        ),
        FieldRule(
            "region",
            lambda field, facts: _place(field, facts).region,
            # If regions are entities of the API, they have other names than "Bavaria".
            lambda field, facts: field.last != "region" or "region" not in facts.noun,
        ),
        FieldRule("postal_code", lambda field, facts: _place(field, facts).postal),
        FieldRule("airport_code", lambda field, facts: _place(field, facts).airport),
        FieldRule("airport", lambda field, facts: _place(field, facts).airport_name),
        FieldRule("time_zone", lambda field, facts: _place(field, facts).zone),
        FieldRule("currency", lambda field, facts: facts.currency),
        FieldRule("locale", lambda field, facts: _place(field, facts).locale),
        FieldRule("language", _one_of(vocabulary.LANGUAGES)),
        FieldRule("street", lambda field, facts: _street(facts.rng)),
        FieldRule("street_second_line", lambda field, facts: f"Flat {facts.rng.randint(1, 24)}"),
        FieldRule(
            "address",
            lambda field, facts: f"{_street(facts.rng)}, {_place(field, facts).city}",
        ),
        FieldRule("trip_end", lambda field, facts: facts.place(field.last).city),
        FieldRule("first_line", _one_of(vocabulary.STREETS)),
        FieldRule("isbn", lambda field, facts: isbn(facts.rng)),
        # The length is right; the check digits are random.
        FieldRule("iban", lambda field, facts: _iban(facts.rng)),
        FieldRule("bic", lambda field, facts: _bic(facts)),
        FieldRule(
            "vehicle_number",
            lambda field, facts: "".join(facts.rng.choice(_VIN_LETTERS) for _ in range(17)),
        ),
        FieldRule("color", _one_of(vocabulary.COLORS)),
        FieldRule("slug", lambda field, facts: slug(own_name(facts))),
        FieldRule("sku", lambda field, facts: _sku(facts.rng)),
        FieldRule("url", lambda field, facts: _url(facts)),
        # Addresses for documentation (RFC 5737).
        FieldRule("ip_address", lambda field, facts: f"192.0.2.{facts.rng.randint(2, 250)}"),
        FieldRule(
            "user_agent", lambda field, facts: "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"
        ),
        FieldRule("specialty", _one_of(vocabulary.SPECIALTIES)),
        FieldRule("genre", _one_of(vocabulary.GENRES)),
        FieldRule("job", _one_of(vocabulary.JOBS)),
        FieldRule("person", lambda field, facts: facts.full_name(field.last)),
        FieldRule(
            "person_noun",
            lambda field, facts: facts.full_name(field.last),
            lambda field, facts: (
                field.last in vocabulary.PERSON_NOUNS and field.last not in facts.noun
            ),
        ),
        FieldRule("reason", _reason),
        FieldRule("prose", _prose),
        FieldRule(
            "tag",
            _one_of(vocabulary.THINGS["tag"]),
            # For entities that we know names of, a `label` is the name.
            lambda field, facts: not (facts.noun and facts.noun[-1] in vocabulary.THINGS),
        ),
        # The `category` of a category is its parent, which has a name like any entity.
        FieldRule(
            "category",
            _one_of(vocabulary.THINGS["category"]),
            lambda field, facts: facts.noun[-1:] != (field.last,),
        ),
        FieldRule("name", _name),
        FieldRule("goods", _one_of(vocabulary.GOODS)),
        FieldRule("allergy", _one_of(vocabulary.THINGS["allergy"])),
        FieldRule("dosage", _one_of(vocabulary.THINGS["dosage"])),
        FieldRule("aircraft", _one_of(vocabulary.THINGS["aircraft"])),
        FieldRule("file", _one_of(vocabulary.THINGS["file"])),
        FieldRule(
            "search_term", lambda field, facts: facts.rng.choice(own_name(facts).split()).lower()
        ),
        FieldRule("hour", lambda field, facts: time_of_day(facts.rng)[:5]),
        FieldRule(
            "gate", lambda field, facts: f"{facts.rng.choice('ABCD')}{facts.rng.randint(1, 38)}"
        ),
        FieldRule(
            "seat", lambda field, facts: f"{facts.rng.randint(1, 32)}{facts.rng.choice('ABCDEF')}"
        ),
        FieldRule("terminal", lambda field, facts: str(facts.rng.randint(1, 4))),
        FieldRule("version", lambda field, facts: _version(facts.rng)),
        FieldRule("reference", _reference),
        # `machine_values` makes secrets. Without this rule, "token" and "key" would match `thing`.
        FieldRule("secret", lambda field, facts: None),
        FieldRule(
            "thing",
            lambda field, facts: facts.rng.choice(vocabulary.THINGS[singular(field.last)]),
            lambda field, facts: singular(field.last) in vocabulary.THINGS,
        ),
        FieldRule(
            "thing_by_another_word",
            lambda field, facts: facts.rng.choice(
                vocabulary.THINGS[vocabulary.ALIASES[singular(field.last)]]
            ),
            _is_unambiguous_alias,
        ),
    ),
)
