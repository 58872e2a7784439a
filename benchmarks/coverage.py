"""What the sampler covers at equal budget beside uniform sampling: several seeds, with intervals.

    python benchmarks/coverage.py [-n 2000] [--seeds 3] [--specs specs] [--json]

Both draw the same number of blueprints from the same specs, each rehearsed through all gates before
it counts; only the steering differs: without it the
category, the API, the tool and every value are drawn uniformly. Edges are executed ones (each tried
with a corrupted value too).

The minimum budget (`inftool.scenarios.sampling.coverage.minimum_calls`) is a lower bound in calls:
one call covers one value for each place and one producer for each argument, so every tool needs at
least as many calls as its place or argument with the most options. No set of blueprints can do with
fewer, and none is known that gets by with so few. Coverage within three times as many is counted
twice: against the calls that carry out wishes, and against all calls, lookups included.

Intervals are 95% (Student's t) over seeds, of the paired differences. Exit 1 where steering does
not beat chance in every share and every entropy.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.errors import ScenarioError
from inftool.scenarios.composition.edge_execution import proven_edges
from inftool.scenarios.resolution.blueprint_check import implicit_share
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.sampling.cells import all_cells, covered_cells, minimum_calls
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.sampling.diversity import entropies
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearse

SPECS = Path(__file__).parents[1] / "specs"
KINDS = ("tool", "param", "enum", "status", "edge", "category", "behaviour")
WITHIN = ("tool", "enum", "edge")
_T = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}


class Drawn(NamedTuple):
    """One run of a sampler: its blueprints, how many of a number it could not give, how many
    rehearsals failed, and the CPU seconds of all of it."""

    blueprints: list[Blueprint]
    missing: int
    failed: int
    seconds: float


def draw(stage: WorldPool, count: int, seed: int, *, steer: bool) -> Drawn:
    """Blueprints that passed their rehearsal."""
    sampler, seen, failed = (
        BlueprintSampler(stage, load_personas(), seed, steer=steer),
        set[str](),
        0,
    )

    def passes(blueprint: Blueprint) -> bool:
        nonlocal failed
        passed = rehearse(blueprint, stage).passed
        failed += not passed
        return passed

    found, missing = [], 0
    started = time.process_time()
    for index in range(count):
        try:
            found.append(sampler.draw(index, seen, passes))
        except ScenarioError:
            missing += 1
    return Drawn(found, missing, failed, time.process_time() - started)


def measure(
    stage: WorldPool, drawn: Drawn, edges: list[tuple[str, str, str]], fewest: int
) -> dict[str, Any]:
    """The shares of each kind at the end and within three times the minimum, the entropies, and
    after how many calls 95% were met."""
    coverage = Coverage(all_cells(stage, edges))
    reached: dict[str, int | None] = {"enum": None, "edge": None}
    within: dict[str, dict[str, float]] = {"wishes": {}, "all calls": {}}
    spent = {"wishes": 0, "all calls": 0}
    fresh = Coverage(all_cells(stage, edges))
    for blueprint in drawn.blueprints:
        coverage.add(covered_cells(blueprint, stage.tools), api=blueprint.world.api)
        fresh.add(
            covered_cells(
                blueprint.model_copy(
                    update={
                        "plan": tuple(
                            step.with_arguments({}) if step.anew else step
                            for step in blueprint.plan
                        )
                    }
                ),
                stage.tools,
            )
        )
        spent["wishes"] += sum(step.goal for step in blueprint.plan)
        spent["all calls"] += len(blueprint.plan)
        for kind, already in reached.items():
            if already is None and coverage.share(kind) >= 0.95:
                reached[kind] = spent["wishes"]
        for counted, calls in spent.items():
            if calls <= 3 * fewest:
                within[counted] = {kind: round(coverage.share(kind), 4) for kind in WITHIN}
    return {
        "share": {kind: round(coverage.share(kind), 4) for kind in KINDS},
        "share within 3x the minimum": within["wishes"],
        "share within 3x the minimum, lookups counted": within["all calls"],
        "entropy": {kind: round(value, 4) for kind, value in entropies(drawn.blueprints).items()},
        "calls": spent,
        "wishes until 95%": reached,
        "open": {kind: coverage.open(kind) for kind in WITHIN},
        "implicit references": round(implicit_share(drawn.blueprints), 4),
        "edges only read again": len(fresh.open("edge")) - len(coverage.open("edge")),
        "read again on request": sum(
            step.anew for blueprint in drawn.blueprints for step in blueprint.plan
        ),
        "categories": len({blueprint.category for blueprint in drawn.blueprints}),
        "blueprints": len(drawn.blueprints),
        "not drawn": drawn.missing,
        "failed rehearsals": drawn.failed,
        "a minute of CPU": round(60 * len(drawn.blueprints) / drawn.seconds),
    }


def interval(values: list[float]) -> dict[str, float]:
    """Mean, half width of the 95% interval, and the least."""
    half = (
        _T.get(len(values), 1.96) * statistics.stdev(values) / math.sqrt(len(values))
        if len(values) > 1
        else math.inf
    )
    return {
        "mean": round(statistics.mean(values), 4),
        "half": round(half, 4),
        "least": round(min(values), 4),
    }


PARTS = (
    "share",
    "share within 3x the minimum",
    "share within 3x the minimum, lookups counted",
    "entropy",
)


def compare(rounds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row a share and entropy: both means, the paired difference with its interval, and whether
    all of the interval is above nothing."""
    rows = []
    for part in PARTS:
        for kind in rounds[0]["steered"][part]:
            mine, theirs = (
                [row[name][part][kind] for row in rounds] for name in ("steered", "uniform")
            )
            apart = interval([one - other for one, other in zip(mine, theirs, strict=True)])
            # Where all there is is covered, nothing can be better.
            beaten = apart["mean"] - apart["half"] > 0 or min(mine) == 1.0
            rows.append(
                {
                    "part": part,
                    "kind": kind,
                    "steered": interval(mine),
                    "uniform": interval(theirs),
                    "difference": apart,
                    "beaten": beaten,
                }
            )
    return rows


def render(document: dict[str, Any]) -> str:
    """The table."""
    lines = [
        f"{document['blueprints']} rehearsed blueprints, {len(document['rounds'])} seeds; "
        f"{document['edges']} executed edges "
        f"({document['believed edges that did not hold']} believed ones did not hold); minimum "
        f"budget {document['minimum calls']} calls",
        f"{'':58} {'steered':>9} {'least':>8} {'uniform':>9} {'difference, 95%':>20}",
    ]
    for row in document["rows"]:
        apart = row["difference"]
        lines.append(
            f"{row['part'] + ': ' + row['kind']:58} {row['steered']['mean']:9.4f} "
            f"{row['steered']['least']:8.4f} {row['uniform']['mean']:9.4f} "
            f"{apart['mean']:+11.4f} ± {apart['half']:.4f}{'' if row['beaten'] else '  NOT BEATEN'}"
        )
    for row in document["rounds"]:
        for name in ("steered", "uniform"):
            part = row[name]
            lines.append(
                f"seed {row['seed']} {name}: {part['blueprints']} blueprints, "
                f"{part['categories']} categories, {part['calls']['wishes']} wishes, "
                f"{part['calls']['all calls']} calls, {100 * part['implicit references']:.0f}% "
                f"implicit, {part['read again on request']} read again "
                f"({part['edges only read again']} edges only so), "
                f"{part['failed rehearsals']} rehearsals failed, {part['a minute of CPU']} a "
                "minute of CPU"
            )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--specs", default=str(SPECS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    stage = WorldPool([api for api in compile_specs([options.specs]) if api.tools])
    good, bad = [], 0
    for name in stage.api_names:
        held, failed = proven_edges(stage, name)
        good += [edge.key for edge in held]
        bad += len(failed)
    fewest = minimum_calls(stage.tools.values(), good)
    rounds = []
    for seed in range(options.seeds):
        row: dict[str, Any] = {"seed": seed}
        for name, steer in (("steered", True), ("uniform", False)):
            row[name] = measure(stage, draw(stage, options.n, seed, steer=steer), good, fewest)
        rounds.append(row)
    document = {
        "blueprints": options.n,
        "edges": len(good),
        "believed edges that did not hold": bad,
        "minimum calls": fewest,
        "rows": compare(rounds),
        "rounds": rounds,
    }
    print(json.dumps(document, indent=1) if options.json else render(document))
    sys.exit(not all(row["beaten"] for row in document["rows"]))


if __name__ == "__main__":
    main()
