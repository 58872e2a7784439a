"""How the person of an object is reached: email address, telephone number, user name."""

from __future__ import annotations

from inftool.world.sampling.named_values.facts import Facts


def email(facts: Facts, role: str = "") -> str:
    """An address of the object's person, at a domain that is reserved for examples (RFC 2606)."""
    first, last = facts.person(role)
    return f"{first}.{last}@example.{('com', 'org', 'net')[len(last) % 3]}".lower()


def phone(facts: Facts) -> str:
    """A telephone number in international form (E.164)."""
    rng = facts.rng
    dial = facts.place().dial
    if dial == "+1":
        # The exchange 555 is set aside for fiction.
        return f"+1{rng.randint(201, 989)}555{rng.randint(100, 9999):04d}"
    return f"{dial}{rng.randint(200000000, 799999999)}"


def username(facts: Facts) -> str:
    """A user name made of the name of the object's person."""
    # "ann.lee" or "annl42"
    first, last = facts.person()
    if facts.rng.random() < 0.5:
        return f"{first}.{last}".lower()
    return f"{first}{last[0]}{facts.rng.randint(2, 99)}".lower()
