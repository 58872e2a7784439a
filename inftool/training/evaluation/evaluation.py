"""How well a policy plays blueprints of specs that it has not seen.

Exact episodes, the gate each stopped at, pass^k and consistency, by category and by cell; the same
environments and the same reward as in training. InfTool splits easy from hard by consistency over
rollouts and does not publish its formula; ours is the share of a blueprint's episodes that make the
same calls [reconstructed].
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence

from pydantic import Field

from inftool.core.blueprints import CATEGORIES, Blueprint
from inftool.core.json_values import canonical
from inftool.core.types import JsonObject, Record
from inftool.scenarios.plan import leaves
from inftool.scenarios.world_pool import WorldPool
from inftool.training.environment.environment import Environment
from inftool.training.models.policy import Policy, run_episodes
from inftool.training.rewards.read_calls import calls_of
from inftool.training.rewards.score import RewardGate

# Draws of the bootstrap: enough for the ends of a 95% interval to be stable to a percent.
RESAMPLES = 1000
# The ends of a 95% interval as quantiles of those draws.
_LOW, _HIGH = 0.025, 0.975
# Episodes that are open at the same time, which bounds the worlds in memory.
_OPEN_EPISODES = 64


class BlueprintResult(Record):
    """One blueprint played several times."""

    blueprint: str
    """Its id."""

    category: str
    """Its category."""

    cell: dict[str, str]
    """The cell in which it lies; see `cell_of`."""

    rewards: tuple[float, ...]
    """The reward of each episode."""

    gates: tuple[RewardGate, ...]
    """The gate at which each episode stopped."""

    counted: tuple[bool, ...]
    """Whether each episode says something about the assistant."""

    consistency: float
    """The share of the episodes that make the calls which most of them make."""

    @property
    def exact(self) -> float:
        """The share of episodes that passed every gate, of those that count."""
        passed = [gate == "passed" for gate in self.counted_gates()]
        return sum(passed) / len(passed) if passed else 0.0

    def counted_gates(self) -> list[RewardGate]:
        """The gates at which the episodes that count stopped."""
        return [gate for gate, counts in zip(self.gates, self.counted, strict=True) if counts]


class ResultGroup(Record):
    """Several blueprints together."""

    n: int
    """How many blueprints."""

    exact: float
    """The mean share of exact episodes."""

    interval: tuple[float, float]
    """Its 95% bootstrap interval over blueprints."""

    reward: float
    """The mean reward of the episodes that count."""

    pass_k: float
    """pass^k (τ-bench): the share of blueprints of which every episode is exact."""

    consistency: float
    """The mean consistency."""

    gates: dict[str, int]
    """How many episodes that count stopped at each gate, the most frequent first."""


class Evaluation(Record):
    """The JSON document of `inftool eval`."""

    model: str
    """The name of the model."""

    decoding: JsonObject
    """How the model was made to speak."""

    plays: int
    """Episodes of each blueprint."""

    held_out: bool | None = None
    """Whether the model's own record names none of the specs; None if it has no record."""

    usage: JsonObject = Field(default_factory=dict)
    """The tokens that an endpoint counted."""

    overall: ResultGroup
    """All blueprints."""

    categories: dict[str, ResultGroup] = Field(default_factory=dict)
    """The blueprints of each category."""

    cells: tuple[JsonObject, ...] = ()
    """Each cell with its results, by the cell's name."""

    blueprints: tuple[BlueprintResult, ...] = ()
    """Each blueprint."""

    def skills(self) -> dict[str, float]:
        """The share of exact episodes by category."""
        return {name: group.exact for name, group in self.categories.items()}


def evaluate(
    policy: Policy,
    blueprints: Sequence[Blueprint],
    pool: WorldPool,
    *,
    model: str,
    decoding: Mapping[str, object],
    plays: int = 1,
) -> Evaluation:
    """Let a policy play every blueprint `plays` times, and sum up.

    Episodes that failed through no fault of the assistant's do not count.
    """
    results: list[BlueprintResult] = []
    step = max(1, _OPEN_EPISODES // plays)
    for first in range(0, len(blueprints), step):
        batch = blueprints[first : first + step]
        environments = [[Environment(blueprint, pool) for _ in range(plays)] for blueprint in batch]
        run_episodes([environment for group in environments for environment in group], policy)
        results += [
            _result(blueprint, group) for blueprint, group in zip(batch, environments, strict=True)
        ]
    by_category = {
        name: [row for row in results if row.category == name]
        for name in CATEGORIES
        if any(row.category == name for row in results)
    }
    return Evaluation(
        model=model,
        decoding=dict(decoding),
        plays=plays,
        overall=_group(results),
        categories={name: _group(rows) for name, rows in by_category.items()},
        cells=_cells(results),
        blueprints=tuple(results),
    )


def _result(blueprint: Blueprint, environments: Sequence[Environment]) -> BlueprintResult:
    scores = [environment.score() for environment in environments]
    signatures = Counter(_signature(environment) for environment in environments)
    return BlueprintResult(
        blueprint=blueprint.id,
        category=blueprint.category,
        cell=cell_of(blueprint),
        rewards=tuple(score.reward for score in scores),
        gates=tuple(score.gate for score in scores),
        counted=tuple(score.counted or score.exact for score in scores),
        consistency=signatures.most_common(1)[0][1] / len(environments),
    )


def _signature(environment: Environment) -> str:
    """The calls of an episode as text, equal where the calls are."""
    return canonical(
        [
            [call.name, call.arguments]
            for message in environment.messages
            for call in calls_of(message) or ()
        ]
    )


def cell_of(blueprint: Blueprint) -> dict[str, str]:
    """Where a blueprint lies: category, depth, distractors, hardest argument, fault.

    The counts are in a few classes each, so that cells hold enough blueprints to compare.
    """
    used = {step.tool for step in blueprint.plan}
    spare = len(set(blueprint.all_tools()) - used)
    depth = len(blueprint.plan)
    return {
        "category": blueprint.category,
        "depth": str(depth) if depth < 4 else "4+",
        "distractors": "0" if not spare else "1-3" if spare < 4 else "4+",
        "argument": _hardest_argument(blueprint),
        "fault": "yes" if any(step.fault for step in blueprint.plan) else "no",
    }


def _hardest_argument(blueprint: Blueprint) -> str:
    plan = blueprint.plan
    if any(step.bindings for step in plan):
        return "earlier result"
    values = [value for step in plan for value in step.arguments.values()]
    if any(isinstance(value, (dict, list)) for value in values):
        return "nested"
    has_value = any(value != {} for step in plan for _, value in leaves(step.arguments))
    return "flat" if has_value else "none"


def _group(rows: Sequence[BlueprintResult]) -> ResultGroup:
    shares = [row.exact for row in rows]
    # Seeded by the size alone, so that the same results have the same interval.
    rng = random.Random(len(rows))
    means = sorted(sum(rng.choices(shares, k=len(shares))) / len(shares) for _ in range(RESAMPLES))
    gates = Counter(gate for row in rows for gate in row.counted_gates())
    rewards = [
        reward
        for row in rows
        for reward, counts in zip(row.rewards, row.counted, strict=True)
        if counts
    ]
    return ResultGroup(
        n=len(rows),
        exact=_rounded(sum(shares) / len(shares)),
        interval=(
            _rounded(means[int(_LOW * RESAMPLES)]),
            _rounded(means[int(_HIGH * RESAMPLES) - 1]),
        ),
        reward=_rounded(sum(rewards) / len(rewards)) if rewards else 0.0,
        pass_k=_rounded(sum(share == 1.0 for share in shares) / len(shares)),
        consistency=_rounded(sum(row.consistency for row in rows) / len(rows)),
        gates=dict(gates.most_common()),
    )


def _rounded(value: float) -> float:
    return round(value, 4)


def by_cell(
    rows: Sequence[BlueprintResult],
) -> list[tuple[dict[str, str], list[BlueprintResult]]]:
    """Each cell with its results, in the order in which the cells first come up."""
    cells: dict[tuple[tuple[str, str], ...], list[BlueprintResult]] = {}
    for row in rows:
        cells.setdefault(tuple(row.cell.items()), []).append(row)
    return [(dict(cell), group) for cell, group in cells.items()]


def _cells(rows: Sequence[BlueprintResult]) -> tuple[JsonObject, ...]:
    """One row for each cell, in order of its name."""
    cells = sorted(by_cell(rows), key=lambda item: tuple(item[0].items()))
    return tuple({**cell, **_group(group).model_dump(mode="json")} for cell, group in cells)
