"""Texts that are written for machines, by the names of fields: ids, tokens, hosts, paths."""

from __future__ import annotations

from inftool.world.lexicon import vocabulary
from inftool.world.lexicon.field_patterns import FieldName, singular_field_name
from inftool.world.sampling.named_values.entity_names import own_name, slug
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.sampling.named_values.field_rules import FieldRule, FieldRules

# Letters and digits that nobody mistakes for one another: no i, l and o, no 0 and 1.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_ID_LENGTH = 6
_SECRET_LENGTH = 24
# Values that stand twice are twice as likely.
_KINDS = ("standard", "standard", "basic", "custom", "primary")
_UNITS = ("piece", "hour", "kg", "box")
_STATES = ("active", "active", "pending")


def machine_text_for_name(name: str, facts: Facts) -> str | None:
    """A text for a field that a machine reads, or None if its name is not understood.

    `"orderId"` -> "ord_k3v9qx"; `"sourceIp"` -> "192.0.2.17"; `"flavorText"` -> None.
    """
    return _RULES.value(name, facts)


def _letters(facts: Facts, length: int) -> str:
    return "".join(facts.rng.choice(_LETTERS) for _ in range(length))


def _id(field: FieldName, facts: Facts) -> str:
    about = field.words[:-1] or facts.noun
    return f"{_prefix(about)}_{_letters(facts, _ID_LENGTH)}"


def _prefix(about: tuple[str, ...]) -> str:
    """What an id starts with: `("order", "item")` -> "oi", `("order",)` -> "ord"."""
    if len(about) > 1:
        return "".join(word[0] for word in about)
    return about[0][:3] if about else "obj"


def _key(field: FieldName, facts: Facts) -> str:
    # `accountKey` is probably a secret, a lone `key` a readable identifier.
    if len(field.words) > 1:
        return _letters(facts, _SECRET_LENGTH)
    return slug(own_name(facts))


def _ip_address(field: FieldName, facts: Facts) -> str:
    # Addresses for documentation (RFC 5737).
    return f"192.0.2.{facts.rng.randint(2, 250)}" + ("/32" if field.last == "cidr" else "")


def _mac_address(field: FieldName, facts: Facts) -> str:
    return ":".join(f"{facts.rng.randrange(256):02x}" for _ in range(6))


def _neighborhood(field: FieldName, facts: Facts) -> str:
    # "Maple Street" -> "Maple Quarter"
    return f"{facts.rng.choice(vocabulary.STREETS).rsplit(' ', 1)[0]} Quarter"


# In the order in which they are tried.
_RULES: FieldRules[Facts, str] = FieldRules(
    "machine_text",
    (
        FieldRule("id", _id),
        FieldRule("secret", lambda field, facts: _letters(facts, _SECRET_LENGTH)),
        FieldRule("key", _key),
        FieldRule("kind", lambda field, facts: facts.rng.choice(_KINDS)),
        FieldRule("unit", lambda field, facts: facts.rng.choice(_UNITS)),
        FieldRule("ip_address", _ip_address),
        FieldRule("mac_address", _mac_address),
        FieldRule("host", lambda field, facts: f"{slug(own_name(facts))}.example.com"),
        FieldRule(
            "link",
            lambda field, facts: f"https://example.com/{field.last}/{slug(own_name(facts))}",
        ),
        FieldRule("path", lambda field, facts: f"/{slug(own_name(facts))}"),
        FieldRule("state", lambda field, facts: facts.rng.choice(_STATES)),
        FieldRule("neighborhood", _neighborhood),
        FieldRule(
            "code",
            lambda field, facts: f"{field.joined[0].upper()}{facts.rng.randint(1000, 9999)}",
            # A lone `code` or `number` is too general.
            lambda field, facts: len(field.joined) > len("number"),
        ),
    ),
    parse=singular_field_name,
)
