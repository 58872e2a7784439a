"""A pool of seeded worlds, with the tools of all APIs and what they do to a world."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from inftool.core.blueprints import Blueprint
from inftool.core.tools import Api, Tool
from inftool.scenarios.wording.sayable import opaque
from inftool.toolset.toolset import Toolset
from inftool.world.faults import PlannedFaults
from inftool.world.resources.inference import infer_resources
from inftool.world.resources.models import ResourceMap, ResourceProperty
from inftool.world.rule_files import find_rules, load_rules
from inftool.world.rules import Rules
from inftool.world.world import World

WORLD_SIZE = 8
"""About how many entities of each resource a world holds: enough for lists that leave a choice,
few enough to be read out and to seed a world in milliseconds."""

# The world that is looked at for what its keys are like.
_SAMPLE_SEED = 0


class WorldPool:
    """Hands out worlds of some APIs.

    Seeding a world takes milliseconds and forking it microseconds, so the last `keep` seeded worlds
    are kept. A rules file beside a spec (`bookshop.world.yaml`) applies to every world of that API;
    WorldError if it does not fit the spec.
    """

    def __init__(self, apis: Sequence[Api], *, keep: int = 64) -> None:
        self.toolset = Toolset.of(apis)
        """The tools of all APIs, under names that are unique."""

        self.maps: dict[str, ResourceMap] = {
            api.name: infer_resources(api) for api in self.toolset.apis
        }
        """By API, its resources and what its tools do to them."""

        self.rules: dict[str, Rules] = {}
        """By API, the rules of its rules file; an API without one is not there."""

        for api in self.toolset.apis:
            if (rules := self._rules(api, apis)) is not None:
                self.rules[api.name] = rules
        # At least one world of each API, or a round through all APIs would seed each anew.
        self._keep = max(keep, len(self.maps))
        self._seeded: OrderedDict[tuple[str, int, int], World] = OrderedDict()
        self._opaque_keys: dict[str, frozenset[ResourceProperty]] = {}

    def _rules(self, api: Api, given: Sequence[Api]) -> Rules | None:
        """The rules of an API's rules file, with the tools' names in the toolset."""
        path = find_rules(api.file)
        if path is None:
            return None
        # The file names tools as the spec does; the toolset may have had to rename them.
        original = next(other for other in given if other.name == api.name and other.tools)
        names = {
            before.name: after.name for before, after in zip(original.tools, api.tools, strict=True)
        }
        rules = load_rules(path, original)
        constraints = (
            rule.model_copy(update={"tool": names[rule.tool]}) for rule in rules.constraints
        )
        effects = (
            effect.model_copy(update={"tool": names[effect.tool]}) for effect in rules.effects
        )
        return rules.model_copy(
            update={"constraints": tuple(constraints), "effects": tuple(effects)}
        )

    @property
    def tools(self) -> dict[str, Tool]:
        """Every tool by its name."""
        return self.toolset.tools

    @property
    def api_names(self) -> tuple[str, ...]:
        """The names of the APIs that have tools, in order."""
        return tuple(self.maps)

    def api(self, name: str) -> Api:
        """The API of that name."""
        return self.toolset.by_name[name]

    def world(self, api: str, seed: int, size: int = WORLD_SIZE) -> World:
        """A fork of the world of a seed, which the caller may change."""
        base = self._seeded.get((api, seed, size))
        if base is None:
            base = World.seed(
                self.api(api), seed, resources=self.maps[api], rules=self.rules.get(api), size=size
            )
            self._seeded[api, seed, size] = base
            # The world that was not asked for longest goes.
            if len(self._seeded) > self._keep:
                self._seeded.popitem(last=False)
        else:
            self._seeded.move_to_end((api, seed, size))
        return base.fork()

    def opaque_keys(self, api: str) -> frozenset[ResourceProperty]:
        """The keys of an API that no person would say, such as UUIDs.

        Specs seldom say what their keys are like; the entities of a sample world show it.
        """
        keys = self._opaque_keys.get(api)
        if keys is None:
            world, resource_map = self.world(api, _SAMPLE_SEED), self.maps[api]
            referred = {
                key for role in resource_map.roles.values() for key in role.references.values()
            }
            keys = frozenset(
                (resource, name)
                for resource, name in referred
                if resource in resource_map.resources
                and opaque(next(iter(world.entities(resource).values()), {}).get(name))
            )
            self._opaque_keys[api] = keys
        return keys

    def blueprint_world(self, blueprint: Blueprint) -> World:
        """The world that a blueprint starts in; calls that its plan says fail once will do so."""
        world = self.world(blueprint.world.api, blueprint.world.seed, blueprint.world.size)
        world.interceptor = PlannedFaults.of(blueprint.plan)
        return world

    def open(self, blueprint: Blueprint) -> dict[str, World]:
        """The worlds that a blueprint is played in, by API.

        They are the one that it starts in, and one for every other API that a visible tool is of.
        """
        visible = {self.tools[name].api for name in blueprint.all_tools()}
        # Distractors of other APIs are called by mistake only, so any world of theirs will do.
        others = sorted(visible - {blueprint.world.api})
        return {
            blueprint.world.api: self.blueprint_world(blueprint),
            **{api: self.world(api, _SAMPLE_SEED) for api in others},
        }
