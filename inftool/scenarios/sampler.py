"""The blueprint sampler: which conversation a run holds at each index.

A draw is a pure function of the seed, the index and the blueprints drawn before, so that a run can
be resumed and repeated.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from inftool.core.blueprints import CATEGORIES, Blueprint, Category, Persona, WorldRef
from inftool.core.errors import ScenarioError
from inftool.core.json_pointer import Unresolved
from inftool.scenarios.categories.multi_turn import (
    MANY,
    change_of_mind,
    multi_turn_base,
    multi_turn_long_context,
    multi_turn_miss_func,
    multi_turn_miss_param,
    told_piecewise,
)
from inftool.scenarios.categories.single_turn import (
    Drawn,
    composite,
    logical_jump,
    multi_step,
    multiple,
    parallel,
    parallel_multiple,
    recovery,
    simple,
)
from inftool.scenarios.categories.unfulfillable import identify_limitation, irrelevance, policy
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable
from inftool.scenarios.sampling.assembly import BlueprintDraft, assemble
from inftool.scenarios.sampling.cells import all_cells, covered_cells
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.sampling.schedule import fingerprint, schedule, stable_number
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.sampling.visible_tools import VisibleTools
from inftool.scenarios.sampling.weights import SamplingWeights
from inftool.scenarios.world_pool import WORLD_SIZE, WorldPool

# How many draws an index gets. A spec of few operations that has said almost everything needs
# many; after these it fails rather than go on for ever.
DRAWS = 60
# The first third of the draws refuses keys that nobody says and answers that tell nothing; after
# two thirds any category will do.
_CHOOSY_DRAWS = DRAWS // 3
_ORDERED_DRAWS = DRAWS * 2 // 3

# How many blueprints of an API share a world. Seeding one costs as much as several conversations;
# sharing one by more would make a run speak of the same few entities again and again.
_WORLD_USES = 40
# Long conversations get a world with more entities, which costs more and is shared by more.
_LARGE_WORLD_SIZE = 16
_LARGE_WORLD_SHARE = 4

# Categories whose later turns can follow edges that no lookup can: out of answers about one entity.
_EDGE_CATEGORIES = frozenset(
    (
        "multi_turn_base",
        "multi_turn_long_context",
        "multi_turn_miss_func",
        "multi_turn_miss_param",
        "change_of_mind",
    )
)
# How strongly APIs with more open edges are preferred for those, and those used less for all. The
# other categories make up for the APIs that the former neglect.
_OPEN_EDGES_EXPONENT = 1.5
_EVENNESS_OF_EDGE_CATEGORIES = 8
_EVENNESS_EXPONENT = 3

# Keeps an API with weight 0 from dividing by it.
_LEAST_API_WEIGHT = 0.01

_LEVELS = range(1, 6)

# Categories in which the user may tell what they know piece by piece.
_PIECEMEAL = frozenset(("multi_turn_base", "multi_turn_long_context"))

_BUILDERS: dict[Category, Callable[[ToolChooser, Scene], Drawn]] = {
    "simple": simple,
    "multiple": multiple,
    "parallel": parallel,
    "parallel_multiple": parallel_multiple,
    "multi_turn_base": multi_turn_base,
    "multi_turn_miss_param": multi_turn_miss_param,
    "multi_turn_miss_func": multi_turn_miss_func,
    "multi_turn_long_context": multi_turn_long_context,
    "multi_step": multi_step,
    "composite": composite,
    "logical_jump": logical_jump,
    "recovery": recovery,
    "policy": policy,
    "change_of_mind": change_of_mind,
    "identify_limitation": identify_limitation,
}


class Footprint(NamedTuple):
    """What one blueprint adds to the coverage."""

    cells: tuple[str, ...]
    """The cells that it covers."""

    api: str
    """The API of its world."""

    level: str
    """Its category and difficulty: "simple:2"."""


class BlueprintSampler:
    """Draws blueprints from a pool of worlds. Every plan was run in a fork of the world it is for.

    With `steer` (the default) what nothing has covered yet comes first; without, every choice is
    uniform. `weights` are multipliers, as `read_weights` gives them, by which the closed loop aims
    the next round.
    """

    def __init__(
        self,
        pool: WorldPool,
        personas: Sequence[Persona],
        seed: int,
        categories: Sequence[Category] = CATEGORIES,
        *,
        steer: bool = True,
        weights: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        self.pool = pool
        self.personas = personas
        self.seed = seed
        self.coverage = Coverage(all_cells(pool)) if steer else None
        self.weights = SamplingWeights.of(weights)
        self.schedule = schedule(categories, self.weights.categories)
        self.chooser = ToolChooser(pool, self.coverage, self.weights.tools)
        self._visible_tools = VisibleTools(
            self.coverage, self.weights, self.chooser.distractor_pool
        )

    def footprint(self, blueprint: Blueprint) -> Footprint:
        """What a blueprint adds to the coverage; empty without steering."""
        if self.coverage is None:
            return Footprint((), "", "")
        return Footprint(
            tuple(covered_cells(blueprint, self.pool.tools)),
            blueprint.world.api,
            f"{blueprint.category}:{blueprint.difficulty}",
        )

    def take(self, footprint: Footprint) -> None:
        """Count a blueprint that was drawn before, by a run that is now resumed."""
        if self.coverage is not None:
            self.coverage.add(footprint.cells, api=footprint.api, level=footprint.level)

    def draw(
        self,
        index: int,
        seen: set[str],
        accept: Callable[[Blueprint], bool] = lambda blueprint: True,
    ) -> Blueprint:
        """The blueprint of an index, one that says nothing in `seen` and that `accept` agrees to.

        `seen` holds fingerprints; the blueprint's own is added. ScenarioError if many draws bring
        nothing new: the specs are too small for so many conversations.
        """
        problem = ""
        for number in range(DRAWS):
            rng = random.Random(f"{self.seed}/{index}/{number}")
            category = self._category(index, number, rng)
            try:
                api = self._api(rng, category)
                blueprint = self.build(category, api, index, rng, choosy=number < _CHOOSY_DRAWS)
            # An answer may lack what its schema declares as optional.
            except (Unplayable, Unresolved) as error:
                problem = str(error)
                continue
            problem = self._problem(blueprint, rng, seen, accept)
            if problem:
                continue
            seen.add(fingerprint(blueprint))
            self.take(self.footprint(blueprint))
            return blueprint
        raise ScenarioError(
            f"no new blueprint for number {index} in {DRAWS} draws ({problem})",
            hint="the specs have few operations for so many conversations",
        )

    def _category(self, index: int, number: int, rng: random.Random) -> Category:
        """The category of an index; for the last draws any, in case the specs cannot give that one.

        Without steering there is no order to keep.
        """
        if self.coverage is not None and number < _ORDERED_DRAWS:
            return self.schedule[index % len(self.schedule)]
        return rng.choice(self.schedule)

    def _problem(
        self,
        blueprint: Blueprint,
        rng: random.Random,
        seen: set[str],
        accept: Callable[[Blueprint], bool],
    ) -> str:
        """Why a blueprint will not do; empty if it will."""
        weights = self.weights
        if weights.difficulty:
            # Kept in proportion to its weight: always, at the highest.
            highest = max(weights.level(level) for level in _LEVELS)
            if rng.random() * highest >= weights.level(blueprint.difficulty):
                return "no blueprint of a difficulty that is wanted"
        if fingerprint(blueprint) in seen:
            return "everything it could say has been said"
        return "" if accept(blueprint) else "it fails its rehearsal"

    def _api(self, rng: random.Random, category: Category) -> str:
        """An API: one that was used less than the others, or that has more open edges."""
        names, weights = self.pool.api_names, self.weights.apis
        if self.coverage is None:
            return rng.choices(names, [weights.get(name, 1.0) for name in names])[0]
        used = {
            name: self.coverage.apis[name] / max(weights.get(name, 1.0), _LEAST_API_WEIGHT)
            for name in names
        }
        least = min(used.values())
        if category in _EDGE_CATEGORIES:
            wanted = [
                weights.get(name, 1.0)
                * (1 + len(self.chooser.edges.without_lists(name))) ** _OPEN_EDGES_EXPONENT
                / (1.0 + (used[name] - least) / _EVENNESS_OF_EDGE_CATEGORIES)
                for name in names
            ]
        else:
            wanted = [
                weights.get(name, 1.0) / (1.0 + used[name] - least) ** _EVENNESS_EXPONENT
                for name in names
            ]
        return rng.choices(names, wanted)[0]

    def build(
        self, category: Category, api: str, index: int, rng: random.Random, *, choosy: bool = True
    ) -> Blueprint:
        """One blueprint of a category in an API; Unplayable if this draw gives none."""
        block = index // (_WORLD_USES * len(self.pool.api_names))
        # Answers get long in a world with more entities.
        is_large = category == "multi_turn_long_context"
        seed = self._world_seed(api, block // _LARGE_WORLD_SHARE if is_large else block)
        size = _LARGE_WORLD_SIZE if is_large else WORLD_SIZE
        world = self.pool.world(api, seed, size)
        world_ref = WorldRef(api=api, seed=seed, size=size, digest=world.digest(), expected="")
        persona = rng.choice(self.personas)
        self_corrects = persona.habit == "wrong first"
        scene = Scene(self.pool, api, world, rng, block, choosy, self_corrects)
        if self.coverage is not None:
            scene.is_open = self.coverage.is_open
        if category == "irrelevance":
            turns, tools = irrelevance(
                self.chooser, scene, lambda other: self._elsewhere(other, scene)
            )
        else:
            turns, tools = _BUILDERS[category](self.chooser, scene)
        # Nobody tells so many values at once, whatever their habit.
        has_many = any(len(turn.details) > MANY for turn, _ in turns)
        if category in _PIECEMEAL and (persona.habit == "piecemeal" or has_many):
            turns = told_piecewise(turns, self.chooser, scene)
        return self.finish(BlueprintDraft(index, category, persona, scene, world_ref, turns, tools))

    def finish(self, draft: BlueprintDraft) -> Blueprint:
        """The blueprint of a draft, with the tools that its assistant sees."""
        return assemble(draft, self._visible_tools, self.seed)

    def _world_seed(self, api: str, block: int) -> int:
        """The seed of the world that an API has for a stretch of the run."""
        return stable_number(f"{self.seed}/{api}/{block}")

    def _elsewhere(self, api: str, scene: Scene) -> Scene:
        """A scene of another API beside a scene."""
        world = self.pool.world(api, self._world_seed(api, scene.block))
        return Scene(self.pool, api, world, scene.rng, scene.block, scene.choosy)
