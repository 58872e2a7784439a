"""The verifier against planted faults: recall, precision and blame by kind, and verdicts a second
with and without replay.

    python benchmarks/verifier.py [-n 20000] [--base 1000] [--seed 1]

The lines are those of a scripted run over the sample specs. The faults come from
`tests/support/planted_faults/`, which knows lines and worlds but no
gate. Prints one JSON document; exit 1 where a target is missed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from inftool.core.trajectories import Trajectory
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.verdict import judge
from tests.support.planted_faults.lines import Line
from tests.support.planting import base_lines, measure

SPECS = Path(__file__).parents[1] / "specs"


def speed(lines: Sequence[Line], stage: WorldPool, rounds: int = 3) -> dict[str, float]:
    """Verdicts a CPU second, the best of some rounds: in worlds that are at hand, in worlds that
    are seeded on the way (as `inftool verify` does), and without a world."""
    trajectories = [Trajectory.model_validate({**line, "verdict": None}) for line in lines]
    # All lines are held in memory here, which nobody else does: the collector shall not walk
    # through them.
    gc.collect()
    gc.freeze()
    best = {"with replay": 0.0, "with replay and seeding": 0.0, "without replay": 0.0}
    for _ in range(rounds):
        for name, world in (
            ("with replay", stage),
            ("with replay and seeding", WorldPool(stage.toolset.apis)),
            ("without replay", None),
        ):
            started = time.process_time()
            for trajectory in trajectories:
                judge(trajectory, world)
            best[name] = max(best[name], len(trajectories) / (time.process_time() - started))
    return {name: round(value) for name, value in best.items()}


def growth(line: Line, stage: WorldPool) -> dict[str, list[dict[str, float]]]:
    """CPU milliseconds a call as a play gets longer, with and without a world: constant where the
    cost is linear in the calls.

    The play is a line's own, with its first call made over and over again, each time answered by
    the world.
    """
    found: dict[str, list[dict[str, float]]] = {"with replay": [], "without replay": []}
    at = next(place for place, message in enumerate(line["messages"]) if message.get("tool_calls"))
    asked, answer = line["messages"][at], line["messages"][at + 1]
    for count in (10, 100, 1000, 5000):
        more: list[dict[str, Any]] = []
        for number in range(count):
            call = {**asked["tool_calls"][0], "id": f"more_{number}"}
            more += [{**asked, "tool_calls": [call]}, {**answer, "tool_call_id": call["id"]}]
        messages = [*line["messages"][:at], *more, *line["messages"][at:]]
        provenance = {key: value for key, value in line["provenance"].items() if key != "seal"}
        trajectory = Trajectory.model_validate(
            {**line, "messages": messages, "provenance": provenance, "verdict": None}
        )
        for name, world in (("with replay", stage), ("without replay", None)):
            best = float("inf")
            for _ in range(3):
                started = time.process_time()
                judge(trajectory, world)
                best = min(best, time.process_time() - started)
            found[name].append({"calls": count, "ms a call": round(1000 * best / count, 4)})
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=20_000)
    parser.add_argument("--base", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        lines, stage = base_lines(Path(folder), options.base, options.seed, [SPECS])
    result = measure(lines, stage, options.n, options.seed)
    rates = speed(lines, stage)
    grown = growth(
        next(
            line
            for line in lines
            if len(line["blueprint"]["plan"]) == 1 and line["blueprint"]["category"] == "simple"
        ),
        stage,
    )
    reached = {
        "recall 1.0": result["recall"] == 1.0,
        "precision >= 0.999": result["precision"] >= 0.999,
        "blame >= 0.98": result["blame"] >= 0.98,
        ">= 300 verdicts/s with replay": rates["with replay"] >= 300,
        ">= 300 verdicts/s with replay and seeding": rates["with replay and seeding"] >= 300,
        ">= 3000 verdicts/s without": rates["without replay"] >= 3000,
        "cost linear in calls": all(
            rows[-1]["ms a call"] < 2 * rows[1]["ms a call"] for rows in grown.values()
        ),
    }
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    print(
        json.dumps(
            {**result, "verdicts a second": rates, "growth": grown, "reached": reached, **machine},
            indent=2,
        )
    )
    return 0 if all(reached.values()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
