"""The stage: a toolset with what its tools do to the world, and the seeded worlds that blueprints are made for, played and judged in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from inftool.records import Api, Tool
from inftool.servers.resources import ResourceMap, infer
from inftool.servers.world import World
from inftool.toolset.toolset import Toolset


class Stage:
    """Hands out worlds. Seeding one costs milliseconds and forking it microseconds, so the last `keep` seeded worlds stay at hand."""

    def __init__(self, apis: Sequence[Api], *, keep: int = 64) -> None:
        self.toolset = Toolset.of(apis)
        self.maps: dict[str, ResourceMap] = {api.name: infer(api) for api in self.toolset.apis}
        self._keep = max(keep, len(self.maps))
        self._seeded: OrderedDict[tuple[str, int], World] = OrderedDict()

    @property
    def tools(self) -> dict[str, Tool]:
        """Every tool by its name."""
        return self.toolset.tools

    @property
    def api_names(self) -> tuple[str, ...]:
        """The APIs that have tools, in order."""
        return tuple(self.maps)

    def api(self, name: str) -> Api:
        """The API of that name."""
        return self.toolset.by_name[name]

    def world(self, api: str, seed: int) -> World:
        """A world of one's own: a fork of the one that this seed gives."""
        base = self._seeded.get((api, seed))
        if base is None:
            base = World.seed(self.api(api), seed, resources=self.maps[api])
            self._seeded[api, seed] = base
            if len(self._seeded) > self._keep:
                self._seeded.popitem(last=False)
        else:
            self._seeded.move_to_end((api, seed))
        return base.fork()
