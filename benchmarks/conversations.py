"""CPU a scripted conversation through the real MCP client, verification and durable writes
included, beside a bare loop over the same client.

    python benchmarks/conversations.py [-n 1000] [--rounds 3]

Drawing and rehearsing a blueprint is timed apart from playing, judging and writing it. The bare
loop makes the same tool calls of the same blueprints through the same kind of in-memory client and
nothing else: no agents, no words, no
verdicts, no disk. Each round measures both, one after the other in one process, and the ratio is
taken round by round.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from fastmcp import Client

from inftool.agents.cast import Cast
from inftool.llm.config import CastSettings
from inftool.runs.manifest import RunManifest
from inftool.runs.run_folder import Run, read_rows
from inftool.scenarios.world_pool import WorldPool
from inftool.servers.mcp import build_server
from inftool.specs import compile_specs
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.runner import SynthesisRun
from inftool.world.registry import WorldRegistry

SPECS = Path(__file__).parents[1] / "specs"


async def full(stage: WorldPool, folder: Path, count: int, seed: int) -> tuple[float, float]:
    """CPU seconds of a whole run: drawing and rehearsing the blueprints; playing, judging and
    writing the conversations."""
    drawing = 0.0
    started = time.process_time()
    with Run.create(folder, RunManifest(state="running")) as run:
        cast = Cast(CastSettings(), seed=seed)
        synthesis = SynthesisRun(
            run, stage, cast, RunOptions(seed=seed, count=count, concurrency=8)
        )
        draw = synthesis.sampler.draw

        def timed(*arguments: Any, **named: Any) -> Any:
            nonlocal drawing
            begun = time.process_time()
            try:
                return draw(*arguments, **named)
            finally:
                drawing += time.process_time() - begun

        synthesis.sampler.draw = timed  # type: ignore[method-assign]
        summary = await synthesis.play_all()
    assert summary.kept == count, summary
    return drawing, time.process_time() - started - drawing


async def bare(
    stage: WorldPool, plays: list[tuple[str, int, list[tuple[str, dict[str, Any]]]]]
) -> float:
    """CPU seconds of the calls alone."""
    worlds = WorldRegistry()
    started = time.process_time()
    async with Client(
        build_server(stage.toolset.apis, worlds=worlds, output_schemas=False)
    ) as client:
        for api, seed, calls in plays:
            world_id = worlds.open({api: stage.world(api, seed)})
            for name, arguments in calls:
                await client.call_tool(
                    name, arguments, meta={"inftool/world": world_id}, raise_on_error=False
                )
            worlds.close(world_id)
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    stage = WorldPool(compile_specs([SPECS]))
    drawn, whole, alone, calls_made = [], [], [], 0
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            drawing, playing = asyncio.run(full(stage, Path(folder) / "run", options.n, number))
            drawn.append(drawing / options.n)
            whole.append(playing / options.n)
            plays = []
            for row in read_rows(Path(folder) / "run", "kept"):
                calls = [
                    call["function"]
                    for message in row["messages"]
                    for call in message.get("tool_calls") or ()
                ]
                plays.append(
                    (
                        row["blueprint"]["world"]["api"],
                        row["blueprint"]["world"]["seed"],
                        [(c["name"], json.loads(c["arguments"])) for c in calls],
                    )
                )
            calls_made = sum(len(calls) for _, _, calls in plays)
        alone.append(asyncio.run(bare(stage, plays)) / options.n)
    ratios = [a / b for a, b in zip(whole, alone, strict=True)]
    result = {
        "conversations": options.n,
        "rounds": options.rounds,
        "calls a conversation": round(calls_made / options.n, 2),
        "CPU ms a conversation: played, judged, written": round(1000 * statistics.median(whole), 2),
        "CPU ms a blueprint: drawn and rehearsed": round(1000 * statistics.median(drawn), 2),
        "CPU ms a conversation: the calls alone": round(1000 * statistics.median(alone), 2),
        "ratio": [round(ratio, 2) for ratio in ratios],
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
