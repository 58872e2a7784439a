"""What the entities of one world share: the API, the seed, the clock, and random generators."""

from __future__ import annotations

import random
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Any

from inftool.core.tools import Api, Tool
from inftool.core.types import JsonObject
from inftool.world.resources.models import ResourceMap
from inftool.world.sampling.context import OPTIONAL_SHARE, ReferencePicker, SamplerSettings
from inftool.world.sampling.sampler import ValueSampler
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import RandomSource

# A world has one currency, so that sums add up.
CURRENCIES = ("EUR", "USD", "GBP")

# The clocks of worlds lie within this many days of a fixed Monday: years that models know, and far
# enough apart that no date is learned by heart.
_FIRST_DAY = datetime(2025, 1, 6, tzinfo=UTC)
_DAYS = 500
_FRIDAY = 4


def fixed_now(seed: int) -> datetime:
    """The time at which a world stands still: in the working hours of some weekday."""
    rng = random.Random(f"clock:{seed}")
    when = _FIRST_DAY + timedelta(days=rng.randrange(_DAYS))
    while when.weekday() > _FRIDAY:
        when += timedelta(days=1)
    # A time that people would write down, so that they can say it.
    return when.replace(
        hour=rng.randint(9, 16), minute=rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50))
    )


class SeedContext:
    """The API and the seed of a world, and what follows from them alone."""

    def __init__(self, api: Api, seed: int, resources: ResourceMap, size: int) -> None:
        self.api = api
        self.seed = seed
        self.map = resources
        self.size = size
        """About how many entities a collection without parents starts with."""
        self.now = fixed_now(seed)
        self.tools: dict[str, Tool] = {tool.name: tool for tool in api.tools}
        self.currency = random.Random(f"money:{seed}").choice(CURRENCIES)
        self.identity = blake2b(
            f"{api.name}\x1f{api.sha256}\x1f{seed}\x1f{size}".encode(), digest_size=32
        ).hexdigest()
        """A digest that tells this start from any other; rules of the world add to it."""
        self.shapes: dict[str, Shape] = {
            name: Shape.of(resource.entity) for name, resource in resources.resources.items()
        }
        self.fixed: dict[str, list[JsonObject]] = {}
        """Resource -> values that the world's rules give to its first entities."""
        self.lookup_properties = _lookup_properties(resources)
        """Resource -> properties besides its key that tools find an entity by: an email address."""
        self.memory: dict[Hashable, Any] = {}
        """What was computed once and is the same for every fork."""

    def rng(self, *words: object) -> random.Random:
        """A generator that depends only on the API, the seed and some words."""
        # Not a hash of the API's content: a description that is reworded changes no world.
        return random.Random(f"{self.api.name}\x1f{self.seed}\x1f" + "\x1f".join(map(str, words)))

    def lazy_rng(self, *words: object) -> RandomSource:
        """The generator of some words, made when it is first asked for.

        Most writes leave nothing to chance, and the words may be long.
        """
        return cache(lambda: self.rng(*words))

    def sampler(
        self,
        rng: random.Random,
        *,
        optional: float = OPTIONAL_SHARE,
        strict: bool = False,
        refer: ReferencePicker | None = None,
    ) -> ValueSampler:
        """A sampler with this world's clock and currency; for the rest see `SamplerSettings`."""
        settings = SamplerSettings(
            now=self.now, currency=self.currency, refer=refer, optional=optional, strict=strict
        )
        return ValueSampler(rng, settings)

    def fixed_values(self, name: str, index: int) -> JsonObject:
        """What the world's rules say of the n-th entity of a resource."""
        fixed: Sequence[JsonObject] = self.fixed.get(name, ())
        return fixed[index] if index < len(fixed) else {}


def _lookup_properties(resources: ResourceMap) -> dict[str, tuple[str, ...]]:
    """Resource -> properties besides its key that some tool takes for its target."""
    by_resource: dict[str, set[str]] = {}
    for role in resources.roles.values():
        argument = role.target.argument
        if argument is None or argument not in role.target.keys:
            continue
        name, prop = role.target.keys[argument]
        if prop and prop != resources.resources[name].identifier:
            by_resource.setdefault(name, set()).add(prop)
    return {name: tuple(sorted(props)) for name, props in by_resource.items()}
