"""Short codes by the names of fields, for schemas that leave no room for words."""

from __future__ import annotations

from inftool.language.identifiers import split
from inftool.world.lexicon import vocabulary
from inftool.world.lexicon.field_patterns import field_name, field_patterns
from inftool.world.sampling.named_values.entity_names import own_name
from inftool.world.sampling.named_values.facts import ADDRESS_ROLES, Facts
from inftool.world.sampling.named_values.moments import time_of_day

_PATTERNS = field_patterns("short_code")
# A month in any of these words lies ahead.
_EXPIRY = _PATTERNS["month"].any_of - {"month"}
# Hours of shops and offices: opening, closing.
_OPENING_HOURS = ((8, 18), (9, 17), (7, 20), (10, 19))


def short_codes(name: str, facts: Facts, longest: int) -> list[str]:
    """Codes that a field of this name may hold, likeliest first.

    They are codes of countries, regions, currencies, languages, airports and months, opening hours
    and times. `longest` is the greatest length that the schema allows.
    `"issuingCountry"` -> `["PT"]`; `"expiryMonth"` -> `["2027-04", "04/27", "04/2027"]`.
    """
    field = field_name(name)
    if not field.words:
        return []
    place = facts.place(next((word for word in field.words if word in ADDRESS_ROLES), ""))
    concepts = {concept for concept, pattern in _PATTERNS.items() if pattern.matches(field)}
    codes: list[str] = []
    if "country" in concepts:
        codes.append(place.country_code)
    if "region" in concepts:
        codes.append(place.region_code)
    if "currency" in concepts:
        codes.append(facts.currency)
    if "language" in concepts:
        codes += [facts.rng.choice(vocabulary.LANGUAGES), place.locale]
    # An IATA code has three letters.
    if "airport" in concepts and longest >= 3:
        codes.append(place.airport)
    if "month" in concepts:
        codes += _months(facts, ahead=bool(field.word_set & _EXPIRY))
    if "opening_hours" in concepts:
        opens, closes = facts.rng.choice(_OPENING_HOURS)
        codes += [f"{opens:02d}:00-{closes:02d}:00", f"{opens:02d}:00"]
    if "key" in concepts:
        codes.append("".join(split(own_name(facts)))[:3].upper())
    if "time" in concepts:
        codes.append(time_of_day(facts.rng)[:5])
    return codes


def _months(facts: Facts, *, ahead: bool) -> list[str]:
    """One month in the usual forms: of a card that expires (`ahead`), or of the last months."""
    offset = facts.rng.randint(4, 44) if ahead else -facts.rng.randint(0, 8)
    year, month = divmod(facts.now.year * 12 + facts.now.month - 1 + offset, 12)
    return [
        f"{year}-{month + 1:02d}",
        f"{month + 1:02d}/{year % 100:02d}",
        f"{month + 1:02d}/{year}",
    ]
