"""What a model cannot do yet, and what to synthesize next because of it (InfTool's loop: new data
out of the hard samples and failure modes).

How the paper weighs is not published [reconstructed]: a blueprint is hard below a threshold of
exact plays; those within a band (UI-Simulator-Grow's 25–75%) count
whole, those that never succeed by half, since there may be nothing to learn from yet; easy ones
keep a small share. A label is checked again
before its failure counts (LoopTool suspects the label too).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from pydantic import Field

from inftool.core.blueprints import CATEGORIES, Blueprint, Category
from inftool.core.types import Record
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse
from inftool.training.evaluation.evaluation import BlueprintResult, Evaluation


class GapSettings(Record):
    """`easy`: from which share of exact plays a blueprint is no gap; `band`: the shares that count
    whole; `floor`: the weight of what is easy; `replay`: the share of
    the next round that keeps the mixture as it was.
    """

    easy: float = Field(default=0.75, ge=0.0, le=1.0)
    band: tuple[float, float] = (0.25, 0.75)
    floor: float = Field(default=0.1, ge=0.0, le=1.0)
    replay: float = Field(default=0.2, ge=0.0, le=1.0)


class Gap(Record):
    """One cell in which the model falls short, in a sentence too."""

    cell: dict[str, str]
    n: int
    exact: float
    weight: float
    stops_at: str
    sentence: str


class Gaps(Record):
    """What a round writes to `gaps.json`: cells from the widest gap on, the weights of categories
    (they sum to 1), and blueprints whose labels are wrong."""

    gaps: tuple[Gap, ...]
    weights: dict[Category, float]
    bad_labels: tuple[str, ...] = ()


_STOPS = {
    "format": "writes what cannot be read",
    "finish": "does not come to an end",
    "decision": "calls when it should not, or does not call when it should",
    "tool": "calls another tool",
    "keys": "leaves out or invents parameters",
    "values": "passes wrong values",
    "outcome": (
        "makes the calls but does not tell the truth about them, or makes them in the wrong order"
    ),
    "dialogue": "does it all, but leads the conversation badly",
}


def find_gaps(
    evaluation: Evaluation,
    blueprints: Sequence[Blueprint],
    stage: WorldPool,
    settings: GapSettings | None = None,
    *,
    lost: Collection[str] = (),
) -> Gaps:
    """The gaps of an evaluation of these blueprints, and the weights that the next round should
    have; what was `lost` counts whole, however easy it is."""
    chosen = settings or GapSettings()
    by_id = {blueprint.id: blueprint for blueprint in blueprints}
    bad = tuple(
        row.blueprint
        for row in evaluation.blueprints
        if row.exact < chosen.easy and not rehearse(by_id[row.blueprint], stage).passed
    )
    rows = [row for row in evaluation.blueprints if row.blueprint not in bad]
    cells: dict[tuple[tuple[str, str], ...], list[BlueprintResult]] = {}
    for row in rows:
        cells.setdefault(tuple(row.cell.items()), []).append(row)
    gaps = [
        _gap(dict(cell), group, chosen)
        for cell, group in cells.items()
        if any(row.exact < chosen.easy for row in group)
    ]
    return Gaps(
        gaps=tuple(sorted(gaps, key=lambda gap: (-gap.weight, gap.sentence))),
        weights=_weights(rows, chosen, lost),
        bad_labels=bad,
    )


def need_of(row: BlueprintResult, settings: GapSettings) -> float:
    """How much one blueprint calls for more of its kind, from the floor (easy) to 1 (within the
    band)."""
    if row.exact >= settings.easy:
        return settings.floor
    low, high = settings.band
    return 1.0 if low <= row.exact <= high else max(0.5, settings.floor)


def _gap(cell: dict[str, str], rows: Sequence[BlueprintResult], settings: GapSettings) -> Gap:
    exact = sum(row.exact for row in rows) / len(rows)
    failed = [
        gate
        for row in rows
        for gate, counts in zip(row.gates, row.counted, strict=True)
        if counts and gate != "passed"
    ]
    stops = max(sorted(set(failed)), key=failed.count) if failed else "outcome"
    where = (
        f"{cell['category']} (calls: {cell['depth']}, distractors: {cell['distractors']}, "
        f"arguments: {cell['argument']})"
    )
    where += ", with a fault" if cell["fault"] == "yes" else ""
    return Gap(
        cell=cell,
        n=len(rows),
        exact=round(exact, 4),
        weight=round(sum(need_of(row, settings) for row in rows) / len(rows), 4),
        stops_at=stops,
        sentence=(
            f"In {where} it succeeds in {100 * exact:.0f}% of its plays of {len(rows)} "
            f"blueprint{'s' * (len(rows) > 1)} and mostly {_STOPS.get(stops, stops)}."
        ),
    )


def _weights(
    rows: Sequence[BlueprintResult], settings: GapSettings, lost: Collection[str]
) -> dict[Category, float]:
    present = [name for name in CATEGORIES if any(row.category == name for row in rows)]
    needs = {
        name: [
            1.0 if name in lost else need_of(row, settings) for row in rows if row.category == name
        ]
        for name in present
    }
    means = {name: sum(values) / len(values) for name, values in needs.items()}
    total = sum(means.values())
    even = 1.0 / len(present) if present else 0.0
    return {
        name: round(settings.replay * even + (1.0 - settings.replay) * means[name] / total, 4)
        for name in present
    }


def mixture(weights: dict[Category, float], size: int = 40) -> tuple[Category, ...]:
    """Weights as a list of categories for the sampler, which takes them in turn; every category
    comes up at least once."""
    total = sum(weights.values())
    found: list[Category] = []
    due = dict.fromkeys(weights, 0.0)
    # Spread out rather than in blocks, so that a run cut short has the mixture too.
    for _ in range(max(size, len(weights))):
        for name, weight in weights.items():
            due[name] += weight / total
        name = max(due, key=lambda item: due[item])
        due[name] -= 1.0
        found.append(name)
    return (*found, *(name for name in weights if name not in found))
