"""How well somebody plays blueprints of specs they have not seen: exact plays, the gate reached,
pass^k and consistency, by category and by cell.

The same environments and the same reward as in training. Consistency over rollouts is what InfTool
splits easy from hard by; its formula is not published, ours is
the share of a blueprint's plays that make the same calls [reconstructed].
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

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

RESAMPLES = 1000
TOGETHER = 64


class BlueprintResult(Record):
    """One blueprint played several times: its cell, and of each play the reward, the gate it
    stopped at, and whether it says something about the assistant."""

    blueprint: str
    category: str
    cell: dict[str, str]
    rewards: tuple[float, ...]
    gates: tuple[RewardGate, ...]
    counted: tuple[bool, ...]
    consistency: float

    @property
    def exact(self) -> float:
        """The share of plays that passed every gate, of those that count."""
        passed = [
            gate == "passed"
            for gate, counts in zip(self.gates, self.counted, strict=True)
            if counts
        ]
        return sum(passed) / len(passed) if passed else 0.0


class ResultGroup(Record):
    """Several blueprints together: how many, the share of exact plays with its 95% bootstrap
    interval (over blueprints), and the rest."""

    n: int
    exact: float
    interval: tuple[float, float]
    reward: float
    pass_k: float
    consistency: float
    gates: dict[str, int]


class Evaluation(Record):
    """The JSON document of `inftool eval`; `decoding` says how the model was made to speak.

    `held_out`: whether the model's own record names none of the specs (None: there is no record).
    `usage`: tokens, of an endpoint.
    """

    model: str
    decoding: JsonObject
    plays: int
    held_out: bool | None = None
    usage: JsonObject = Field(default_factory=dict)
    overall: ResultGroup
    categories: dict[str, ResultGroup] = Field(default_factory=dict)
    cells: tuple[JsonObject, ...] = ()
    blueprints: tuple[BlueprintResult, ...] = ()

    def skills(self) -> dict[str, float]:
        """The share of exact episodes by category."""
        return {name: group.exact for name, group in self.categories.items()}


def evaluate(
    policy: Policy,
    blueprints: Sequence[Blueprint],
    stage: WorldPool,
    *,
    model: str,
    decoding: JsonObject,
    plays: int = 1,
) -> Evaluation:
    """Let a policy play every blueprint `plays` times and sum up; plays that failed through no
    fault of the assistant's do not count."""
    found: list[BlueprintResult] = []
    together = max(1, TOGETHER // plays)
    for first in range(0, len(blueprints), together):
        part = blueprints[first : first + together]
        environments = [[Environment(blueprint, stage) for _ in range(plays)] for blueprint in part]
        run_episodes([environment for group in environments for environment in group], policy)
        found += [
            _played(blueprint, group) for blueprint, group in zip(part, environments, strict=True)
        ]
    return Evaluation(
        model=model,
        decoding=decoding,
        plays=plays,
        overall=_group(found),
        categories={
            name: _group(rows)
            for name in CATEGORIES
            if (rows := [row for row in found if row.category == name])
        },
        cells=_cells(found),
        blueprints=tuple(found),
    )


def _played(blueprint: Blueprint, environments: Sequence[Environment]) -> BlueprintResult:
    scores = [environment.score() for environment in environments]
    made = Counter(_signature(environment) for environment in environments)
    return BlueprintResult(
        blueprint=blueprint.id,
        category=blueprint.category,
        cell=cell_of(blueprint),
        rewards=tuple(score.reward for score in scores),
        gates=tuple(score.gate for score in scores),
        counted=tuple(score.counted or score.exact for score in scores),
        consistency=made.most_common(1)[0][1] / len(environments),
    )


def _signature(environment: Environment) -> str:
    return canonical(
        [
            [call.name, call.arguments]
            for message in environment.messages
            for call in calls_of(message) or ()
        ]
    )


def cell_of(blueprint: Blueprint) -> dict[str, str]:
    """Where a blueprint lies: category × depth × distractors × the hardest type of argument ×
    fault."""
    used = {step.tool for step in blueprint.plan}
    spare = len(set(blueprint.all_tools()) - used)
    return {
        "category": blueprint.category,
        "depth": str(min(len(blueprint.plan), 4)) + ("+" if len(blueprint.plan) > 3 else ""),
        "distractors": "0" if not spare else "1-3" if spare < 4 else "4+",
        "argument": _hardest(blueprint),
        "fault": "yes" if any(step.fault for step in blueprint.plan) else "no",
    }


def _hardest(blueprint: Blueprint) -> str:
    values = [
        value for step in blueprint.plan for _, value in leaves(step.arguments) if value != {}
    ]
    if any(step.bindings for step in blueprint.plan):
        return "earlier result"
    if any(
        isinstance(value, (dict, list))
        for step in blueprint.plan
        for value in step.arguments.values()
    ):
        return "nested"
    return "flat" if values else "none"


def _group(rows: Sequence[BlueprintResult]) -> ResultGroup:
    shares = [row.exact for row in rows]
    rng = random.Random(len(rows))
    means = sorted(sum(rng.choices(shares, k=len(shares))) / len(shares) for _ in range(RESAMPLES))
    gates = Counter(
        gate for row in rows for gate, counts in zip(row.gates, row.counted, strict=True) if counts
    )
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
            _rounded(means[int(0.025 * RESAMPLES)]),
            _rounded(means[int(0.975 * RESAMPLES) - 1]),
        ),
        reward=_rounded(sum(rewards) / len(rewards)) if rewards else 0.0,
        pass_k=_rounded(sum(share == 1.0 for share in shares) / len(shares)),
        consistency=_rounded(sum(row.consistency for row in rows) / len(rows)),
        gates=dict(gates.most_common()),
    )


def _rounded(value: float) -> float:
    return round(value, 4)


def _cells(rows: Sequence[BlueprintResult]) -> tuple[JsonObject, ...]:
    """One row a cell that was met, in order of its name."""
    cells: dict[tuple[tuple[str, str], ...], list[BlueprintResult]] = {}
    for row in rows:
        cells.setdefault(tuple(row.cell.items()), []).append(row)
    return tuple(
        {**dict(cell), **_group(cells[cell]).model_dump(mode="json")} for cell in sorted(cells)
    )
