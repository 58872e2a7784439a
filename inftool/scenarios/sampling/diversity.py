"""How diverse a set of blueprints is: entropies, in bits (TDScaling)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TypeVar

from inftool.core.blueprints import Blueprint

K = TypeVar("K")


def entropy(counts: Mapping[K, int]) -> float:
    """Shannon's entropy of a distribution, in bits: `{"a": 1, "b": 1}` -> 1.0."""
    total = sum(counts.values())
    if not total:
        return 0.0
    return -sum(count / total * math.log2(count / total) for count in counts.values() if count)


def plan_shape(blueprint: Blueprint) -> str:
    """A plan's shape: how many calls each batch of each turn has.

    Two calls that can be made in parallel, then one that needs both, then a turn without calls ->
    "2.1|-".
    """
    depths: dict[str, int] = {}
    turns = []
    for turn in blueprint.turns:
        # Steps of earlier turns are done, and do not make a turn's own steps wait.
        for step_id in turn.steps:
            step = blueprint.step(step_id)
            needed = (depths.get(need, 0) for need in step.after if need in turn.steps)
            depths[step_id] = 1 + max(needed, default=0)
        batches = Counter(depths[step_id] for step_id in turn.steps)
        turns.append(".".join(str(batches[depth]) for depth in sorted(batches)) or "-")
    return "|".join(turns)


def entropies(blueprints: Sequence[Blueprint]) -> dict[str, float]:
    """The entropies over APIs, plan shapes, difficulties, tools and categories, in bits.

    The first three are those of TDScaling (domain, reasoning shape, complexity).
    """
    tools = [step.tool for blueprint in blueprints for step in blueprint.plan if step.goal]
    return {
        "domain": entropy(Counter(blueprint.world.api for blueprint in blueprints)),
        "shape": entropy(Counter(plan_shape(blueprint) for blueprint in blueprints)),
        "complexity": entropy(Counter(blueprint.difficulty for blueprint in blueprints)),
        "tool": entropy(Counter(tools)),
        "category": entropy(Counter(blueprint.category for blueprint in blueprints)),
    }
