"""Weights of a run: how the closed loop, or a user, aims the blueprints of the next round."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from inftool.core.blueprints import CATEGORIES

_PARTS = ("categories", "apis", "tools", "difficulty", "distractors")

_LEVELS = (1, 5)
"""The lowest and the highest difficulty."""

_DISTRACTORS = (0, 100)
"""The fewest and the most distractors."""


@dataclass(frozen=True)
class SamplingWeights:
    """Multipliers of what is drawn; whatever has none counts 1, unless it is said otherwise."""

    categories: Mapping[str, float] = field(default_factory=dict)
    """By category."""

    apis: Mapping[str, float] = field(default_factory=dict)
    """By API."""

    tools: Mapping[str, float] = field(default_factory=dict)
    """By tool."""

    difficulty: Mapping[int, float] = field(default_factory=dict)
    """By difficulty, 1 to 5."""

    distractors: Mapping[int, float] = field(default_factory=dict)
    """By number of distractors; if any is given, no other number is drawn."""

    @classmethod
    def of(cls, weights: Mapping[str, Mapping[str, float]] | None) -> SamplingWeights:
        """The weights of a weights file as `read_weights` gives them; None stands for none."""
        given = weights or {}

        def part(name: str) -> dict[str, float]:
            return {key: float(weight) for key, weight in given.get(name, {}).items()}

        return cls(
            part("categories"),
            part("apis"),
            part("tools"),
            {int(level): weight for level, weight in part("difficulty").items()},
            {int(count): weight for count, weight in part("distractors").items() if weight},
        )

    def level(self, level: int) -> float:
        """The weight of a difficulty."""
        return self.difficulty.get(level, 1.0)


def read_weights(text: str) -> dict[str, dict[str, float]]:
    """Read a weights file; ValueError says what is wrong with it.

    `{"categories": {…}, "difficulty": {"4": 3, "1": 0}, "distractors": {"0": 1, "20": 2}}`, with
    `apis` and `tools` besides.
    """
    # JSON has text keys only, so difficulties and counts are texts here.
    data = json.loads(text)
    if not isinstance(data, dict) or not data.keys() <= set(_PARTS):
        raise ValueError(
            "a weights file holds an object with the keys categories, apis, tools, difficulty "
            "and distractors"
        )
    for name, part in data.items():
        if not isinstance(part, dict) or not all(map(_is_weight, part.values())):
            raise ValueError(f"{name}: every weight is a number that is not negative")
    unknown = sorted(set(data.get("categories", {})) - set(CATEGORIES))
    if unknown:
        raise ValueError(f"there is no category {unknown[0]!r}")
    _check_numbers(data, "difficulty", _LEVELS, default=1.0)
    _check_numbers(data, "distractors", _DISTRACTORS, default=0.0)
    return data


def _is_weight(value: object) -> bool:
    # bool is a subclass of int.
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0


def _check_numbers(
    data: Mapping[str, Mapping[str, float]],
    name: str,
    limits: tuple[int, int],
    *,
    default: float,
) -> None:
    """Check a part whose keys are numbers; `default` is the weight of a number without one."""
    if name not in data:
        return
    least, most = limits
    part = data[name]
    wrong = sorted(key for key in part if not key.isdecimal() or not least <= int(key) <= most)
    if wrong:
        raise ValueError(f"{name}: {wrong[0]!r} is no number from {least} to {most}")
    if not any(part.get(str(key), default) for key in range(least, most + 1)):
        raise ValueError(f"{name}: the weights leave nothing")
