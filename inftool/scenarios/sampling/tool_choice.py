"""Which tool a wish is made of: what a trial says can be played, what coverage says is still open, and what is used less than the rest."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from typing import Literal

from inftool.core.tools import Tool
from inftool.language.values import split_name
from inftool.scenarios.composition.composer import compose
from inftool.scenarios.composition.edge_execution import EdgeProver
from inftool.scenarios.composition.edges import edges_by_producer, related_tools
from inftool.scenarios.composition.options import ComposeOptions
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.sampling.distractors import DistractorPool
from inftool.scenarios.wording.intents import intent
from inftool.scenarios.wording.phrases import singular
from inftool.scenarios.world_pool import WorldPool
from inftool.toolset.producer_graph import Edge
from inftool.world.faults import FAULTS, documented_faults

Mode = Literal["plain", "lookup", "several", "nested", "refused", "transient_failure"]
_PLAIN = ComposeOptions()
_LOOKUP = ComposeOptions("direct")
_REFUSED = ComposeOptions("direct", outcome="refused")
# How much a tool that its trial did not bear out is still tried.
FORLORN = 0.05
# In how many worlds a trial is made.
TRIALS = 3


class ToolChooser:
    """Picks tools for builders. With `coverage`, what is open and what was used little comes first; without, all tools are alike.

    Everything it knows follows from the specs, the weights and the coverage: nothing from chance or from failures on the way.
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
        self._playable: dict[tuple[str, Mode], list[float]] = {}
        self._outlets: dict[str, dict[str, list[Edge]]] = {}
        self._inlets: dict[str, dict[str, list[Edge]]] = {}
        self._provers: dict[str, EdgeProver] = {}
        self._near: dict[str, dict[str, frozenset[str]]] = {}
        self._intents: dict[str, frozenset[str]] = {}

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
        """A tool of the scene's API; Unplayable where none fits. `allow_unproven`: also one that its trial did not bear out, since here it may yet do.

        `prefer_producers`: what counts is how many tools its answers could still serve.
        """
        alone = category in ("simple", "multiple")
        pairs = [
            (tool, weight)
            for tool, weight in zip(
                self.pool.api(scene.api).tools, self._weigh(scene.api, mode), strict=True
            )
            if weight
            and (
                weight > FORLORN
                or not scene.choosy
                or allow_unproven
                or (alone and self._stranded(scene.api, tool))
            )
            and fits(tool)
        ]
        if not pairs:
            raise Unplayable(_WHY_NOT[mode])
        # What is forlorn gets no help: coverage must not spend the budget on what cannot be had.
        tastes = [
            weight
            * (
                self._taste(tool, mode, category, prefer_producers)
                if weight > FORLORN or (alone and self._stranded(scene.api, tool))
                else self.weights.get(tool.name, 1.0)
            )
            for tool, weight in pairs
        ]
        chosen = scene.rng.choices([tool for tool, _ in pairs], tastes if sum(tastes) else None)[0]
        if alone and self._stranded(scene.api, chosen):
            scene.keys_at_hand.add(chosen.name)
        return chosen

    def _stranded(self, api: str, tool: Tool) -> bool:
        """Whether a tool that nothing has used yet can only be used by somebody who has its key before them."""
        if self.coverage is None or not self.coverage.is_open(f"tool:{tool.name}"):
            return False
        if self.is_proven(api, tool, "plain") or self.is_proven(api, tool, "lookup"):
            return False
        # What a conversation can lead up to need not be copied in.
        inward = (
            edge
            for other in self.pool.api(api).tools
            for edge in self._out(api, other.name)
            if edge.consumer == tool.name
        )
        return not any(not self._prover(api).why(edge) for edge in inward)

    def _taste(self, tool: Tool, mode: Mode, category: str, prefer_producers: bool) -> float:
        own = self.weights.get(tool.name, 1.0)
        if self.coverage is None:
            return own
        used = self.coverage.hits[f"tool:{tool.name}"]
        fresh = (
            4.0 if category and not self.coverage.hits[f"category:{tool.name}:{category}"] else 1.0
        )
        if mode in ("transient_failure", "refused"):
            failures = (
                (str(FAULTS[kind].status) for kind in documented_faults(tool))
                if mode == "transient_failure"
                else ("403", "409", "422", "423")
            )
            fresh *= 1 + 3 * sum(
                self.coverage.is_open(f"status:{tool.name}:{status}") for status in set(failures)
            )
        if prefer_producers:
            return (
                own
                * fresh
                * (0.1 + self._leads(tool.api, tool.name) + self.coverage.open_of[tool.name])
                / math.sqrt(1.0 + used)
            )
        open_ = self.coverage.open_of[tool.name]
        if mode in ("lookup", "several", "nested"):
            open_ += sum(self._open(edge) for edge in self._looked(tool.api, tool.name))
        return own * fresh * (1.0 + 6.0 * min(open_, 8)) / (1.0 + used)

    def _weigh(self, api: str, mode: Mode) -> list[float]:
        """A weight a tool, from a trial that depends on nothing but the spec: what was drawn before must not steer what is drawn next."""
        known = self._playable.get((api, mode))
        if known is None:
            known = self._playable[api, mode] = [
                self._trial(api, tool, mode) for tool in self.pool.api(api).tools
            ]
        return known

    def _trial(self, api: str, tool: Tool, mode: Mode) -> float:
        role = self.pool.maps[api].roles[tool.name]
        references = sum(
            1
            for goal in role.references.values()
            if (kind := self.pool.maps[api].resources.get(goal[0])) is not None and not kind.virtual
        )

        def works(options: ComposeOptions) -> bool:
            # One failure may be bad luck.
            rng = random.Random(tool.name)
            return any(
                _works(Scene(self.pool, api, self.pool.world(api, seed), rng), tool, options)
                for seed in range(TRIALS)
            )

        if mode == "plain":
            return 1.0 if works(_PLAIN) else FORLORN
        if mode in ("lookup", "several", "nested"):
            if references < (2 if mode == "several" else 1) or (
                mode == "nested" and not self._goes_deep(api, tool)
            ):
                return 0.0
            return 1.0 if mode != "lookup" or works(_LOOKUP) else FORLORN
        if mode == "transient_failure":
            return (
                0.0
                if not documented_faults(tool)
                else 1.0
                if works(_LOOKUP) or works(_PLAIN)
                else FORLORN
            )
        statuses = {answer.status for answer in tool.responses}
        ruled = api in self.pool.rules and any(
            rule.tool == tool.name for rule in self.pool.rules[api].constraints
        )
        if (
            role.target.argument is None
            or tool.effect == "read"
            or not (ruled or statuses & {"409", "422", "403", "423"})
        ):
            return 0.0
        for seed in range(2):
            scene = Scene(
                self.pool, api, self.pool.world(api, seed), random.Random(tool.name), choosy=False
            )
            if _works(scene, tool, _REFUSED):
                return 1.0
        return 0.0

    def _goes_deep(self, api: str, tool: Tool) -> bool:
        """Whether a thing that a tool takes can be found through another: its list takes an owner's key, as a filter or because it has to."""
        known = self.pool.maps[api]
        for kind in {goal[0] for goal in known.roles[tool.name].references.values()}:
            for name in known.tools(kind, "list", "search"):
                role = known.roles[name]
                owners = {
                    role.references[f"/{argument}"][0]
                    for argument in role.listing.filters
                    if f"/{argument}" in role.references
                }
                above = {
                    known.roles[name].target.keys[argument][0]
                    for argument in self.pool.tools[name].input_schema.get("required", ())
                    if argument in role.target.keys
                }
                if name != tool.name and any(
                    other != kind and known.tools(other, "list", "search")
                    for other in owners | above
                ):
                    return True
        return False

    def edges_onward(self, scene: Scene, most: int) -> list[Edge]:
        """Some edges that nothing has covered yet and that an answer which the user has heard could serve; executed ones, in an order of chance."""
        if self.coverage is None:
            return []
        heard = [
            name for name in dict.fromkeys(scene.tool_by_step.values()) if name in scene.used_tools
        ]
        fresh = [
            edge
            for name in heard
            for edge in self._out(scene.api, name)
            if edge.consumer not in scene.used_tools and self._open(edge)
        ]
        found: list[Edge] = []
        # A consumer whose own answer leads on along open edges comes first, mostly.
        drawn = {
            edge.key: scene.rng.random() * (1 + self._leads(scene.api, edge.consumer))
            for edge in fresh
        }
        for edge in sorted(fresh, key=lambda edge: -drawn[edge.key]):
            if len(found) == most:
                break
            if not self._prover(scene.api).why(edge):
                found.append(edge)
        return found

    def open_edge_from(self, scene: Scene, tool: Tool) -> Edge | None:
        """An edge out of a tool that nothing has covered yet, for its answer to lead on by; None where there is none."""
        fresh = [
            edge
            for edge in self._out(scene.api, tool.name)
            if edge.consumer not in scene.used_tools and self._open(edge)
        ]
        return next(
            (
                edge
                for edge in scene.rng.sample(fresh, len(fresh))
                if not self._prover(scene.api).why(edge)
            ),
            None,
        )

    def opening_edges(self, scene: Scene, most: int) -> list[Edge]:
        """Some edges to begin a conversation with, of different producers, that nothing has covered yet."""
        open_ = self.open_edges(scene.api)
        found: dict[str, Edge] = {}
        while open_ and len(found) < most:
            edge = scene.rng.choice(open_)
            if not self._prover(scene.api).why(edge):
                found[edge.producer] = edge
                open_ = [other for other in open_ if other.producer != edge.producer]
            else:
                open_.remove(edge)
        return list(found.values())

    def open_edges(self, api: str) -> list[Edge]:
        """The believed edges of an API that nothing has covered yet, but for those that a lookup can be made along as well."""
        roles = self.pool.maps[api].roles
        return [
            edge
            for tool in self.pool.api(api).tools
            if roles[tool.name].response.items is None
            for edge in self._out(api, tool.name)
            if self._open(edge)
        ]

    def _leads(self, api: str, tool: str) -> int:
        """How many edges that nothing has covered yet lead out of a tool."""
        return sum(self._open(edge) for edge in self._out(api, tool))

    def _open(self, edge: Edge) -> bool:
        return self.coverage is not None and self.coverage.is_open(
            f"edge:{edge.producer}>{edge.consumer}{edge.argument}"
        )

    def _out(self, api: str, tool: str) -> list[Edge]:
        """The edges that lead out of a tool."""
        if api not in self._outlets:
            self._outlets[api] = edges_by_producer(self.pool, api)
        return self._outlets[api].get(tool, [])

    def _looked(self, api: str, tool: str) -> list[Edge]:
        """The edges that a lookup for a tool can be made along."""
        if api not in self._inlets:
            roles, found = self.pool.maps[api].roles, self._inlets.setdefault(api, {})
            for other in self.pool.api(api).tools:
                for edge in (
                    self._out(api, other.name)
                    if roles[other.name].response.items is not None
                    else ()
                ):
                    found.setdefault(edge.consumer, []).append(edge)
        return self._inlets[api].get(tool, [])

    def _prover(self, api: str) -> EdgeProver:
        return self._provers.setdefault(api, EdgeProver(self.pool, api))

    def is_proven(self, api: str, tool: Tool, mode: Mode) -> bool:
        """Whether a tool's trial succeeded."""
        place = self.pool.api(api).tools.index(tool)
        return self._weigh(api, mode)[place] > FORLORN

    def related_tools(self, api: str) -> dict[str, frozenset[str]]:
        """The tools of an API that hang together."""
        if api not in self._near:
            self._near[api] = related_tools(self.pool, api)
        return self._near[api]

    def distractors(self, scene: Scene, tool: Tool, low: int, high: int) -> list[Tool]:
        """Some more tools to show beside one, out of the three bands; now and then a great many."""
        # With steering there is more to choose from, until the difficulty is what is wanted (`Sampler._crowd`).
        count = scene.rng.randint(low, high) if self.coverage is None or high <= 3 else high + 6
        if high > 3 and scene.rng.random() < 0.02:
            count = scene.rng.randint(17, 100)
        return [
            self.pool.tools[name] for name in self.distractor_pool.draw(tool.name, count, scene.rng)
        ]

    def topic_words(self, tool: Tool) -> frozenset[str]:
        """What a tool is about, as a set of words: two tools that share none are strangers."""
        if tool.name not in self._intents:
            words = f"{intent(tool)} {split_name(tool.operation or tool.name)} {split_name(tool.path)}".lower().split()
            self._intents[tool.name] = frozenset(
                singular(word) for word in words[1:] if len(word) > 3
            )
        return self._intents[tool.name]


def _works(scene: Scene, tool: Tool, options: ComposeOptions) -> bool:
    try:
        compose(scene, tool, options)
    except Unplayable:
        return False
    return True


_WHY_NOT: dict[Mode, UnplayableReason] = {
    "plain": UnplayableReason.NO_PLAYABLE_TOOL,
    "lookup": UnplayableReason.NO_LOOKUP_TOOL,
    "several": UnplayableReason.NO_TOOL_WITH_TWO_LOOKUPS,
    "nested": UnplayableReason.NO_TOOL_WITH_NESTED_LOOKUP,
    "refused": UnplayableReason.NO_TOOL_WITH_REFUSAL,
    "transient_failure": UnplayableReason.NO_TOOL_WITH_TRANSIENT_FAILURE,
}
