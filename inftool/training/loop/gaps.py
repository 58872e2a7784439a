"""What a model cannot do yet, and what to synthesize next because of it.

InfTool's loop makes new data out of the hard samples and the failure modes. How the paper weighs
them is not published; ours is [reconstructed]: a blueprint is hard below a threshold of exact
episodes. Those within a band (UI-Simulator-Grow's 25-75%) count in full, those that never succeed
by half, and easy ones keep a small share. A label is checked again before its failure counts
(LoopTool suspects the label too).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import Field

from inftool.core.blueprints import CATEGORIES, Blueprint, Category
from inftool.core.types import Record
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse
from inftool.training.evaluation.evaluation import BlueprintResult, Evaluation, by_cell

# Below the band there may be nothing to learn from yet, so such a blueprint counts by half.
_TOO_HARD = 0.5
# Long enough that a weight of 2.5% comes up at least once.
_MIXTURE_SIZE = 40


class GapSettings(Record):
    """How gaps are found and weighed."""

    easy: float = Field(default=0.75, ge=0.0, le=1.0)
    """From this share of exact episodes on, a blueprint is not a gap."""

    band: tuple[float, float] = (0.25, 0.75)
    """The shares of exact episodes that count in full (UI-Simulator-Grow's band)."""

    floor: float = Field(default=0.1, ge=0.0, le=1.0)
    """The weight of what is easy: above 0, so that it is not forgotten."""

    replay: float = Field(default=0.2, ge=0.0, le=1.0)
    """The share of the next round that is spread evenly over the categories, whatever the gaps."""


class Gap(Record):
    """One cell in which the model falls short."""

    cell: dict[str, str]
    """Where it lies: category, depth, distractors, argument and fault."""

    n: int
    """Blueprints in the cell."""

    exact: float
    """The share of their episodes that are exact."""

    weight: float
    """How much it calls for more of its kind, from the floor to 1."""

    stops_at: str
    """The gate at which most failures stop."""

    sentence: str
    """All of it in words."""


class Gaps(Record):
    """What a round writes to `gaps.json`."""

    gaps: tuple[Gap, ...]
    """From the widest on."""

    weights: dict[Category, float]
    """The mixture of the next round; the weights sum to 1."""

    bad_labels: tuple[str, ...] = ()
    """Blueprints that fail their own rehearsal: the label is wrong, not the model."""


_FAILURES = {
    "format": "writes what cannot be read",
    "finish": "does not come to an end",
    "decision": "calls when it should not, or does not call when it should",
    "tool": "calls another tool",
    "keys": "leaves out or invents parameters",
    "values": "passes wrong values",
    "outcome": "makes the calls but does not tell the truth about them, "
    "or makes them in the wrong order",
    "dialogue": "does it all, but leads the conversation badly",
}


def find_gaps(
    evaluation: Evaluation,
    blueprints: Sequence[Blueprint],
    pool: WorldPool,
    settings: GapSettings | None = None,
    *,
    lost: Collection[str] = (),
) -> Gaps:
    """The gaps of an evaluation of these blueprints, and the weights for the next round.

    A category that was `lost` counts in full, however easy it is.
    """
    chosen = settings or GapSettings()
    by_id = {blueprint.id: blueprint for blueprint in blueprints}
    bad_labels = tuple(
        row.blueprint
        for row in evaluation.blueprints
        if row.exact < chosen.easy and not rehearse(by_id[row.blueprint], pool).passed
    )
    rows = [row for row in evaluation.blueprints if row.blueprint not in bad_labels]
    gaps = [
        _gap(cell, group, chosen)
        for cell, group in by_cell(rows)
        if any(row.exact < chosen.easy for row in group)
    ]
    return Gaps(
        gaps=tuple(sorted(gaps, key=lambda gap: (-gap.weight, gap.sentence))),
        weights=_weights(rows, chosen, lost),
        bad_labels=bad_labels,
    )


def need_of(row: BlueprintResult, settings: GapSettings) -> float:
    """How much one blueprint calls for more of its kind, from the floor to 1.

    Easy ones have the floor, those within the band 1, harder ones a half.
    """
    if row.exact >= settings.easy:
        return settings.floor
    low, high = settings.band
    return 1.0 if low <= row.exact <= high else max(_TOO_HARD, settings.floor)


def _gap(cell: dict[str, str], rows: Sequence[BlueprintResult], settings: GapSettings) -> Gap:
    exact = sum(row.exact for row in rows) / len(rows)
    failed = [gate for row in rows for gate in row.counted_gates() if gate != "passed"]
    # Of two gates at which as many stop, the first by name: the same in every process.
    stops = max(sorted(set(failed)), key=failed.count) if failed else "outcome"
    return Gap(
        cell=cell,
        n=len(rows),
        exact=round(exact, 4),
        weight=round(sum(need_of(row, settings) for row in rows) / len(rows), 4),
        stops_at=stops,
        sentence=_sentence(cell, len(rows), exact, stops),
    )


def _sentence(cell: dict[str, str], size: int, exact: float, stops_at: str) -> str:
    where = (
        f"{cell['category']} (calls: {cell['depth']}, distractors: {cell['distractors']}, "
        f"arguments: {cell['argument']})"
    )
    where += ", with a fault" if cell["fault"] == "yes" else ""
    return (
        f"In {where} it succeeds in {100 * exact:.0f}% of its plays of {size} "
        f"blueprint{'s' * (size > 1)} and mostly {_FAILURES.get(stops_at, stops_at)}."
    )


def _weights(
    rows: Sequence[BlueprintResult], settings: GapSettings, lost: Collection[str]
) -> dict[Category, float]:
    present = [name for name in CATEGORIES if any(row.category == name for row in rows)]
    means: dict[Category, float] = {}
    for name in present:
        needs = [
            1.0 if name in lost else need_of(row, settings) for row in rows if row.category == name
        ]
        means[name] = sum(needs) / len(needs)
    total = sum(means.values())
    even = 1.0 / len(present) if present else 0.0
    return {
        name: round(settings.replay * even + (1.0 - settings.replay) * means[name] / total, 4)
        for name in present
    }


def mixture(weights: dict[Category, float], size: int = _MIXTURE_SIZE) -> tuple[Category, ...]:
    """Weights as a list of categories, which the sampler takes in turn.

    Every category comes up at least once. {"simple": 0.75, "parallel": 0.25}, size 4 ->
    ("simple", "simple", "parallel", "simple").
    """
    total = sum(weights.values())
    categories: list[Category] = []
    credit = dict.fromkeys(weights, 0.0)
    # Spread out rather than in blocks, so that an interrupted run has the mixture too.
    for _ in range(max(size, len(weights))):
        for name, weight in weights.items():
            credit[name] += weight / total
        name = max(credit, key=lambda item: credit[item])
        credit[name] -= 1.0
        categories.append(name)
    return (*categories, *(name for name in weights if name not in categories))
