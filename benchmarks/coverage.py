"""What the sampler covers at equal budget beside uniform sampling: several seeds, with intervals.

    python benchmarks/coverage.py [-n 2000] [--seeds 3] [--specs specs]

Both draw the same number of blueprints of the same categories from the same specs; only the steering differs. Coverage is of executed edges (each tried with
a corrupted value too), listed values and tools; the budget of "calls until 95%" is counted in the calls that carry out wishes, beside the fewest that could do.
Intervals are 95% (Student's t) over seeds, of the paired differences.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from pathlib import Path
from typing import Any

from inftool.agents.cards import load_personas
from inftool.errors import ScenarioError
from inftool.records import Blueprint
from inftool.scenarios.coverage import Coverage, cells, entropies, minimum, universe
from inftool.scenarios.edges import proven
from inftool.scenarios.sample import Sampler
from inftool.scenarios.stage import Stage
from inftool.specs import compile_specs

SPECS = Path(__file__).parents[1] / "specs"
_T = {2: 12.71, 3: 4.30, 4: 3.18, 5: 2.78, 6: 2.57, 7: 2.45, 8: 2.36, 9: 2.31, 10: 2.26}


def draw(stage: Stage, count: int, seed: int, *, steer: bool) -> tuple[list[Blueprint], float]:
    """Blueprints and the CPU seconds that they took."""
    sampler, seen = Sampler(stage, load_personas(), seed, steer=steer), set[str]()
    found = []
    started = time.process_time()
    for index in range(count):
        try:
            found.append(sampler.draw(index, seen))
        except ScenarioError:
            continue
    return found, time.process_time() - started


def measure(stage: Stage, blueprints: list[Blueprint], edges: list[tuple[str, str, str]], fewest: int) -> dict[str, Any]:
    """The shares of each kind, the entropies, and after how many calls 95% of the values and the edges were met."""
    coverage = Coverage(universe(stage, edges))
    reached: dict[str, int | None] = {"enum": None, "edge": None}
    within: dict[str, float] = {}
    calls = 0
    for blueprint in blueprints:
        coverage.add(cells(blueprint, stage.tools), api=blueprint.world.api)
        calls += sum(step.goal for step in blueprint.plan)
        for kind, already in list(reached.items()):
            if already is None and coverage.share(kind) >= 0.95:
                reached[kind] = calls
            if calls <= 3 * fewest:
                within[kind] = round(coverage.share(kind), 4)
    shares = {kind: round(coverage.share(kind), 4) for kind in ("tool", "param", "enum", "edge", "category", "behaviour")}
    return {
        "share": shares,
        "calls": calls,
        "calls until 95%": reached,
        "share within 3x the fewest": within,
        "entropy": {k: round(v, 4) for k, v in entropies(blueprints).items()},
    }


def interval(values: list[float]) -> dict[str, float]:
    """Mean and half width of the 95% interval."""
    mean = statistics.mean(values)
    half = _T.get(len(values), 1.96) * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else float("nan")
    return {"mean": round(mean, 4), "half": round(half, 4), "least": round(min(values), 4)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--specs", default=str(SPECS))
    options = parser.parse_args()
    stage = Stage([api for api in compile_specs([options.specs]) if api.tools])
    good, bad = [], 0
    for name in stage.api_names:
        held, failed = proven(stage, name)
        good += [edge.key for edge in held]
        bad += len(failed)
    fewest = minimum(stage.tools.values(), good)
    rounds = []
    for seed in range(options.seeds):
        row: dict[str, Any] = {"seed": seed}
        for name, steer in (("steered", True), ("uniform", False)):
            blueprints, seconds = draw(stage, options.n, seed, steer=steer)
            row[name] = {**measure(stage, blueprints, good, fewest), "blueprints": len(blueprints), "a minute": round(60 * len(blueprints) / seconds)}
        rounds.append(row)
    differences = {
        f"{part} {kind}": interval([row["steered"][part][kind] - row["uniform"][part][kind] for row in rounds])
        for part in ("share", "entropy")
        for kind in rounds[0]["steered"][part]
    }
    document = {
        "blueprints": options.n,
        "edges": len(good),
        "believed edges that did not hold": bad,
        "fewest calls": fewest,
        "rounds": rounds,
        "steered minus uniform": differences,
    }
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
