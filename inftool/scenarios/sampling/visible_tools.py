"""Which tools an assistant sees in a blueprint: those of the plan, and distractors beside them."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from inftool.core.blueprints import Category, Step, Turn
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.sampling.distractors import DistractorPool
from inftool.scenarios.sampling.schedule import difficulty
from inftool.scenarios.sampling.weights import SamplingWeights

# Categories whose definition says which tools are visible.
_GIVEN_BY_CATEGORY = frozenset(("simple", "irrelevance", "identify_limitation"))

# Keeps a level with weight 0 from dividing by it, and makes it the last choice.
_ALMOST_ZERO = 1e-9


class VisibleTools(NamedTuple):
    """What decides which tools are visible."""

    coverage: Coverage | None
    weights: SamplingWeights
    distractor_pool: DistractorPool

    def choose(
        self,
        category: Category,
        visible: list[str],
        turns: Sequence[Turn],
        plan: Sequence[Step],
        rng: random.Random,
    ) -> list[str]:
        """The tools to show, of `visible` or of the whole pool, in the order to show them."""
        if category in _GIVEN_BY_CATEGORY:
            return visible
        if self.weights.distractors:
            return self._by_weights(category, visible, turns, plan, rng)
        return self._by_difficulty(category, visible, turns, plan, rng)

    def _by_difficulty(
        self,
        category: Category,
        visible: list[str],
        turns: Sequence[Turn],
        plan: Sequence[Step],
        rng: random.Random,
    ) -> list[str]:
        """Drop distractors until the difficulty is the one that is rarest so far.

        Where the number of tools does not decide the difficulty, all of them stay.
        """
        if self.coverage is None:
            return visible
        needed = {step.tool for step in plan}
        # `multiple` has to leave a choice.
        fewest = max(len(needed) + (category == "multiple"), 2)
        most_by_level: dict[int, int] = {}
        for count in range(fewest, len(visible) + 1):
            most_by_level[difficulty(turns, plan, count)] = count
        if len(most_by_level) < 2:
            return visible
        met = self.coverage.levels

        def rank(level: int) -> tuple[float, float]:
            wanted = max(self.weights.level(level), _ALMOST_ZERO)
            return (1 + met[str(level)]) / wanted, rng.random()

        # The most tools that still have that difficulty: more choice for the same level.
        spare = len(visible) - most_by_level[min(most_by_level, key=rank)]
        kept: list[str] = []
        for name in visible:
            if spare and name not in needed:
                spare -= 1
            else:
                kept.append(name)
        return kept

    def _by_weights(
        self,
        category: Category,
        visible: list[str],
        turns: Sequence[Turn],
        plan: Sequence[Step],
        rng: random.Random,
    ) -> list[str]:
        """As many distractors as the weights say, out of the three bands, if there are so many."""
        options = self.weights.distractors
        drawn = rng.choices(list(options), list(options.values()))[0]
        count = max(drawn, int(category == "multiple"))
        needed = list(dict.fromkeys(step.tool for step in plan if step.tool in visible))
        is_tool_hidden = any(turn.adds for turn in turns)
        # What could do the work of a tool that is still hidden must not come in.
        pool = (
            visible
            if is_tool_hidden
            else self.distractor_pool.draw(plan[-1].tool, count + len(needed), rng)
        )
        # A turn without a plan needs no tool, but something has to be shown.
        others = [name for name in pool if name not in needed]
        shown = [*needed, *others[: max(count, 0 if needed else 1)]]
        rng.shuffle(shown)
        return shown
