"""The order of categories and difficulties in a run, and the fingerprints that keep blueprints distinct."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from inftool.core.blueprints import Blueprint, Category, Step, Turn
from inftool.core.errors import ScenarioError


def schedule(categories: Iterable[Category], weights: Mapping[str, float]) -> tuple[Category, ...]:
    """The categories in the order in which indices take them: one after another, or as often as their weights say, spread evenly.

    ScenarioError where no category is left.
    """
    names = tuple(categories)
    shares = {name: float(weights.get(name, 1.0)) for name in names}
    if len(set(shares.values())) == 1 and names and shares[names[0]] > 0:
        return names
    total = sum(shares.values())
    if not total:
        raise ScenarioError(
            "the weights leave no category", hint="give at least one of them a weight above 0"
        )
    slots = 8 * len(names)
    owed = dict.fromkeys(names, 0.0)
    order: list[Category] = []
    for _ in range(slots):
        for name in names:
            owed[name] += shares[name] / total
        best = max(names, key=lambda name: owed[name])
        owed[best] -= 1.0
        order.append(best)
    return tuple(order)


def difficulty(turns: Sequence[Turn], plan: Sequence[Step], visible: int) -> int:
    """From 1 to 5: how many calls and how deep they depend on each other, how much is withheld, faults and refusals, how full the arguments are, how many
    tools there are to choose from.
    """
    depth: dict[str, int] = {}
    for step in plan:
        depth[step.id] = 1 + max((depth.get(need, 0) for need in step.after), default=0)
    points = len(plan) + 2 * (max(depth.values(), default=1) - 1) + len(turns) - 1 + visible // 5
    points += sum(detail.withheld for turn in turns for detail in turn.details)
    points += sum(step.fault is not None or step.refused is not None for step in plan)
    points += max((len(step.arguments) for step in plan), default=0) // 4
    return max(1, min(5, (points + 1) // 2))


def fingerprint(blueprint: Blueprint) -> str:
    """What makes two conversations the same: the wishes and their details, whoever says them."""
    said = [
        [turn.kind, turn.intent, [(d.words, d.said) for d in turn.details], turn.asks]
        for turn in blueprint.turns
    ]
    return hashlib.blake2b(
        json.dumps([blueprint.world.api, said], sort_keys=True).encode(), digest_size=12
    ).hexdigest()


def stable_number(text: str) -> int:
    """A seed out of a text, the same in every process."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")
