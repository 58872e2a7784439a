"""The content of a simulated world: names of people, places and things, as in real products."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from inftool.world.lexicon.data_files import load_data


class Place(NamedTuple):
    """A real city with what belongs to it. The fields are in the order of the file's rows."""

    city: str
    region: str
    """The state or province, such as "Illinois"."""
    region_code: str
    """The usual abbreviation of the region, such as "IL"."""
    country: str
    country_code: str
    """ISO 3166-1 alpha-2."""
    airport: str
    """The IATA code of the airport."""
    airport_name: str
    zone: str
    """The time zone by its IANA name, such as "Europe/Lisbon"."""
    latitude: float
    """In degrees, north is positive."""
    longitude: float
    """In degrees, east is positive."""
    postal: str
    """A postal code of the city."""
    dial: str
    """The country's dialing code with its plus sign, such as "+351"."""
    currency: str
    """ISO 4217."""
    locale: str
    """A BCP 47 language tag, such as "pt-PT"."""


_DATA = load_data("vocabulary.json")

# Every city comes with its own country, currency and so on, so that an address is coherent.
PLACES: tuple[Place, ...] = tuple(Place(*row) for row in _DATA["places"])
THINGS: dict[str, tuple[str, ...]] = {kind: tuple(names) for kind, names in _DATA["things"].items()}
"""Kind -> what entities of that kind are called. The key is a word of the resource's name."""
ALIASES: dict[str, str] = _DATA["aliases"]
"""Another word for a kind -> the kind, such as `"film"` -> `"movie"`. Not all are in THINGS."""
# Words of a resource's name that make it a person ("patient"), a company, or a place ("city").
PERSON_NOUNS: frozenset[str] = frozenset(_DATA["people"])
COMPANY_NOUNS: frozenset[str] = frozenset(_DATA["companies"])
PLACE_NOUNS: frozenset[str] = frozenset(_DATA["sites"])
SENTENCES: dict[str, tuple[str, ...]] = {
    topic: tuple(sentences) for topic, sentences in _DATA["sentences"].items()
}
"""Topic -> what people write about it."""
SENTENCE_OF: dict[str, str] = _DATA["sentence_of"]
"""A word of a resource's name -> the topic of the sentences that fit it."""
# Names for entities of unknown kinds: "Amber Lantern".
ADJECTIVES: tuple[str, ...] = tuple(_DATA["adjectives"])
NOUNS: tuple[str, ...] = tuple(_DATA["nouns"])
# A product: "Oak Lamp".
MATERIALS: tuple[str, ...] = tuple(_DATA["materials"])
GOODS: tuple[str, ...] = tuple(_DATA["goods"])
STREETS: tuple[str, ...] = tuple(_DATA["streets"])
COMPANIES: tuple[str, ...] = tuple(_DATA["company_names"])
JOBS: tuple[str, ...] = tuple(_DATA["jobs"])
SPECIALTIES: tuple[str, ...] = tuple(_DATA["specialties"])
COLORS: tuple[str, ...] = tuple(_DATA["colors"])
BANKS: tuple[str, ...] = tuple(_DATA["banks"])
WORDS: tuple[str, ...] = tuple(_DATA["words"])
"""Plain words, for the keys of open maps and for fields whose names are not understood."""
GENRES: tuple[str, ...] = tuple(_DATA["genres"])
LANGUAGES: tuple[str, ...] = tuple(_DATA["languages"])


def names_of(kind: str) -> tuple[str, ...] | None:
    """What entities of a kind are called, looked up by its word or an alias; None if unknown."""
    names = THINGS.get(kind)
    return names if names is not None else THINGS.get(ALIASES.get(kind, ""))


def _plain(names: Iterable[str], shortest: int, longest: int) -> tuple[str, ...]:
    """The names that go into an email address without escaping, sorted."""
    plain = {
        name
        for name in names
        if name.isascii() and name.isalpha() and shortest <= len(name) <= longest
    }
    return tuple(sorted(plain))


@lru_cache(maxsize=1)
def people() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """First names and last names, each sorted.

    They are those of Faker's American English provider: its tables only, without the generator and
    its lookup of locales, which take long to load.
    """
    from faker.providers.person.en_US import Provider

    return _plain(Provider.first_names, 3, 9), _plain(Provider.last_names, 4, 10)
