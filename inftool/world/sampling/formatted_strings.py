"""Texts by the `format` of their schema: those of JSON Schema, of OpenAPI, and some common ones."""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable

from inftool.language.identifiers import split
from inftool.world.sampling.named_values.contacts import email, phone
from inftool.world.sampling.named_values.entity_names import own_name, sentence
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.sampling.named_values.moments import (
    format_date,
    format_timestamp,
    plausible_moment,
    time_of_day,
)
from inftool.world.sampling.named_values.number_values import number_for_name
from inftool.world.sampling.named_values.text_values import text_for_name

# Formats that specs write for `date-time`.
_SYNONYMS = {"datetime": "date-time", "iso8601": "date-time", "timestamp": "date-time"}


def format_of(declared: object) -> str | None:
    """The format that a schema declares, by its usual name; None if it declares none."""
    return _SYNONYMS.get(declared.lower(), declared) if isinstance(declared, str) else None


def formatted_text(form: str, name: str, facts: Facts) -> str | None:
    """A text of a format for a field, or None if the format is unknown.

    `("date", "dueDate")` -> "2025-06-20"; `("uuid", "id")` -> a UUID of version 4.
    """
    make = _MAKERS.get(form)
    return make(name, facts) if make is not None else None


def _moment(name: str, facts: Facts) -> str:
    return format_timestamp(plausible_moment(split(name), facts))


def _date(name: str, facts: Facts) -> str:
    return format_date(plausible_moment(split(name), facts))


def _uri(name: str, facts: Facts) -> str | None:
    text = text_for_name(name, facts)
    # What the name tells may be no URI: an `avatar` is, a `label` is not.
    return text if text and text.startswith("https://") else text_for_name("url", facts)


def _own_word(facts: Facts, otherwise: str) -> str:
    words = split(own_name(facts))
    return words[0] if words else otherwise


def _base64(name: str, facts: Facts) -> str:
    return base64.b64encode(sentence(facts.noun, facts.rng).encode()).decode()


def _decimal(name: str, facts: Facts) -> str:
    number = number_for_name(name, facts, integer=False)
    return f"{number if number is not None else facts.rng.randint(5, 90):.2f}"


def _password(name: str, facts: Facts) -> str:
    word = facts.rng.choice(("Harbor", "Lantern", "Orchard"))
    return f"{word}-{facts.rng.randint(1000, 9999)}-x"


def _whole_number(name: str, facts: Facts) -> str:
    return str(facts.rng.randint(10_000, 99_999))


# Addresses and hosts are those set aside for documentation: RFC 5737, RFC 3849, RFC 2606.
_MAKERS: dict[str, Callable[[str, Facts], str | None]] = {
    "date-time": _moment,
    "date": _date,
    "time": lambda name, facts: time_of_day(facts.rng) + "Z",
    "duration": lambda name, facts: facts.rng.choice(("PT30M", "PT1H", "PT45M", "P1D")),
    "uuid": lambda name, facts: str(uuid.UUID(int=facts.rng.getrandbits(128), version=4)),
    "email": lambda name, facts: email(facts),
    "idn-email": lambda name, facts: email(facts),
    "uri": _uri,
    "url": _uri,
    "uri-reference": _uri,
    "iri": _uri,
    "hostname": lambda name, facts: f"{_own_word(facts, 'host')}.example.com",
    "ipv4": lambda name, facts: f"192.0.2.{facts.rng.randint(2, 250)}",
    "ipv6": lambda name, facts: f"2001:db8::{facts.rng.randint(1, 65535):x}",
    "byte": _base64,
    "base64": _base64,
    "binary": lambda name, facts: "(binary)",
    "uri-template": lambda name, facts: "https://example.com/items/{id}",
    "json-pointer": lambda name, facts: f"/{_own_word(facts, 'items')}",
    "relative-json-pointer": lambda name, facts: "0/items",
    "regex": lambda name, facts: "^[a-z]+$",
    "idn-hostname": lambda name, facts: "example.com",
    "decimal": _decimal,
    # OpenAPI's formats of integers; some APIs send those as texts.
    "int64": _whole_number,
    "int32": _whole_number,
    "uint64": _whole_number,
    "password": _password,
    "phone": lambda name, facts: phone(facts),
    "e164": lambda name, facts: phone(facts),
}
