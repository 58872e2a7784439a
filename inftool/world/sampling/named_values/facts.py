"""The facts about one object that its sampled values agree on: its person, place, company, name."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime

from inftool.world.lexicon import vocabulary
from inftool.world.lexicon.word_groups import word_sets

EPOCH = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)
"""The clock of a sampler that belongs to no world."""

ADDRESS_ROLES = word_sets("address")["roles"]
"""Words that tell one address of an object from another: `billing`, `shipping`, `origin`."""


@dataclass
class Facts:
    """What one object's values have in common. Each fact is drawn when it is first asked for."""

    noun: tuple[str, ...]
    """The words of the noun that the object is: `("order", "item")`."""
    rng: random.Random
    """The generator that facts and values are drawn from."""
    now: datetime
    """The world's clock."""
    currency: str
    """The world's currency (ISO 4217)."""
    names: frozenset[str] = frozenset()
    """The names of the object's properties, spelled without case and separators."""
    own_name: str | None = None
    """What the object is called, once that is drawn; read it with `entity_names.own_name`."""
    _people: dict[str, tuple[str, str]] = field(default_factory=dict)
    _places: dict[str, vocabulary.Place] = field(default_factory=dict)
    _company: str | None = None

    def person(self, role: str = "") -> tuple[str, str]:
        """First and last name of the object's person in a role, such as "driver"."""
        person = self._people.get(role)
        if person is None:
            first_names, last_names = vocabulary.people()
            person = (self.rng.choice(first_names), self.rng.choice(last_names))
            self._people[role] = person
        return person

    def full_name(self, role: str = "") -> str:
        """First and last name of the object's person in a role, as one text."""
        return " ".join(self.person(role))

    def place(self, role: str = "") -> vocabulary.Place:
        """The object's city in a role, such as "billing", with its country, time zone and so on."""
        place = self._places.get(role)
        if place is None:
            place = self._places[role] = self.rng.choice(vocabulary.PLACES)
        return place

    def company(self) -> str:
        """The object's company."""
        if self._company is None:
            self._company = self.rng.choice(vocabulary.COMPANIES)
        return self._company

    @property
    def is_person(self) -> bool:
        """Whether the object is a person by its noun."""
        return bool(self.noun) and self.noun[-1] in vocabulary.PERSON_NOUNS
