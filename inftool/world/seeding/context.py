"""What the seeded entities of one world share: the API, its seed, its clock, and generators derived from them."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from typing import Any

from inftool.core.tools import Api, Tool
from inftool.world.resources.models import ResourceMap
from inftool.world.sampling.context import OPTIONAL_SHARE, ReferencePicker, SamplerSettings
from inftool.world.sampling.sampler import ValueSampler
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import RandomSource

CURRENCIES = ("EUR", "USD", "GBP")


def fixed_now(seed: int) -> datetime:
    """The fixed now of a world: a working hour of some weekday."""
    rng = random.Random(f"clock:{seed}")
    when = datetime(2025, 1, 6, tzinfo=UTC) + timedelta(days=rng.randrange(500))
    while when.weekday() > 4:
        when += timedelta(days=1)
    return when.replace(
        hour=rng.randint(9, 16), minute=rng.choice((0, 5, 10, 15, 20, 30, 40, 45, 50))
    )


class SeedContext:
    """The API and the seed of a world, and what follows from them alone.

    `memory` holds what was computed once and is the same for every fork.
    """

    def __init__(self, api: Api, seed: int, resources: ResourceMap, size: int) -> None:
        self.api = api
        self.seed = seed
        self.map = resources
        self.size = size
        self.now = fixed_now(seed)
        self.tools: dict[str, Tool] = {tool.name: tool for tool in api.tools}
        self.currency = random.Random(f"money:{seed}").choice(CURRENCIES)
        self.identity = blake2b(
            f"{api.name}\x1f{api.sha256}\x1f{seed}\x1f{size}".encode(), digest_size=32
        ).hexdigest()
        self.shapes: dict[str, Shape] = {
            name: Shape.of(resource.entity) for name, resource in resources.resources.items()
        }
        self.memory: dict[Any, Any] = {}

    def rng(self, *words: object) -> random.Random:
        """A generator that depends on the API, the seed and some words only."""
        return random.Random(f"{self.api.name}\x1f{self.seed}\x1f" + "\x1f".join(map(str, words)))

    def lazy_rng(self, *words: object) -> RandomSource:
        """As `rng`, made when it is first asked for: most writes leave nothing to chance, and the words may be long."""
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
