"""Words that a simulated world is made of: names of people, places and things, as real products would hold them."""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple


class Place(NamedTuple):
    """One real city with what belongs to it."""

    city: str
    region: str
    region_code: str
    country: str
    country_code: str
    airport: str
    airport_name: str
    zone: str
    latitude: float
    longitude: float
    postal: str
    dial: str
    currency: str
    locale: str


_DATA: dict[str, Any] = json.loads(
    files("inftool.world.lexicon").joinpath("vocabulary.json").read_text(encoding="utf-8")
)

PLACES: tuple[Place, ...] = tuple(Place(*row) for row in _DATA["places"])
# What a thing of some kind is called. The key is a word of the resource's name; an alias is another word for the same kind.
THINGS: dict[str, tuple[str, ...]] = {kind: tuple(names) for kind, names in _DATA["things"].items()}
ALIASES: dict[str, str] = _DATA["aliases"]
PERSON_NOUNS: frozenset[str] = frozenset(_DATA["people"])
COMPANY_NOUNS: frozenset[str] = frozenset(_DATA["companies"])
PLACE_NOUNS: frozenset[str] = frozenset(_DATA["sites"])
# What people write about a thing of some kind.
SENTENCES: dict[str, tuple[str, ...]] = {
    kind: tuple(said) for kind, said in _DATA["sentences"].items()
}
SENTENCE_OF: dict[str, str] = _DATA["sentence_of"]
ADJECTIVES: tuple[str, ...] = tuple(_DATA["adjectives"])
NOUNS: tuple[str, ...] = tuple(_DATA["nouns"])
MATERIALS: tuple[str, ...] = tuple(_DATA["materials"])
GOODS: tuple[str, ...] = tuple(_DATA["goods"])
STREETS: tuple[str, ...] = tuple(_DATA["streets"])
COMPANIES: tuple[str, ...] = tuple(_DATA["company_names"])
JOBS: tuple[str, ...] = tuple(_DATA["jobs"])
SPECIALTIES: tuple[str, ...] = tuple(_DATA["specialties"])
COLORS: tuple[str, ...] = tuple(_DATA["colors"])
BANKS: tuple[str, ...] = tuple(_DATA["banks"])
WORDS: tuple[str, ...] = tuple(_DATA["words"])
GENRES: tuple[str, ...] = tuple(_DATA["genres"])
LANGUAGES: tuple[str, ...] = tuple(_DATA["languages"])


@lru_cache(maxsize=1)
def people() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First and last names, out of Faker's American English provider (its tables only: no generator, no locale look-up)."""
    from faker.providers.person.en_US import Provider

    plain = [
        name
        for name in Provider.last_names
        if name.isascii() and name.isalpha() and 3 < len(name) < 11
    ]
    first = [
        name
        for name in Provider.first_names
        if name.isascii() and name.isalpha() and 2 < len(name) < 10
    ]
    return tuple(sorted(set(first))), tuple(sorted(set(plain)))
