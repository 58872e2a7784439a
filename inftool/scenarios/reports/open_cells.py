"""Why a cell of the coverage map is open: what became of trying for that cell and no other, in a
few worlds."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence

from inftool.core.blueprints import Blueprint, Category, Persona, WorldRef
from inftool.core.json_pointer import Unresolved, find_at
from inftool.core.tools import Tool
from inftool.scenarios.categories.multi_turn import request_along
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


class Reasons:
    """Says why cells are open.

    A cell is tried for in so many worlds; `accept` says whether what comes of it passes (its
    rehearsal, where there is one).
    """

    def __init__(
        self,
        stage: WorldPool,
        personas: Sequence[Persona],
        edges: Sequence[Edge],
        *,
        accept: Callable[[Blueprint], bool] = lambda blueprint: True,
        tries: int = TRIES,
    ) -> None:
        self.stage, self.accept, self.tries = stage, accept, tries
        self._edges = {
            f"edge:{edge.producer}>{edge.consumer}{edge.argument}": edge for edge in edges
        }
        self._sampler = BlueprintSampler(stage, personas, 0)

    def why(self, cell: str) -> str:
        """Why one cell is open; empty for kinds that are not made by one call (categories,
        behaviours)."""
        kind, _, rest = cell.partition(":")
        if kind == "status":
            name, _, status = rest.rpartition(":")
            return (
                ""
                if can_occur(self.stage.tools[name], status)
                else "nothing that a user can wish for brings this status about"
            )
        if kind not in ("tool", "param", "enum", "edge"):
            return ""
        tool = self.stage.tools[
            self._edges[cell].consumer if kind == "edge" else rest.partition("/")[0]
        ]
        met: Counter[str] = Counter()
        for number in range(self.tries):
            try:
                blueprint = self._tried(cell, tool, number)
            except (Unplayable, Unresolved) as error:
                met[str(error)] += 1
                continue
            if cell not in covered_cells(blueprint, self.stage.tools):
                met[self._instead(cell, tool)] += 1
            elif not self.accept(blueprint):
                met["what was made did not pass its rehearsal"] += 1
            else:
                return (
                    f"it can be had, by try {number + 1}: more blueprints, or a weight on "
                    f"{tool.name}"
                )
        return f"{met.total()} tries: " + ", ".join(
            f"{reason} ({count}\u00d7)" for reason, count in met.most_common(3)
        )

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
        category: Category = (
            "multi_turn_base"
            if len(turns) > 1
            else "simple"
            if len(wishes[0].steps) == 1
            else "multi_step"
        )
        persona = self._sampler.personas[0]
        return self._sampler.finish(BlueprintDraft(number, category, persona, scene, home, turns))

    def _alone(self, scene: Scene, tool: Tool, number: int) -> ComposedRequest:
        """One wish, by turns with and without lookups; the last ones with a key copied in."""
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
        """What is said where a call could be made, but not so that it covers the cell."""
        place, _, value = cell.partition(":")[2].removeprefix(tool.name).partition("=")
        role = self.stage.maps[tool.api].roles[tool.name]
        if place[1:] in role.listing.filters and value and role.target.resource is not None:
            spot = role.listing.filters[place[1:]].pointer
            worlds = [
                self.stage.world(tool.api, number).entities(role.target.resource).values()
                for number in range(self.tries)
            ]
            if not any(
                str(find_at(entity, spot)) == value for entities in worlds for entity in entities
            ):
                return (
                    f"no {role.target.resource} of {self.tries} worlds has it, so that a list "
                    "of them would be empty"
                )
        return "another was taken in its place"
