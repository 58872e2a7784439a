"""The main job with models, as its users run it: a process of its own that is killed, interrupted,
watched, and never says the key."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from functools import partial
from pathlib import Path

import pytest

from inftool import synthesize
from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.tools import Api
from inftool.core.types import JsonObject
from inftool.runs.run_folder import PILES, read_rows
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.forecast import PilotSample, forecast, sample_of
from inftool.synthesis.rehearsal import rehearse
from tests.conftest import ROOT, SPECS
from tests.support.endpoint import QUICK, Endpoint, serving
from tests.support.processes import until

KEY = "sk-test-3f9a1c77d2e84b60"
COUNT = 32
IN_FLIGHT = 4
# A latency, in seconds, that no test waits for.
NEVER = 86_400.0
SHOP = SPECS / "bookshop.yaml"


def draw(stage: WorldPool, count: int) -> list[Blueprint]:
    """What a run of the book shop with seed 11 will draw."""
    sampler, seen = BlueprintSampler(stage, load_personas(), 11), set[str]()
    return [
        sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, stage).passed)
        for index in range(count)
    ]


@pytest.fixture(scope="module")
def shop(bookshop: tuple[Api, ...]) -> WorldPool:
    return WorldPool(bookshop)


@pytest.fixture(scope="module")
def blueprints(shop: WorldPool) -> list[Blueprint]:
    return draw(shop, COUNT)


async def start(
    endpoint: Endpoint,
    folder: Path,
    *more: str,
    resume: bool = False,
    count: int = COUNT,
    **env: str,
) -> Process:
    spec = (
        ["--resume"]
        if resume
        else [
            str(SHOP),
            "-n",
            str(count),
            "--seed",
            "11",
            "--model",
            "tiny",
            "--user-model",
            "tiny",
            "--base-url",
            endpoint.url,
        ]
    )
    keyed = [] if resume else ["--key-env", "INFTOOL_TEST_KEY"]
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "inftool",
        "synth",
        *spec,
        *keyed,
        "-o",
        str(folder),
        *more,
        cwd=ROOT,
        env={**os.environ, "INFTOOL_TEST_KEY": KEY, **env},
        stdout=PIPE,
        stderr=PIPE,
    )


def reached(endpoint: Endpoint, requests: int, process: Process) -> bool:
    return endpoint.requests >= requests or process.returncode is not None


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def stored(folder: Path) -> list[str]:
    return [row["id"] for pile in PILES for row in read_rows(folder, pile)]


async def killed_again_and_again(
    endpoint: Endpoint, folder: Path, times: int, count: int = COUNT
) -> None:
    """Kill a run at a random moment, so many times, and finish it: all there is once, and what was
    there stays."""
    rng = random.Random(5)
    before: set[str] = set()
    killed = 0
    lost: list[int] = []
    for number in range(times):
        process = await start(
            endpoint, folder, "--concurrency", str(IN_FLIGHT), resume=number > 0, count=count
        )
        # Not before it can be resumed at all; then at any moment, setting up included.
        await until(lambda: (folder / "run.json").exists())
        wanted = endpoint.requests + rng.randint(0, 40)
        await until(partial(reached, endpoint, wanted, process))
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await process.communicate()
        now = stored(folder)
        assert len(now) == len(set(now))
        assert before <= set(now)
        # Played to the end, and gone: no more than were in flight.
        lost.append(len(endpoint.ended) - sum(lost) - len(now))
        assert 0 <= lost[-1] <= IN_FLIGHT
        killed += process.returncode == -signal.SIGKILL
        before = set(now)
    process = await start(endpoint, folder, "--json", resume=True)
    out, err = await process.communicate()
    assert process.returncode == 0, err.decode()
    summary = json.loads(out)
    assert (summary["attempted"], summary["kept"]) == (count, count)
    now = stored(folder)
    assert (len(now), len(set(now)), killed) == (count, count, times)
    assert len(endpoint.ended) == count + sum(lost)
    print(
        f"killed {killed} times; conversations that had ended and were not stored, by kill: {lost}"
    )


async def test_a_run_killed_twice_loses_what_was_in_flight_and_no_more(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint]
) -> None:
    async with serving(Endpoint(blueprints, shop.tools, latency=0.02)) as endpoint:
        await killed_again_and_again(endpoint, tmp_path / "run", 2)


@pytest.mark.nightly
@pytest.mark.cpu_limit(600)
async def test_a_run_killed_twenty_times(tmp_path: Path, shop: WorldPool) -> None:
    async with serving(Endpoint(draw(shop, 160), shop.tools, latency=0.02)) as endpoint:
        await killed_again_and_again(endpoint, tmp_path / "run", 20, 160)


async def test_ctrl_c_keeps_what_is_in_flight(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint]
) -> None:
    async with serving(Endpoint(blueprints, shop.tools, latency=0.05)) as endpoint:
        process = await start(endpoint, tmp_path / "run", "--concurrency", "4", "--json")
        await until(partial(reached, endpoint, 20, process))
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    summary = json.loads(out)
    assert (process.returncode, summary["state"], summary["rejected"]) == (1, "stopped", 0), (
        err.decode()
    )
    assert 4 <= summary["kept"] < COUNT
    assert len(stored(tmp_path / "run")) == summary["kept"]


async def test_a_second_ctrl_c_ends_it_at_once_and_says_how_to_go_on(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint]
) -> None:
    endpoint = Endpoint(blueprints, shop.tools)
    async with serving(endpoint):
        process = await start(endpoint, tmp_path / "run", "--concurrency", str(IN_FLIGHT))
        await until(partial(reached, endpoint, 60, process))
        endpoint.latency = NEVER
        # Until all four wait for an answer, the run is not at rest.
        await until(lambda: endpoint.under_way == IN_FLIGHT or process.returncode is not None)
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        assert b"Ctrl-C once more" in await process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert process.returncode == 130
    assert f"inftool synth --resume -o {tmp_path / 'run'}" in err.decode()
    assert len(stored(tmp_path / "run")) > 4


async def test_the_key_is_in_no_log_no_folder_no_error_and_no_trace(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint]
) -> None:
    endpoint = Endpoint(blueprints, shop.tools, fault_rate=0.2, seed=1)
    endpoint.only = tuple(fault for fault in QUICK if fault not in ("wrong_tool", "cut_arguments"))
    async with serving(endpoint):
        collector = endpoint.url.removesuffix("/v1")
        process = await start(
            endpoint,
            tmp_path / "run",
            "--log-level",
            "debug",
            "--cache",
            OTEL_EXPORTER_OTLP_ENDPOINT=collector,
            INFTOOL_CACHE=str(tmp_path / "cache"),
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()[-3000:]
        refused = await start(
            endpoint, tmp_path / "refused", "--log-level", "debug", INFTOOL_TEST_KEY="wrong"
        )
        refused_out, refused_err = await refused.communicate()
    assert refused.returncode == 1
    assert b"refuses the key in INFTOOL_TEST_KEY" in refused_err
    assert endpoint.keys == {f"Bearer {KEY}", "Bearer wrong"}
    assert b"tiny: try 1 took" in err
    assert b"HTTP 429" in err
    assert b"chat.completions" in endpoint.traces
    written = everything(tmp_path)
    assert len(written) > 100_000
    for text in (out, err, refused_out, refused_err, endpoint.traces, written):
        assert KEY.encode() not in text


@pytest.mark.nightly
@pytest.mark.cpu_limit(600)
async def test_a_pilots_intervals_hold(
    tmp_path: Path, shop: WorldPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twenty plays at a time out of a real run foretell that run; truth is what it came to."""
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    count, size, held = 320, 20, dict.fromkeys(("kept", "cost", "tokens"), 0)
    async with serving(Endpoint(draw(shop, count), shop.tools, mistaken=0.2)) as endpoint:
        more: JsonObject = {
            "model": "tiny",
            "user_model": "tiny",
            "base_url": endpoint.url,
            "key_env": "INFTOOL_TEST_KEY",
            "price_in": 1.0,
            "price_out": 9.0,
        }
        whole = await asyncio.to_thread(
            lambda: synthesize([SHOP], out=tmp_path / "run", count=count, seed=11, **more)
        )
    assert whole.cost is not None
    truth = {"kept": whole.kept, "cost": whole.cost["total"], "tokens": whole.cost["tokens"]}
    assert 0.6 < whole.kept / count < 0.95
    rows = sorted(
        (int(row["id"].split("-")[0]), pile, row)
        for pile in PILES
        for row in read_rows(tmp_path / "run", pile)
    )
    plays: list[PilotSample] = []
    for _, pile, row in rows:
        used = sample_of(
            row["blueprint"]["category"], pile == "kept", 1.0, row["provenance"]["usage"], {}
        )
        spent = (
            sum(
                usage["prompt_tokens"] + 9 * usage["completion_tokens"]
                for usage in row["provenance"]["usage"].values()
            )
            / 1e6
        )
        plays.append(used.model_copy(update={"cost": spent}))
    for start_ in range(0, count, size):
        said = forecast(plays[start_ : start_ + size], count, seconds=1.0, at_once=16)
        for name, value in truth.items():
            interval = getattr(said, name)
            held[name] += interval.low <= value <= interval.high
    assert all(times >= 0.9 * count / size for times in held.values()), held
