"""Which tools requests can be made for, found by trying.

A trial depends on the spec alone: what was drawn before must not steer what is drawn next.
"""

from __future__ import annotations

import random
from typing import Literal

from inftool.core.tools import Tool
from inftool.scenarios.composition.composer import compose
from inftool.scenarios.composition.lookahead import REFUSAL_STATUSES
from inftool.scenarios.composition.options import ComposeOptions
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.world_pool import WorldPool
from inftool.world.faults import documented_faults
from inftool.world.resources.models import Role

Mode = Literal["plain", "lookup", "several", "nested", "refused", "transient_failure"]
"""What a tool is wanted for: a call without a lookup, with one, with several, with a lookup through
another entity; a call that the world refuses; one that fails once."""

UNPROVEN_WEIGHT = 0.05
"""The weight of a tool whose trial failed, against 1 of one that succeeded. Three worlds are few,
so it is not given up; but most draws of it fail, and each of those costs time."""

# In how many worlds a trial is made before it counts as failed; one failure may be bad luck.
_TRIALS = 3
# For a refusal some entity has to be in the right state, which a trial costs more to find.
_REFUSAL_TRIALS = 2

_PLAIN = ComposeOptions()
_LOOKUP = ComposeOptions("direct")
_REFUSED = ComposeOptions("direct", outcome="refused")

WHY_NO_TOOL: dict[Mode, UnplayableReason] = {
    "plain": UnplayableReason.NO_PLAYABLE_TOOL,
    "lookup": UnplayableReason.NO_LOOKUP_TOOL,
    "several": UnplayableReason.NO_TOOL_WITH_TWO_LOOKUPS,
    "nested": UnplayableReason.NO_TOOL_WITH_NESTED_LOOKUP,
    "refused": UnplayableReason.NO_TOOL_WITH_REFUSAL,
    "transient_failure": UnplayableReason.NO_TOOL_WITH_TRANSIENT_FAILURE,
}
"""What it means if no tool has a weight above 0 for a mode."""


class ToolTrials:
    """Weights of tools for each mode, each trial made when it is first asked for."""

    def __init__(self, pool: WorldPool) -> None:
        self.pool = pool
        self._weights: dict[tuple[str, Mode], list[float]] = {}

    def weights(self, api: str, mode: Mode) -> list[float]:
        """The weights of an API's tools, in their order: 1, `UNPROVEN_WEIGHT`, 0 if impossible."""
        weights = self._weights.get((api, mode))
        if weights is None:
            weights = [self._weight(tool, mode) for tool in self.pool.api(api).tools]
            self._weights[api, mode] = weights
        return weights

    def is_proven(self, api: str, tool: Tool, mode: Mode) -> bool:
        """Whether a tool's trial succeeded."""
        index = self.pool.api(api).tools.index(tool)
        return self.weights(api, mode)[index] > UNPROVEN_WEIGHT

    def _weight(self, tool: Tool, mode: Mode) -> float:
        role = self.pool.maps[tool.api].roles[tool.name]
        if mode == "plain":
            return 1.0 if self._succeeds(tool, _PLAIN) else UNPROVEN_WEIGHT
        if mode == "transient_failure":
            if not documented_faults(tool):
                return 0.0
            is_playable = self._succeeds(tool, _LOOKUP) or self._succeeds(tool, _PLAIN)
            return 1.0 if is_playable else UNPROVEN_WEIGHT
        if mode == "refused":
            return 1.0 if self._can_be_refused(tool, role) else 0.0
        resources = self.pool.maps[tool.api].resources
        # A virtual resource has no list to look its keys up in.
        references = sum(
            (kind := resources.get(target)) is not None and not kind.virtual
            for target, _ in role.references.values()
        )
        if references < (2 if mode == "several" else 1):
            return 0.0
        if mode == "nested":
            return 1.0 if self._is_found_through_another(tool, role) else 0.0
        # What several or nested lookups need depends on the draw, so they are not tried.
        if mode == "several":
            return 1.0
        return 1.0 if self._succeeds(tool, _LOOKUP) else UNPROVEN_WEIGHT

    def _succeeds(self, tool: Tool, options: ComposeOptions) -> bool:
        """Whether a request of a kind can be made for a tool in one of a few worlds."""
        # One generator for all worlds, so that they are not tried with the same arguments.
        rng = random.Random(tool.name)
        return any(
            _composes(
                Scene(self.pool, tool.api, self.pool.world(tool.api, seed), rng), tool, options
            )
            for seed in range(_TRIALS)
        )

    def _can_be_refused(self, tool: Tool, role: Role) -> bool:
        """Whether the world refuses a documented or ruled call for some entity."""
        if role.target.argument is None or tool.effect == "read":
            return False
        statuses = {answer.status for answer in tool.responses}
        is_documented = bool(statuses & {str(status) for status in REFUSAL_STATUSES})
        rules = self.pool.rules.get(tool.api)
        is_ruled = rules is not None and any(rule.tool == tool.name for rule in rules.constraints)
        if not is_documented and not is_ruled:
            return False
        for seed in range(_REFUSAL_TRIALS):
            world, rng = self.pool.world(tool.api, seed), random.Random(tool.name)
            # An opaque key does not matter here: what is refused can be named in words.
            scene = Scene(self.pool, tool.api, world, rng, choosy=False)
            if _composes(scene, tool, _REFUSED):
                return True
        return False

    def _is_found_through_another(self, tool: Tool, role: Role) -> bool:
        """Whether an entity that a tool takes can be found through its owner.

        A list of it takes the owner's key, as a filter or because it has to, and the owner is
        listed as well.
        """
        resource_map = self.pool.maps[tool.api]
        for kind in {resource for resource, _ in role.references.values()}:
            for name in resource_map.tools(kind, "list", "search"):
                owners = self._owners(name, resource_map.roles[name])
                if name != tool.name and any(
                    owner != kind and resource_map.tools(owner, "list", "search")
                    for owner in owners
                ):
                    return True
        return False

    def _owners(self, name: str, role: Role) -> set[str]:
        """The resources whose keys a list takes, as filters or as required arguments."""
        filters = {
            role.references[f"/{argument}"][0]
            for argument in role.listing.filters
            if f"/{argument}" in role.references
        }
        required = {
            role.target.keys[argument][0]
            for argument in self.pool.tools[name].input_schema.get("required", ())
            if argument in role.target.keys
        }
        return filters | required


def _composes(scene: Scene, tool: Tool, options: ComposeOptions) -> bool:
    try:
        compose(scene, tool, options)
    except Unplayable:
        return False
    return True
