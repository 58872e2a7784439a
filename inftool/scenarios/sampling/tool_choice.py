"""Which tool a request is made for: one that a trial proved, that is used little, and that covers
something which is still open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from inftool.core.tools import Tool
from inftool.language.values import split_name
from inftool.scenarios.composition.edges import related_tools
from inftool.scenarios.composition.lookahead import REFUSAL_STATUSES
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.sampling.distractors import DistractorPool
from inftool.scenarios.sampling.open_edges import OpenEdges
from inftool.scenarios.sampling.tool_trials import (
    UNPROVEN_WEIGHT,
    WHY_NO_TOOL,
    Mode,
    ToolTrials,
)
from inftool.scenarios.wording.intents import intent
from inftool.scenarios.wording.phrases import singular
from inftool.scenarios.world_pool import WorldPool
from inftool.world.faults import FAULTS, documented_faults

# How much more a tool is wanted that a category has not used yet, and for each status that has not
# come up. Higher, every tool meets every category sooner; lower, chance decides more, and fewer
# draws go to tools that fit a category badly.
_UNUSED_BY_CATEGORY = 4.0
_OPEN_STATUS = 3

# How much each open cell of a tool adds to its weight, and how many cells count at most: one tool
# with a hundred listed values must not take every draw.
_OPEN_CELL = 6.0
_MOST_OPEN_CELLS = 8

# The weight of a tool that leads nowhere, when tools are chosen for where their answers lead.
_LEADS_NOWHERE = 0.1

# How many distractors are shown: with steering so many more than asked for, since the sampler
# drops some to reach the difficulty that is wanted (`BlueprintSampler`). Rarely a great many, as
# assistants in production see; they are slow to play and judge.
_SPARE_DISTRACTORS = 6
_FEW = 3
_CROWD_SHARE = 0.02
_CROWD = (17, 100)

# Categories of one call, where a key that nobody would say can only be at hand.
_SINGLE_CALL = ("simple", "multiple")


class ToolChooser:
    """Chooses tools for the builders of categories.

    With `coverage`, tools that cover something open and that were used little come first; without,
    all are alike. `weights` are multipliers by tool. The choice depends on nothing but these, the
    specs, and the scene's random numbers.
    """

    def __init__(
        self,
        pool: WorldPool,
        coverage: Coverage | None = None,
        weights: Mapping[str, float] | None = None,
    ) -> None:
        self.pool = pool
        self.coverage = coverage
        self.weights = dict(weights or {})
        self.distractor_pool = DistractorPool(pool)
        self.edges = OpenEdges(pool, coverage)
        self._trials = ToolTrials(pool)
        self._related: dict[str, dict[str, frozenset[str]]] = {}
        self._topics: dict[str, frozenset[str]] = {}

    def pick(
        self,
        scene: Scene,
        mode: Mode = "plain",
        fits: Callable[[Tool], bool] = lambda tool: True,
        category: str = "",
        *,
        allow_unproven: bool = False,
        prefer_producers: bool = False,
    ) -> Tool:
        """A tool of the scene's API for which `fits` holds; Unplayable if there is none.

        `allow_unproven`: also one whose trial failed, as it may do here. `prefer_producers`: what
        counts is how many tools its answers could still serve.
        """
        api, is_single = scene.api, category in _SINGLE_CALL
        tools = self.pool.api(api).tools
        candidates: list[Tool] = []
        weights: list[float] = []
        for tool, trial in zip(tools, self._trials.weights(api, mode), strict=True):
            if not trial:
                continue
            is_wanted = trial > UNPROVEN_WEIGHT or (is_single and self._needs_key(tool))
            if not is_wanted and scene.choosy and not allow_unproven:
                continue
            if not fits(tool):
                continue
            candidates.append(tool)
            # Coverage must not spend the budget on what cannot be had.
            weights.append(
                trial * self._coverage_weight(tool, mode, category, prefer_producers)
                if is_wanted
                else trial * self.weights.get(tool.name, 1.0)
            )
        if not candidates:
            raise Unplayable(WHY_NO_TOOL[mode])
        # `choices` refuses weights that are all zero; then any candidate will do.
        chosen = scene.rng.choices(candidates, weights if sum(weights) else None)[0]
        if is_single and self._needs_key(chosen):
            scene.keys_at_hand.add(chosen.name)
        return chosen

    def _needs_key(self, tool: Tool) -> bool:
        """Whether a tool that nothing has used yet needs a user who has its key at hand."""
        if self.coverage is None or not self.coverage.is_open(f"tool:{tool.name}"):
            return False
        if self.is_proven(tool.api, tool, "plain") or self.is_proven(tool.api, tool, "lookup"):
            return False
        # A conversation that leads to the tool shows the key.
        return not self.edges.can_be_led_to(tool.api, tool.name)

    def _coverage_weight(
        self, tool: Tool, mode: Mode, category: str, prefer_producers: bool
    ) -> float:
        """How much a tool is wanted: more for each open cell that it could cover, less with use."""
        weight, coverage = self.weights.get(tool.name, 1.0), self.coverage
        if coverage is None:
            return weight
        used = coverage.hits[f"tool:{tool.name}"]
        if category and not coverage.hits[f"category:{tool.name}:{category}"]:
            weight *= _UNUSED_BY_CATEGORY
        weight *= 1 + _OPEN_STATUS * self._count_open_statuses(tool, mode, coverage)
        open_cells = coverage.open_of[tool.name]
        if prefer_producers:
            leads = _LEADS_NOWHERE + self.edges.count_outgoing(tool.api, tool.name) + open_cells
            # A good producer is used again and again, so that use counts less.
            return weight * leads / math.sqrt(1.0 + used)
        if mode in ("lookup", "several", "nested"):
            open_cells += self.edges.count_lookups(tool.api, tool.name)
        return weight * (1.0 + _OPEN_CELL * min(open_cells, _MOST_OPEN_CELLS)) / (1.0 + used)

    def _count_open_statuses(self, tool: Tool, mode: Mode, coverage: Coverage) -> int:
        """How many statuses of a failure that a mode can bring about have not come up yet."""
        if mode == "transient_failure":
            statuses = {FAULTS[fault].status for fault in documented_faults(tool)}
        elif mode == "refused":
            statuses = set(REFUSAL_STATUSES)
        else:
            return 0
        return sum(coverage.is_open(f"status:{tool.name}:{status}") for status in statuses)

    def is_proven(self, api: str, tool: Tool, mode: Mode) -> bool:
        """Whether a trial has shown that requests can be made for a tool."""
        return self._trials.is_proven(api, tool, mode)

    def related_tools(self, api: str) -> dict[str, frozenset[str]]:
        """By tool of an API, the tools that share an edge or a resource with it."""
        if api not in self._related:
            self._related[api] = related_tools(self.pool, api)
        return self._related[api]

    def distractors(self, scene: Scene, tool: Tool, low: int, high: int) -> list[Tool]:
        """From `low` to `high` tools to show beside one; with coverage more, rarely very many."""
        rng = scene.rng
        if self.coverage is None or high <= _FEW:
            count = rng.randint(low, high)
        else:
            count = high + _SPARE_DISTRACTORS
        if high > _FEW and rng.random() < _CROWD_SHARE:
            count = rng.randint(*_CROWD)
        names = self.distractor_pool.draw(tool.name, count, rng)
        return [self.pool.tools[name] for name in names]

    def topic_words(self, tool: Tool) -> frozenset[str]:
        """The words for what a tool is about; two tools that share none have nothing in common.

        "cancel an order", `cancelOrder`, `/orders/{id}/cancel` -> {"order", "cancel"}.
        """
        if tool.name not in self._topics:
            name, path = split_name(tool.operation or tool.name), split_name(tool.path)
            # The first word is the verb, and short words are "the", "of", "an".
            words = f"{intent(tool)} {name} {path}".lower().split()[1:]
            self._topics[tool.name] = frozenset(
                singular(word) for word in words if len(word) > len("the")
            )
        return self._topics[tool.name]
