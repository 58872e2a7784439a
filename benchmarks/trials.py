"""Real runs against an endpoint that misbehaves: what faults of every kind cost, and how often a
pilot's intervals hold.

    python benchmarks/trials.py [--faults 200] [--trials 30] [--count 80]

The endpoint (tests/support/endpoint.py) is a process of its own. First a run in which each kind of
fault hits a tenth of all requests on its own: no
conversation may be lost and no wrong one kept, and no request may outlast its deadline. Then so
many pilots of 20, each with a seed of its own and
resumed to the end: the interval of each forecast is held against what the run came to. A fifth of
these conversations is made to fail.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from inftool import synthesize
from inftool.agents.cast import Cast
from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.types import JsonObject
from inftool.llm.config import CastSettings, Endpoint
from inftool.runs.manifest import RunManifest
from inftool.runs.run_folder import PILES, Run, read_rows
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearse
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.runner import SynthesisRun
from inftool.verification.io.judge_files import judge_files

SPEC = Path(__file__).parents[1] / "specs" / "bookshop.yaml"
PILOT = 20
DEADLINE = 1.0
# Eight conversations at a time whose calls take so long each: what is foretold is the endpoint's
# time, more than this machine's.
LATENCY, AT_ONCE = 0.2, 8
MEASURES = ("kept", "cost", "tokens", "seconds")


def draw(stage: WorldPool, seed: int, count: int) -> list[Blueprint]:
    """What a run with this seed will draw."""
    sampler, seen = BlueprintSampler(stage, load_personas(), seed), set[str]()
    return [
        sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, stage).passed)
        for index in range(count)
    ]


def serve(seeds: Sequence[int], count: int, how: JsonObject, pipe: Connection) -> None:
    """The endpoint's process: says its address, and ends with the process that started it."""
    from tests.support.endpoint import Endpoint as Injected
    from tests.support.endpoint import serving

    async def main() -> None:
        stage = WorldPool(compile_specs([SPEC]))
        async with serving(
            Injected(
                [one for seed in seeds for one in draw(stage, seed, count)], stage.tools, **how
            )
        ) as endpoint:
            pipe.send(endpoint.url)
            await asyncio.to_thread(pipe.recv)
            pipe.send(dict(endpoint.faults))

    asyncio.run(main())


@contextmanager
def endpoint(seeds: Sequence[int], count: int, **how: Any) -> Any:
    """The endpoint's address, and a dict that is its count of faults in the end."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve, args=(seeds, count, how, there), daemon=True)
    process.start()
    faults: dict[str, int] = {}
    yield here.recv(), faults
    here.send(None)
    faults |= here.recv()
    process.join()


class Stopwatch:
    """What stands where traces are made: the longest request, and how each ended."""

    def __init__(self) -> None:
        self.longest = 0.0
        self.ended: Counter[str] = Counter()

    def play(self, name: str, category: str) -> Any:
        from contextlib import nullcontext

        return nullcontext()

    def request(self, model: str, seconds: float, attempt: int, problem: str | None) -> None:
        self.longest = max(self.longest, seconds)
        self.ended["answered" if problem is None else "failed"] += 1

    def close(self) -> None:
        return None


def faulty(count: int, folder: Path) -> JsonObject:
    """A run in which three requests in four go wrong somehow."""
    with endpoint([0], count, each=0.1, seed=2) as (url, faults):
        stage = WorldPool(compile_specs([SPEC]))
        address = Endpoint(
            model="tiny",
            base_url=url,
            key_env="INFTOOL_BENCHMARK_KEY",
            timeout=DEADLINE,
            backoff=0.02,
        )
        watch = Stopwatch()
        players = CastSettings(assistant=address, user=address)
        cast = Cast(players, seed=0, tracer=watch)  # type: ignore[arg-type]
        with Run.create(folder, RunManifest(state="running")) as run:
            summary = asyncio.run(
                SynthesisRun(
                    run, stage, cast, RunOptions(seed=0, count=count, concurrency=32)
                ).play_all()
            )
    report = judge_files([folder], [SPEC])
    ids = [row["id"] for pile in PILES for row in read_rows(folder, pile)]
    return {
        "conversations": count,
        "stored": len(ids),
        "lost": count - len(set(ids)),
        "kept": summary.kept,
        "rejected because": summary.rejections,
        "kept and wrong": report.failed + report.abstained,
        "requests": dict(watch.ended),
        "faults injected": faults,
        "deadline s": DEADLINE,
        "longest request s": round(watch.longest, 3),
    }


def pilots(trials: int, count: int, folder: Path) -> JsonObject:
    """How often the intervals of pilots hold, and how wide they are beside what they foretell."""
    held, widths = Counter[str](), Counter[str]()
    seeds = range(100, 100 + trials)
    with endpoint(seeds, count, mistaken=0.2, latency=LATENCY) as (url, _):
        for seed in seeds:
            given: JsonObject = {
                "model": "tiny",
                "user_model": "tiny",
                "base_url": url,
                "key_env": "INFTOOL_BENCHMARK_KEY",
                "price_in": 1.0,
                "price_out": 9.0,
                "concurrency": AT_ONCE,
            }
            out = folder / str(seed)
            pilot = synthesize([SPEC], out=out, count=count, seed=seed, pilot=PILOT, **given)
            whole = synthesize(out=out, resume=True)
            assert pilot.forecast is not None
            assert whole.cost is not None
            assert whole.attempted == count
            truth = {
                "kept": whole.kept,
                "cost": whole.cost["total"],
                "tokens": whole.cost["tokens"],
                "seconds": pilot.seconds + whole.seconds,
            }
            for name in MEASURES:
                said = getattr(pilot.forecast, name)
                held[name] += said.low <= truth[name] <= said.high
                widths[name] += (said.high - said.low) / truth[name]
                if not said.low <= truth[name] <= said.high:
                    print(f"seed {seed}: {name} {truth[name]} is not in {said}", file=sys.stderr)
    return {
        "trials": trials,
        "pilot": PILOT,
        "count": count,
        "held": {name: f"{held[name]} of {trials}" for name in MEASURES},
        "mean width / truth": {name: round(widths[name] / trials, 2) for name in MEASURES},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--faults", type=int, default=200, help="conversations under faults; 0 leaves them out"
    )
    parser.add_argument("--trials", type=int, default=30, help="pilots; 0 leaves them out")
    parser.add_argument(
        "--count", type=int, default=80, help="conversations of each run that a pilot foretells"
    )
    options = parser.parse_args()
    os.environ.setdefault("INFTOOL_BENCHMARK_KEY", "none")
    result: JsonObject = {}
    with tempfile.TemporaryDirectory() as name:
        if options.faults:
            result["faults"] = faulty(options.faults, Path(name) / "faults")
        if options.trials:
            result["pilots"] = pilots(options.trials, options.count, Path(name))
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
