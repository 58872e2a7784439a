"""The stage: a toolset with what its tools do to the world, and the seeded worlds that blueprints are made for, played and judged in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from inftool.core.blueprints import Blueprint
from inftool.core.tools import Api, Tool
from inftool.scenarios.wording.sayable import opaque
from inftool.toolset.toolset import Toolset
from inftool.world.faults import PlannedFaults
from inftool.world.resources.inference import infer_resources
from inftool.world.resources.models import ResourceMap
from inftool.world.rule_files import find_rules, load_rules
from inftool.world.rules import Rules
from inftool.world.world import World

WORLD_SIZE = 8


class WorldPool:
    """Hands out worlds. Seeding one costs milliseconds and forking it microseconds, so the last `keep` seeded worlds stay at hand.

    A rules file beside a spec (`bookshop.world.yaml`) makes every world of that API follow it; WorldError where it does not fit.
    """

    def __init__(self, apis: Sequence[Api], *, keep: int = 64) -> None:
        self.toolset = Toolset.of(apis)
        self.maps: dict[str, ResourceMap] = {
            api.name: infer_resources(api) for api in self.toolset.apis
        }
        self.rules: dict[str, Rules] = {
            api.name: rules
            for api in self.toolset.apis
            if (rules := self._rules(api, apis)) is not None
        }
        self._keep = max(keep, len(self.maps))
        self._seeded: OrderedDict[tuple[str, int, int], World] = OrderedDict()
        self._opaque_keys: dict[str, frozenset[tuple[str, str]]] = {}

    def _rules(self, api: Api, given: Sequence[Api]) -> Rules | None:
        path = find_rules(api.file)
        if path is None:
            return None
        # The file speaks of the tools by the names that the spec gives them, which the toolset may have had to change.
        own = next(other for other in given if other.name == api.name and other.tools)
        names = {
            before.name: after.name for before, after in zip(own.tools, api.tools, strict=True)
        }
        rules = load_rules(path, own)
        return rules.model_copy(
            update={
                "constraints": tuple(
                    rule.model_copy(update={"tool": names[rule.tool]}) for rule in rules.constraints
                ),
                "effects": tuple(
                    effect.model_copy(update={"tool": names[effect.tool]})
                    for effect in rules.effects
                ),
            }
        )

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

    def world(self, api: str, seed: int, size: int = WORLD_SIZE) -> World:
        """A world of one's own: a fork of the one that this seed gives."""
        base = self._seeded.get((api, seed, size))
        if base is None:
            base = World.seed(
                self.api(api), seed, resources=self.maps[api], rules=self.rules.get(api), size=size
            )
            self._seeded[api, seed, size] = base
            if len(self._seeded) > self._keep:
                self._seeded.popitem(last=False)
        else:
            self._seeded.move_to_end((api, seed, size))
        return base.fork()

    def opaque_keys(self, api: str) -> frozenset[tuple[str, str]]:
        """The keys (resource, property) of an API that no person would say: what its things look like says so."""
        found = self._opaque_keys.get(api)
        if found is None:
            world = self.world(api, 0)
            goals = {
                goal for role in self.maps[api].roles.values() for goal in role.references.values()
            }
            seen = {
                goal: next(iter(world.entities(goal[0]).values()), {})
                for goal in goals
                if goal[0] in self.maps[api].resources
            }
            found = self._opaque_keys[api] = frozenset(
                goal for goal, entity in seen.items() if opaque(entity.get(goal[1]))
            )
        return found

    def blueprint_world(self, blueprint: Blueprint) -> World:
        """The world that a blueprint is made for, as it is before the first call; what is planned to fail will."""
        world = self.world(blueprint.world.api, blueprint.world.seed, blueprint.world.size)
        world.interceptor = PlannedFaults.of(blueprint.plan)
        return world

    def open(self, blueprint: Blueprint) -> dict[str, World]:
        """The worlds that a blueprint is played in, by API: its home, and one for every other API that a visible tool belongs to."""
        others = {self.tools[name].api for name in blueprint.all_tools()} - {blueprint.world.api}
        return {
            blueprint.world.api: self.blueprint_world(blueprint),
            **{name: self.world(name, 0) for name in sorted(others)},
        }
