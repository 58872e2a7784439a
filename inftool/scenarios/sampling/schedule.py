"""The order of categories in a run, the difficulty of a blueprint, and what keeps two distinct."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence

from inftool.core.blueprints import Blueprint, Category, Step, Turn
from inftool.core.errors import ScenarioError

# How many places a weighted schedule has for each category: enough for shares of an eighth.
_PLACES_PER_CATEGORY = 8

# What makes a blueprint more difficult: a call or a turn is a point, and so is whatever the user
# withholds. A call that waits for another counts double, as its value has to be read first; tools
# and arguments count little, so that size alone makes nothing difficult.
_POINTS_PER_DEPTH = 2
_TOOLS_PER_POINT = 5
_ARGUMENTS_PER_POINT = 4
_POINTS_PER_LEVEL = 2
_MAX_LEVEL = 5


def schedule(categories: Iterable[Category], weights: Mapping[str, float]) -> tuple[Category, ...]:
    """The categories in the order in which indices take them.

    One after another if all weights are equal, else as often as their weights say, spread evenly:
    a weight of 2 for the first of two gives first, second, first, first, second, first, …
    ScenarioError if no category is left.
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
    # Each place goes to the category that is owed most by then.
    owed = dict.fromkeys(names, 0.0)
    order: list[Category] = []
    for _ in range(_PLACES_PER_CATEGORY * len(names)):
        for name in names:
            owed[name] += shares[name] / total
        best = max(names, key=lambda name: owed[name])
        owed[best] -= 1.0
        order.append(best)
    return tuple(order)


def difficulty(turns: Sequence[Turn], plan: Sequence[Step], visible: int) -> int:
    """The difficulty from 1 to 5.

    It counts the calls, how deep they depend on each other, the turns, what the user withholds,
    failures and refusals, the arguments of the fullest call, and the tools to choose from.
    """
    depths: dict[str, int] = {}
    for step in plan:
        depths[step.id] = 1 + max((depths.get(need, 0) for need in step.after), default=0)
    points = len(plan) + len(turns) - 1
    points += _POINTS_PER_DEPTH * (max(depths.values(), default=1) - 1)
    points += visible // _TOOLS_PER_POINT
    points += sum(detail.withheld for turn in turns for detail in turn.details)
    points += sum(step.fault is not None or step.refused is not None for step in plan)
    points += max((len(step.arguments) for step in plan), default=0) // _ARGUMENTS_PER_POINT
    return max(1, min(_MAX_LEVEL, (points + 1) // _POINTS_PER_LEVEL))


def fingerprint(blueprint: Blueprint) -> str:
    """A hash that two blueprints share if their users want and know the same, whoever they are."""
    # Tools, persona and plan are left out: the same words with other distractors are no news.
    said = [
        [turn.kind, turn.intent, [(item.words, item.said) for item in turn.details], turn.asks]
        for turn in blueprint.turns
    ]
    text = json.dumps([blueprint.world.api, said], sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def stable_number(text: str) -> int:
    """A seed from a text, the same in every process (`hash` is not)."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big")
