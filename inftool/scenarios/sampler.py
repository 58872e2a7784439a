"""The blueprint sampler: a pure function of the seed, the index and the blueprints before, so that a run can be resumed and repeated."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from inftool.core.blueprints import CATEGORIES, Blueprint, Category, Persona, Step, Turn, WorldRef
from inftool.core.errors import ScenarioError
from inftool.core.json_pointer import Unresolved
from inftool.core.tools import Tool
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
from inftool.scenarios.composition.session import with_session_values
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.sampling.coverage import Coverage, all_cells, covered_cells
from inftool.scenarios.sampling.schedule import difficulty, fingerprint, schedule, stable_number
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.tool_schema.session_values import session_detail
from inftool.scenarios.world_pool import WORLD_SIZE, WorldPool

DRAWS = 60
WORLD_USES = 40
LONG_SIZE = 16
# Where later turns can go along the edges that no lookup goes along.
_TALKS = frozenset(
    (
        "multi_turn_base",
        "multi_turn_long_context",
        "multi_turn_miss_func",
        "multi_turn_miss_param",
        "change_of_mind",
    )
)
# Whose tools are decided by what the category is.
_SET = frozenset(("simple", "irrelevance", "identify_limitation"))
LEVELS = range(1, 6)
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
    """What one blueprint covers: its cells, its API, and its category with its difficulty."""

    cells: tuple[str, ...]
    api: str
    level: str


class BlueprintSampler:
    """Draws blueprints from a stage. Every plan has been run, in a fork of the world it is for, before its blueprint leaves here.

    With `steer` (the default) what nothing has covered yet comes first; without, every choice is uniform. `weights` are multipliers a category, API,
    tool, difficulty and number of distractors (see `inftool.scenarios.coverage.read_weights`): how the closed loop aims the next round.
    """

    def __init__(
        self,
        stage: WorldPool,
        personas: Sequence[Persona],
        seed: int,
        categories: Sequence[Category] = CATEGORIES,
        *,
        steer: bool = True,
        weights: Mapping[str, Mapping[str, float]] | None = None,
    ) -> None:
        self.stage = stage
        self.personas = personas
        self.seed = seed
        self.coverage = Coverage(all_cells(stage)) if steer else None
        aim = weights or {}
        self.schedule = schedule(categories, aim.get("categories", {}))
        self.chooser = ToolChooser(stage, self.coverage, aim.get("tools"))
        self._levels = {
            int(level): float(weight) for level, weight in aim.get("difficulty", {}).items()
        }
        self._crowds = {
            int(count): float(weight)
            for count, weight in aim.get("distractors", {}).items()
            if weight
        }
        self._apis = {name: float(aim.get("apis", {}).get(name, 1.0)) for name in stage.api_names}

    def footprint(self, blueprint: Blueprint) -> Footprint:
        """What a blueprint covers."""
        if self.coverage is None:
            return Footprint((), "", "")
        return Footprint(
            tuple(covered_cells(blueprint, self.stage.tools)),
            blueprint.world.api,
            f"{blueprint.category}:{blueprint.difficulty}",
        )

    def take(self, footprint: Footprint) -> None:
        """Take a blueprint into account that was drawn before, by a run that is now being resumed."""
        if self.coverage is not None:
            self.coverage.add(footprint.cells, api=footprint.api, level=footprint.level)

    def draw(
        self,
        index: int,
        seen: set[str],
        accept: Callable[[Blueprint], bool] = lambda blueprint: True,
    ) -> Blueprint:
        """The blueprint of an index that says nothing already in `seen` (fingerprints) and that `accept` agrees to; its fingerprint is added.

        ScenarioError where many draws bring nothing new: the specs are too small for so many conversations.
        """
        problem = ""
        for attempt in range(DRAWS):
            rng = random.Random(f"{self.seed}/{index}/{attempt}")
            # The category is the index's; only where the specs cannot give it, another takes its place. Chance knows no turns.
            ordered = self.coverage is not None and attempt < DRAWS * 2 // 3
            category = (
                self.schedule[index % len(self.schedule)] if ordered else rng.choice(self.schedule)
            )
            try:
                blueprint = self.build(
                    category, self._api(rng, category), index, rng, choosy=attempt < DRAWS // 3
                )
            except (
                Unplayable,
                Unresolved,
            ) as error:  # an answer may lack what its schema only allows
                problem = str(error)
                continue
            if self._levels and rng.random() * max(
                self._wanted(level) for level in LEVELS
            ) >= self._wanted(blueprint.difficulty):
                problem = "what could be had is of a difficulty that is not wanted"
                continue
            mark = fingerprint(blueprint)
            if mark in seen:
                problem = "everything it could say has been said"
                continue
            if not accept(blueprint):
                problem = "a rehearsal of what could be said failed"
                continue
            seen.add(mark)
            self.take(self.footprint(blueprint))
            return blueprint
        raise ScenarioError(
            f"no new blueprint for number {index} in {DRAWS} draws ({problem})",
            hint="the specs have few operations for so many conversations",
        )

    def _api(self, rng: random.Random, category: Category) -> str:
        """An API: those that were used less than the others come first; for conversations, those with more edges that are still open."""
        names = self.stage.api_names
        if self.coverage is None:
            return rng.choices(names, [self._apis[name] for name in names])[0]
        used = {name: self.coverage.apis[name] / max(self._apis[name], 0.01) for name in names}
        least = min(used.values())
        if category in _TALKS:
            # What this takes from evenness the other categories give back.
            tastes = [
                self._apis[name]
                * (1 + len(self.chooser.open_edges(name))) ** 1.5
                / (1.0 + (used[name] - least) / 8)
                for name in names
            ]
        else:
            tastes = [self._apis[name] / (1.0 + used[name] - least) ** 3 for name in names]
        return rng.choices(names, tastes)[0]

    def build(
        self, category: Category, api: str, index: int, rng: random.Random, *, choosy: bool = True
    ) -> Blueprint:
        """One blueprint of a category in an API; Unplayable where this draw gives none."""
        block = index // (WORLD_USES * len(self.stage.api_names))
        # A large world costs more to seed, and is shared by more.
        seed = self._world_seed(api, block // 4 if category == "multi_turn_long_context" else block)
        size = LONG_SIZE if category == "multi_turn_long_context" else WORLD_SIZE
        world = self.stage.world(api, seed, size)
        home = WorldRef(api=api, seed=seed, size=size, digest=world.digest(), expected="")
        persona = rng.choice(self.personas)
        scene = Scene(
            self.stage,
            api,
            world,
            rng,
            block=block,
            choosy=choosy,
            self_corrects=persona.habit == "wrong first",
        )
        if self.coverage is not None:
            scene.is_open = self.coverage.is_open
        if category == "irrelevance":
            drawn, tools = irrelevance(
                self.chooser, scene, lambda home: self._elsewhere(home, scene)
            )
        else:
            drawn, tools = _BUILDERS[category](self.chooser, scene)
        if category in _PIECEMEAL and (
            persona.habit == "piecemeal" or any(len(turn.details) > MANY for turn, _ in drawn)
        ):
            drawn = told_piecewise(drawn, self.chooser, scene)
        return self.finish(category, scene, home, drawn, tools, persona, index)

    def finish(
        self,
        category: Category,
        scene: Scene,
        home: WorldRef,
        drawn: Sequence[tuple[Turn, list[Step]]],
        tools: Sequence[Tool],
        persona: Persona,
        index: int,
    ) -> Blueprint:
        """A blueprint out of turns with their steps, which have been played in the scene, and of tools to show beside theirs."""
        turns = [turn for turn, _ in drawn]
        plan = tuple(step for _, steps in drawn for step in steps)
        if scene.session:
            plan = with_session_values(plan, scene.session, self.stage.tools)
        later = {name for turn in turns for name in turn.adds}
        visible = list(
            dict.fromkeys([*(step.tool for step in plan), *(tool.name for tool in tools)])
        )
        visible = [name for name in visible if name not in later]
        scene.rng.shuffle(visible)
        if not visible:
            raise Unplayable(UnplayableReason.NO_TOOL_TO_SHOW)
        crowd = self._surround if self._crowds and category not in _SET else self._crowd
        visible = crowd(category, visible, turns, plan, scene.rng)
        shape = json.dumps(
            [
                self.seed,
                index,
                category,
                visible,
                [turn.model_dump() for turn in turns],
                [
                    {**step.model_dump(exclude={"bindings"}), "arguments": step.written_arguments()}
                    for step in plan
                ],
            ],
            sort_keys=True,
        )
        return Blueprint(
            id=f"{index:06d}-{hashlib.sha256(shape.encode()).hexdigest()[:10]}",
            category=category,
            difficulty=difficulty(turns, plan, len(visible)),
            persona=persona,
            world=home.model_copy(update={"expected": scene.world.digest()}),
            now=scene.world.now.strftime("%A, %d %B %Y, %H:%M"),
            tools=tuple(visible),
            turns=tuple(turns),
            plan=plan,
            session=tuple(session_detail(name, value) for name, value in scene.session.items()),
        )

    def _crowd(
        self,
        category: Category,
        visible: list[str],
        turns: Sequence[Turn],
        plan: Sequence[Step],
        rng: random.Random,
    ) -> list[str]:
        """Take distractors away until the difficulty is one that there was least of, where the number of tools decides it."""
        if self.coverage is None or category in ("simple", "irrelevance", "identify_limitation"):
            return visible
        needed = {step.tool for step in plan}
        floor = max(len(needed) + (category == "multiple"), 2)
        ways: dict[int, int] = {}
        for count in range(floor, len(visible) + 1):
            ways[difficulty(turns, plan, count)] = count
        if len(ways) < 2:
            return visible
        met = self.coverage.levels
        level = min(
            ways,
            key=lambda level: (
                (1 + met[str(level)]) / max(self._wanted(level), 1e-9),
                rng.random(),
            ),
        )
        spare = len(visible) - ways[level]
        kept: list[str] = []
        for name in visible:
            if spare and name not in needed:
                spare -= 1
            else:
                kept.append(name)
        return kept

    def _wanted(self, level: int) -> float:
        """The weight of a difficulty."""
        return self._levels.get(level, 1.0)

    def _surround(
        self,
        category: Category,
        visible: list[str],
        turns: Sequence[Turn],
        plan: Sequence[Step],
        rng: random.Random,
    ) -> list[str]:
        """As many tools beside the needed ones as the weights ask for, out of the three bands, as far as there are so many."""
        count = max(
            rng.choices(list(self._crowds), list(self._crowds.values()))[0],
            int(category == "multiple"),
        )
        needed = list(dict.fromkeys(step.tool for step in plan if step.tool in visible))
        hidden = {name for turn in turns for name in turn.adds}
        # What could stand in for a tool that is still hidden must not come in.
        pool = (
            visible
            if hidden
            else self.chooser.distractor_pool.draw(plan[-1].tool, count + len(needed), rng)
        )
        others = [name for name in pool if name not in needed]
        around = [*needed, *others[: max(count, 0 if needed else 1)]]
        rng.shuffle(around)
        return around

    def _world_seed(self, api: str, block: int) -> int:
        """Which world an API has for a stretch of a run: seeding one costs as much as several plays, so plays share it."""
        return stable_number(f"{self.seed}/{api}/{block}")

    def _elsewhere(self, api: str, scene: Scene) -> Scene:
        """A scene of another API beside this one."""
        return Scene(
            self.stage,
            api,
            self.stage.world(api, self._world_seed(api, scene.block)),
            scene.rng,
            block=scene.block,
            choosy=scene.choosy,
        )
