"""Why a cell of the coverage map is open: what becomes of trying for it alone, in a few worlds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

from inftool.core.blueprints import Blueprint, Category, Persona, WorldRef
from inftool.core.json_pointer import Unresolved, find_at
from inftool.core.tools import Tool
from inftool.scenarios.categories.following import request_along
from inftool.scenarios.categories.single_turn import compose_either, turn_of
from inftool.scenarios.composition.composer import compose
from inftool.scenarios.composition.options import ComposeOptions
from inftool.scenarios.composition.scene import ComposedRequest, Scene
from inftool.scenarios.composition.unplayable import Unplayable
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.sampling.assembly import BlueprintDraft
from inftool.scenarios.sampling.cells import can_occur, covered_cells
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.world_pool import WORLD_SIZE, WorldPool
from inftool.toolset.producer_graph import Edge

TRIES = 12
"""In how many worlds a cell is tried for."""

_NOT_TAKEN = "another was taken in its place"


class Reasons:
    """Says why cells of the coverage map are open."""

    def __init__(
        self,
        stage: WorldPool,
        personas: Sequence[Persona],
        edges: Sequence[Edge],
        *,
        accept: Callable[[Blueprint], bool] = lambda blueprint: True,
        tries: int = TRIES,
    ) -> None:
        """`accept` says whether a blueprint passes its rehearsal, where there is one."""
        self.stage, self.accept, self.tries = stage, accept, tries
        self._edges = {
            f"edge:{edge.producer}>{edge.consumer}{edge.argument}": edge for edge in edges
        }
        self._sampler = BlueprintSampler(stage, personas, 0)

    def why(self, cell: str) -> str:
        """Why one cell is open, after trying for it in some worlds.

        Empty for kinds of cells that are not made by one call (categories, behaviors).
        """
        kind, _, rest = cell.partition(":")
        if kind == "status":
            name, _, status = rest.rpartition(":")
            if can_occur(self.stage.tools[name], status):
                return ""
            return "nothing that a user can wish for brings this status about"
        if kind not in ("tool", "param", "enum", "edge"):
            return ""
        name = self._edges[cell].consumer if kind == "edge" else rest.partition("/")[0]
        tool = self.stage.tools[name]
        reasons: Counter[str] = Counter()
        for number in range(self.tries):
            reason = self._problem(cell, tool, number)
            if not reason:
                more = f"more blueprints, or a weight on {tool.name}"
                return f"it can be had, by try {number + 1}: {more}"
            reasons[reason] += 1
        most_common = [f"{reason} ({count}\u00d7)" for reason, count in reasons.most_common(3)]
        return f"{reasons.total()} tries: {', '.join(most_common)}"

    def _problem(self, cell: str, tool: Tool, number: int) -> str:
        """Why one try for a cell fails, empty if it succeeds."""
        try:
            blueprint = self._tried(cell, tool, number)
        except (Unplayable, Unresolved) as error:
            return str(error)
        if cell not in covered_cells(blueprint, self.stage.tools):
            return self._instead(cell, tool)
        return "" if self.accept(blueprint) else "what was made did not pass its rehearsal"

    def _tried(self, cell: str, tool: Tool, number: int) -> Blueprint:
        """A blueprint made for one cell."""
        world = self.stage.world(tool.api, number)
        home = WorldRef(
            api=tool.api, seed=number, size=WORLD_SIZE, digest=world.digest(), expected=""
        )
        scene = Scene(self.stage, tool.api, world, random.Random(f"{cell}/{number}"))
        scene.is_open = Coverage({"": [cell]}).is_open
        wishes = (
            self._along(scene, self._edges[cell], number)
            if cell in self._edges
            else [self._alone(scene, tool, number)]
        )
        turns = [turn_of(wish) for wish in wishes]
        category: Category = "simple" if len(wishes[0].steps) == 1 else "multi_step"
        if len(turns) > 1:
            category = "multi_turn_base"
        persona = self._sampler.personas[0]
        return self._sampler.finish(BlueprintDraft(number, category, persona, scene, home, turns))

    def _alone(self, scene: Scene, tool: Tool, number: int) -> ComposedRequest:
        """One request, by turns with and without lookups; the last two with a key copied in."""
        if number >= self.tries - 2:
            scene.keys_at_hand.add(tool.name)
        looks_up = number % 2 == 0 and number < self.tries - 2
        return compose(scene, tool, ComposeOptions("direct" if looks_up else "none"))

    def _along(self, scene: Scene, edge: Edge, number: int) -> list[ComposedRequest]:
        """The producer's wish and the consumer's, or where a list is the producer, by turns the
        consumer's alone with a lookup."""
        if scene.role(edge.producer).response.items is not None and number % 2 == 0:
            consumer = self.stage.tools[edge.consumer]
            return [compose(scene, consumer, ComposeOptions("direct"))]
        first = compose_either(scene, self.stage.tools[edge.producer], toward=edge)
        return [first, request_along(self._sampler.chooser, scene, edge)]

    def _instead(self, cell: str, tool: Tool) -> str:
        """What to say if a call could be made, but not so that it covers the cell."""
        place, _, value = cell.partition(":")[2].removeprefix(tool.name).partition("=")
        role = self.stage.maps[tool.api].roles[tool.name]
        resource = role.target.resource
        if place[1:] not in role.listing.filters or not value or resource is None:
            return _NOT_TAKEN
        pointer = role.listing.filters[place[1:]].pointer
        occurs = any(
            str(find_at(entity, pointer)) == value
            for number in range(self.tries)
            for entity in self.stage.world(tool.api, number).entities(resource).values()
        )
        if occurs:
            return _NOT_TAKEN
        return f"no {resource} of {self.tries} worlds has it, so that a list of them would be empty"
