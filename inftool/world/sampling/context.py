"""What the samplers of objects, arrays, texts and numbers share: settings, generator, budget."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from inftool.world.sampling.named_values.facts import EPOCH, Facts
from inftool.world.schema.shape import Shape

ReferencePicker = Callable[[str], Any]
"""Given a pointer pattern (`/lines/*/bookId`), the key of an entity to put there, or None."""

MAX_DEPTH = 7
"""Optional parts end at this depth: below the five levels or so of most specs, since recursive
schemas must come to an end."""

MAX_REQUIRED_DEPTH = MAX_DEPTH + 6
"""Even required parts end at this depth: a schema that demands itself has no valid value anyway."""

OPTIONAL_SHARE = 0.85
"""The usual probability of an optional property: most are there, but entities are not all alike."""

BUDGET = 300
"""How many values a single sample may consist of before its optional parts are left out. The
largest schemas would make thousands."""


@dataclass(frozen=True)
class SamplerSettings:
    """What values are sampled with."""

    now: datetime = EPOCH
    """The clock that past and future are seen from."""
    currency: str = "EUR"
    """The currency of amounts (ISO 4217)."""
    refer: ReferencePicker | None = None
    """Picks the keys that references hold; without it they are sampled like other values."""
    optional: float = OPTIONAL_SHARE
    """The probability that an optional property is there."""
    strict: bool = False
    """Whether the alternatives of a `oneOf` are tried until exactly one holds. It takes longer, and
    is meant for values that were invalid at the first try."""


class FieldPosition(NamedTuple):
    """Where a value goes."""

    name: str = ""
    """The name of the field, or that of the array around it; empty where it has none."""
    pointer: str = ""
    """The pointer pattern from the sampled value's root: `/lines/*/bookId`."""
    depth: int = 0
    """How many objects, arrays and alternatives are around it."""

    def property(self, prop: str) -> FieldPosition:
        """The position of a property of the object at this position."""
        return FieldPosition(prop, f"{self.pointer}/{prop}", self.depth + 1)

    def item(self, name: str) -> FieldPosition:
        """The position of the items of the array at this position, or of any entry of a map."""
        return FieldPosition(name, f"{self.pointer}/*", self.depth + 1)

    def alternative(self) -> FieldPosition:
        """The same position for one of the schema's alternatives."""
        return FieldPosition(self.name, self.pointer, self.depth + 1)


class SamplingContext(ABC):
    """The state of a sampler, and its way back from the parts of a value to values of any type."""

    def __init__(self, rng: random.Random, settings: SamplerSettings) -> None:
        self.rng = rng
        self.settings = settings
        self.optional = settings.optional
        """The probability of optional properties, which varies while alternatives are tried."""
        self.budget = BUDGET
        """How many parts the value may still get."""

    def facts(self, noun: tuple[str, ...]) -> Facts:
        """Fresh facts for an object that is such a noun."""
        return Facts(
            noun=noun, rng=self.rng, now=self.settings.now, currency=self.settings.currency
        )

    @abstractmethod
    def value_at(self, shape: Shape, position: FieldPosition, facts: Facts | None) -> Any:
        """A value of a shape at a position; `facts` are those of the object around it."""
