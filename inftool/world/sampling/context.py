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
"""No optional properties are sampled from this depth on, so that recursive schemas end. Most specs
nest about five levels."""

MAX_REQUIRED_DEPTH = MAX_DEPTH + 6
"""No required properties are sampled below this depth. A schema that requires itself has no finite
value."""

OPTIONAL_SHARE = 0.85
"""The usual probability of an optional property: most are present, but entities still differ."""

BUDGET = 300
"""How many nested values a sample may have before optional properties are left out. The largest
schemas would yield thousands."""


@dataclass(frozen=True)
class SamplerSettings:
    """Settings of a sampler."""

    now: datetime = EPOCH
    """The current time: dates are sampled before or after it."""
    currency: str = "EUR"
    """The currency of amounts (ISO 4217)."""
    refer: ReferencePicker | None = None
    """Picks the keys for references to entities. If None, they are sampled like other values."""
    optional: float = OPTIONAL_SHARE
    """The probability that an optional property is present."""
    strict: bool = False
    """Whether to try the alternatives of a `oneOf` until exactly one is valid. It is slower, and
    meant for a second attempt after an invalid value."""


class FieldPosition(NamedTuple):
    """The position of a value inside the value that is being sampled."""

    name: str = ""
    """The name of the field; for an item, the singular of the array's name; may be empty."""
    pointer: str = ""
    """The pointer pattern from the root of the sampled value: `/lines/*/bookId`."""
    depth: int = 0
    """The number of enclosing objects, arrays and alternatives."""

    def property(self, prop: str) -> FieldPosition:
        """The position of a property of this object."""
        return FieldPosition(prop, f"{self.pointer}/{prop}", self.depth + 1)

    def item(self, name: str) -> FieldPosition:
        """The position of the items of this array, or of the entries of this map."""
        return FieldPosition(name, f"{self.pointer}/*", self.depth + 1)

    def alternative(self) -> FieldPosition:
        """The same position for one of the schema's alternatives."""
        return FieldPosition(self.name, self.pointer, self.depth + 1)


class SamplingContext(ABC):
    """The state of a sampler. The modules for objects and arrays call it for nested values."""

    def __init__(self, rng: random.Random, settings: SamplerSettings) -> None:
        self.rng = rng
        self.settings = settings
        self.optional = settings.optional
        """The probability of optional properties; it varies while alternatives are tried."""
        self.budget = BUDGET
        """How many more nested values the sample may have; see `BUDGET`."""

    def facts(self, noun: tuple[str, ...]) -> Facts:
        """Fresh facts for an object, such as an `("order", "item")`."""
        return Facts(
            noun=noun, rng=self.rng, now=self.settings.now, currency=self.settings.currency
        )

    @abstractmethod
    def value_at(self, shape: Shape, position: FieldPosition, facts: Facts | None) -> Any:
        """A value of a shape at a position; `facts` are those of the object around it."""
