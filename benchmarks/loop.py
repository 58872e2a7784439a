"""The five-minute loop by seeds, with what each of its parts is worth: exact plays on held-out
specs before, after every round, and with a part left out.

    python benchmarks/loop.py specs --seeds 0 1 2 --arms full no-rl

One process a loop, one thread, so that its CPU time is its own. Prints a table as each loop ends;
intervals are 95% bootstrap intervals over all blueprints of all
seeds. `--json FILE` keeps what was measured.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from inftool.runs.run_folder import read_rows
from inftool.scenarios.plan import leaves
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.models.shipped import split_specs
from inftool.training.tokenization.slots.arguments import argument_leaves

ARMS: dict[str, list[str]] = {
    "full": [],
    "no-rl": ["--prompts", "0"],
    "no-gate": ["--config", "gated = false\n"],
    "no-gaps": ["--no-target"],
    "constrained": ["--constrained"],
    "no-sft": ["--sft-nothing"],
}


def run(specs: list[str], arm: str, seed: int, folder: Path) -> dict[str, Any]:
    """One loop in a process of its own; its curve, its held-out plays and its CPU seconds."""
    flags = list(ARMS[arm])
    if "--config" in flags:
        file = folder.parent / f"{folder.name}.toml"
        file.write_text(flags[1], "utf-8")
        flags[1] = str(file)
    code = "import sys; from inftool.cli import app; app(sys.argv[1:])"
    if "--sft-nothing" in flags:
        flags.remove("--sft-nothing")
        code = (
            "from inftool.training import config; config.LOOP_PRESETS['tiny-cpu']['sft'] |= "
            "{'learning_rate': 1e-12, 'epochs': 0.01}; "
        ) + code
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-c",
        code,
        "loop",
        *specs,
        "--preset",
        "tiny-cpu",
        "--seed",
        str(seed),
        "-o",
        str(folder),
        *flags,
    ]
    began, clock = os.times(), time.time()
    done = subprocess.run(
        command,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-2000:])
    ended = os.times()
    apart = strictly_apart(specs, folder, seed)
    evaluations = [json.loads((folder / "before.json").read_text())]
    evaluations += [
        json.loads(path.read_text()) for path in sorted(folder.glob("round-*/eval.json"))
    ]
    return {
        "arm": arm,
        "seed": seed,
        "curve": [item["overall"]["exact"] for item in evaluations],
        "plays": [
            [share(row) for row in item["blueprints"]] for item in (evaluations[0], evaluations[-1])
        ],
        "apart": [
            [share(row) for row in item["blueprints"] if row["blueprint"] in apart]
            for item in (evaluations[0], evaluations[-1])
        ],
        "categories": {
            name: [item["categories"][name]["exact"] for item in (evaluations[0], evaluations[-1])]
            for name in evaluations[0]["categories"]
        },
        "cpu": round(
            ended.children_user
            + ended.children_system
            - began.children_user
            - began.children_system
        ),
        "wall": round(time.time() - clock),
        "load": os.getloadavg()[0],
    }


def strictly_apart(specs: list[str], folder: Path, seed: int) -> set[str]:
    """The held-out blueprints whose arguments have no name and no value in common with anything
    that was trained on: neither its tools nor its conversations."""
    taught, held = split_specs(specs)
    stage, exam = open_world_pool(taught), open_world_pool(held)
    names = {
        part
        for tool in stage.tools.values()
        for leaf in argument_leaves(tool.openai())
        for part in leaf.path
    }
    values = {
        repr(value)
        for path in folder.glob("round-*/run")
        for row in read_rows(path, "kept")
        for value in said(row["blueprint"]["plan"])
    }
    config = json.loads((folder / "loop.json").read_text())["config"]
    drawn = draw_blueprints(
        exam, config["held_out"], seed=seed + 7, categories=config["categories"]
    )
    plans = {blueprint.id: [step.model_dump() for step in blueprint.plan] for blueprint in drawn}
    return {
        name
        for name, plan in plans.items()
        if plan
        and not any(
            part in names
            for step in plan
            for pointer, _ in leaves(step["arguments"])
            for part in pointer.split("/")[1:]
        )
        and not any(repr(value) in values for value in said(plan))
    }


def said(plan: list[dict[str, Any]]) -> list[Any]:
    """The values of a plan's arguments."""
    return [
        value
        for step in plan
        for _, value in leaves(step["arguments"])
        if isinstance(value, (str, int, float)) and not isinstance(value, bool)
    ]


def share(row: dict[str, Any]) -> float:
    """The share of a blueprint's plays that are exact, of those that count."""
    passed = [
        gate == "passed"
        for gate, counts in zip(row["gates"], row["counted"], strict=True)
        if counts
    ]
    return sum(passed) / len(passed) if passed else 0.0


def interval(values: list[float]) -> tuple[float, float]:
    """A 95% bootstrap interval of a mean."""
    rng = random.Random(0)
    means = sorted(sum(rng.choices(values, k=len(values))) / len(values) for _ in range(1000))
    return means[25], means[974]


def main() -> None:
    """Every arm with every seed."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("specs", nargs="*", default=["specs"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument("--json", type=Path)
    parser.add_argument("--keep", type=Path, help="a folder to keep the loops in")
    chosen = parser.parse_args()
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as temporary:
        home = chosen.keep or Path(temporary)
        home.mkdir(parents=True, exist_ok=True)
        for seed in chosen.seeds:
            for arm in chosen.arms:
                found.append(run(chosen.specs, arm, seed, home / f"{arm}-{seed}"))
                row = found[-1]
                curve = " -> ".join(f"{100 * exact:.1f}" for exact in row["curve"])
                print(
                    (
                        f"{arm:11} seed {seed}: {curve}%  ({row['cpu']} CPU s, {row['wall']} "
                        "s, load "
                        f"{row['load']:.1f})"
                    ),
                    flush=True,
                )
                if chosen.json:
                    chosen.json.write_text(json.dumps(found, indent=1) + "\n", "utf-8")
    print(f"\n{'':14} {'before':>20} {'after':>20} {'CPU s':>6}")
    for arm in chosen.arms:
        rows = [row for row in found if row["arm"] == arm]
        for kind, name in (("plays", arm), ("apart", "  strictly")):
            cells = []
            for place in (0, 1):
                values = [value for row in rows for value in row[kind][place]]
                low, high = interval(values or [0.0])
                cells.append(
                    f"{100 * sum(values) / max(len(values), 1):.1f} "
                    f"({100 * low:.1f}-{100 * high:.1f})"
                )
            print(
                f"{name:14} {cells[0]:>20} {cells[1]:>20} "
                f"{sum(row['cpu'] for row in rows) // len(rows):>6}"
            )


if __name__ == "__main__":
    main()
