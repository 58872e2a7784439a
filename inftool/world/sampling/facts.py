"""The facts about one entity that its sampled values agree on: its name, place, people and moments."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from inftool.language.identifiers import bag, singular, split
from inftool.world.lexicon import vocabulary as words

EPOCH = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)


@dataclass
class Facts:
    """What belongs together in one object: one person, one place, one company, the noun that the object is."""

    noun: tuple[str, ...]
    rng: random.Random
    now: datetime
    currency: str
    names: frozenset[str] = frozenset()
    _kept: dict[str, Any] = field(default_factory=dict)

    def person(self, role: str = "") -> tuple[str, str]:
        """First and last name of the object's person (one for each role that its fields name)."""
        key = f"person:{role}"
        if key not in self._kept:
            first, last = words.people()
            self._kept[key] = (self.rng.choice(first), self.rng.choice(last))
        return self._kept[key]  # type: ignore[no-any-return]

    def place(self, role: str = "") -> words.Place:
        """The object's city, with its country, time zone and so on."""
        key = f"place:{role}"
        if key not in self._kept:
            self._kept[key] = self.rng.choice(words.PLACES)
        return self._kept[key]  # type: ignore[no-any-return]

    def company(self) -> str:
        """The object's company."""
        if "company" not in self._kept:
            self._kept["company"] = self.rng.choice(words.COMPANIES)
        return str(self._kept["company"])

    def thing(self) -> str:
        """What the object is called."""
        if "thing" not in self._kept:
            self._kept["thing"] = entity_name(self.noun, self)
        return str(self._kept["thing"])

    @property
    def is_person(self) -> bool:
        """Whether the object is a person by its noun."""
        return bool(self.noun) and self.noun[-1] in words.PERSON_NOUNS


def slug(text: str) -> str:
    """A text as a URL slug: "Blue Lamp" -> "blue-lamp"."""
    return "-".join(split(text)) or "item"


def entity_name(noun: tuple[str, ...], facts: Facts) -> str:
    """A name for a thing of some kind."""
    rng = facts.rng
    for word in reversed(noun):
        word = singular(word)
        if word in words.PERSON_NOUNS:
            return " ".join(facts.person())
        if word in {"book", "novel", "title", "publication"}:
            form = rng.randrange(6)
            first, second = rng.choice(words.ADJECTIVES), rng.choice(words.NOUNS)
            other = rng.choice([item for item in words.NOUNS if item != second])
            return (
                f"The {first} {second}",
                f"A {second} in {facts.place('title').city}",
                f"{first} {second}",
                f"The {second} and the {other}",
                f"{second} of {other}s",
                f"The Last {second}",
            )[form]
        if word in {"clinic", "hospital", "practice", "surgery"}:
            return rng.choice(words.THINGS["clinic"])
        if word in words.COMPANY_NOUNS:
            return facts.company()
        if word in {"review", "rating", "testimonial"}:
            return rng.choice(words.THINGS["review"])
        if word in {"address", "addressee"}:
            return " ".join(facts.person())
        if word in {"airport"}:
            return facts.place().airport_name
        if word in words.PLACE_NOUNS:
            return facts.place().city
        if word in words.THINGS:
            return rng.choice(words.THINGS[word])
        if word in words.ALIASES and words.ALIASES[word] in words.THINGS:
            return rng.choice(words.THINGS[words.ALIASES[word]])
        if word in {"product", "item", "variant", "good", "article", "sku", "offer", "gift"}:
            return f"{rng.choice(words.MATERIALS)} {rng.choice(words.GOODS)}"
    return f"{rng.choice(words.ADJECTIVES)} {rng.choice(words.NOUNS)}"


def sentence(noun: tuple[str, ...], rng: random.Random, kind: str = "") -> str:
    """A sentence that such a thing would carry."""
    if (
        not kind
        and set(noun) & {"shipment", "parcel", "package", "tracking"}
        and set(noun) & {"event", "update", "scan", "activity"}
    ):
        kind = "parcel"
    if not kind:
        kind = next(
            (
                words.SENTENCE_OF[singular(word)]
                for word in reversed(noun)
                if singular(word) in words.SENTENCE_OF
            ),
            "general",
        )
    return rng.choice(words.SENTENCES[kind])


def plausible_moment(parts: tuple[str, ...], facts: Facts) -> datetime:
    """When something with such a name happened or will happen, seen from the world's clock."""
    rng, now = facts.rng, facts.now
    said = set(parts)
    if said & {"birth", "birthday", "dob", "born"}:
        return datetime(rng.randint(1948, 2004), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC)
    if said & {"published", "publication", "released", "release"} and set(facts.noun) & {
        "book",
        "movie",
        "film",
        "album",
        "song",
        "novel",
    }:
        return datetime(
            rng.randint(1988, now.year - 1), rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC
        )
    past = said & bag(
        "created added joined registered opened placed ordered issued started since posted sent uploaded purchased hired signed "
        "booked submitted occurred recorded paid shipped closed completed cancelled canceled resolved published updated "
        "modified edited changed last received delivered checked logged seen accessed used measured written requested"
    )
    future = said & bag(
        "due expires expiry expiration expire deadline until valid renewal renews next estimated eta target scheduled planned "
        "end ends departure departs arrival arrives start starts begin begins from to date check checkin checkout pickup "
        "delivery event appointment visit travel"
    )
    if "month" in said or "period" in said:
        past = past or {"period"}
    if said & {"expires", "expiry", "expiration", "expire"}:
        base = now + timedelta(days=rng.randint(20, 900))
    elif future and not past:
        base = now + timedelta(days=rng.randint(1, 45))
    else:
        base = now - timedelta(
            days=rng.randint(2, 380)
            if said & bag("created joined registered opened added since hired")
            else rng.randint(1, 60)
        )
    if past:
        return base.replace(
            hour=rng.randint(7, 20),
            minute=rng.randrange(60),
            second=rng.randrange(60),
            microsecond=0,
        )
    return base.replace(
        hour=rng.randint(8, 19), minute=rng.choice((0, 0, 15, 30, 30, 45)), second=0, microsecond=0
    )


def format_timestamp(when: datetime) -> str:
    """A moment as RFC 3339 text."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def time_of_day(rng: random.Random) -> str:
    """A time of day."""
    return f"{rng.randint(7, 20):02d}:{rng.choice((0, 15, 30, 45)):02d}:00"


def format_date(when: datetime) -> str:
    """A moment's date."""
    return date(when.year, when.month, when.day).isoformat()


# What stands beside a state that is part of an address.
PLACED = bag(
    "city zip zipcode postalcode postcode country countrycode street address1 line1 addressline1 town locality"
)
ROLES = bag(
    "origin destination departure arrival from to billing shipping sender recipient pickup dropoff source target home work"
)


def isbn(rng: random.Random) -> str:
    """A valid ISBN-13."""
    digits = [9, 7, 8, *(rng.randrange(10) for _ in range(9))]
    check = (
        10 - sum(digit * (3 if index % 2 else 1) for index, digit in enumerate(digits)) % 10
    ) % 10
    return "".join(map(str, [*digits, check]))
