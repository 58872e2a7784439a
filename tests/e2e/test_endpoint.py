"""The same agents and loop with models at a real HTTP endpoint, well-behaved and not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from autogen_core.models import UserMessage

from inftool.agents.cast import Cast
from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.errors import CastError, FatalError, RetryableError
from inftool.core.tools import Api
from inftool.core.types import JsonObject
from inftool.llm.client import EndpointClient
from inftool.llm.config import CastSettings
from inftool.llm.config import Endpoint as Address
from inftool.llm.usage import Caps
from inftool.runs.manifest import RunManifest
from inftool.runs.run_folder import PILES, Run, read_rows
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearse
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.run_totals import Summary
from inftool.synthesis.runner import SynthesisRun
from inftool.verification.io.judge_files import judge_files
from tests.conftest import SPECS
from tests.support.endpoint import FAULTS, Endpoint, serving

COUNT = 16
KEY = "sk-test-0123456789abcdef"


@pytest.fixture(scope="module")
def shop(bookshop: tuple[Api, ...]) -> WorldPool:
    return WorldPool(bookshop)


@pytest.fixture(scope="module")
def blueprints(shop: WorldPool) -> list[Blueprint]:
    """What a run with seed 11 will draw."""
    sampler, seen = BlueprintSampler(shop, load_personas(), 11), set[str]()
    return [
        sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, shop).passed)
        for index in range(COUNT)
    ]


async def simulate(
    folder: Path,
    shop: WorldPool,
    endpoint: Endpoint,
    *,
    user: bool = True,
    timeout: float = 5.0,
    model: JsonObject | None = None,
    **more: Any,
) -> Summary:
    address = Address(
        **{
            "model": "tiny",
            "base_url": endpoint.url,
            "key_env": "INFTOOL_TEST_KEY",
            "timeout": timeout,
            "price_in": 1.0,
            "price_out": 10.0,
            **(model or {}),
        }
    )
    cast = Cast(
        CastSettings(assistant=address, user=address if user else None),
        seed=11,
        most=more.get("concurrency", 16),
    )
    with Run.create(folder, RunManifest(state="running")) as run:
        return await SynthesisRun(
            run, shop, cast, RunOptions(**{"seed": 11, "count": COUNT, "concurrency": 16, **more})
        ).play_all()


def everything(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("user", [True, False])
async def test_models_play_both_roles(
    tmp_path: Path,
    shop: WorldPool,
    blueprints: list[Blueprint],
    monkeypatch: pytest.MonkeyPatch,
    user: bool,
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(blueprints, shop.tools)) as endpoint:
        summary = await simulate(tmp_path / "run", shop, endpoint, user=user)
    assert (summary.attempted, summary.kept, summary.rejections) == (COUNT, COUNT, {})
    assert summary.cast == {"assistant": "tiny", "user": "tiny" if user else "scripted"}
    assert summary.usage["assistant"]["prompt_tokens"] > 0
    assert (summary.usage["user"]["prompt_tokens"] > 0) == user
    assert endpoint.keys == {f"Bearer {KEY}"}
    assert KEY not in everything(tmp_path)


async def test_faults_of_every_kind_lose_nothing_and_keep_nothing_wrong(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tenth of all requests for each kind on its own: three requests in four go wrong somehow."""
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    endpoint = Endpoint(blueprints, shop.tools, each=0.1, seed=2)
    async with serving(endpoint):
        summary = await simulate(
            tmp_path / "run", shop, endpoint, timeout=0.4, model={"backoff": 0.01}
        )
    assert set(endpoint.faults) == set(FAULTS)
    # Lost: none. What is not kept was called wrongly six times in a row, and is rejected as what it
    # is.
    assert summary.attempted == COUNT
    assert summary.rejections.keys() <= {"unknown_tool", "malformed_call"}
    assert summary.kept >= COUNT - 1
    report = judge_files([tmp_path / "run"], [SPECS / "bookshop.yaml"])
    assert (report.passed, report.failed) == (summary.kept, 0)


async def test_a_hung_endpoint_ends_each_call_at_its_deadline(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    endpoint = Endpoint(blueprints, shop.tools, fault_rate=1.0)
    endpoint.only = ("hang",)
    async with serving(endpoint):
        address = Address(
            model="tiny",
            base_url=endpoint.url,
            key_env="INFTOOL_TEST_KEY",
            timeout=0.2,
            retries=2,
            backoff=0.01,
        )
        client = EndpointClient(address)
        clock = asyncio.get_running_loop().time
        began = clock()
        with pytest.raises(RetryableError, match=r"gave up after 3 tries.*no answer within 0.2 s"):
            await client.create([UserMessage(content="hello", source="user")])
        # Three tries of 0.2 s each; the endpoint itself would have answered after a minute.
        assert 0.6 <= clock() - began < 60
        assert endpoint.faults == {"hang": 3}
        await client.close()
        endpoint.fault_rate = 0.15
        summary = await simulate(
            tmp_path / "run", shop, endpoint, timeout=0.3, model={"backoff": 0.01}
        )
    assert endpoint.faults["hang"] > 3
    assert (summary.attempted, summary.kept) == (COUNT, COUNT)


async def test_a_conversation_ends_at_its_own_deadline(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(blueprints, shop.tools, latency=0.3)) as endpoint:
        summary = await simulate(tmp_path / "run", shop, endpoint, count=6, deadline=0.4)
    assert (summary.attempted, summary.rejections) == (6, {"cast_failed": 6})
    # What they cost until then is on the bill.
    assert summary.cost is not None
    assert summary.cost["total"] > 0


async def test_what_the_endpoint_refuses_for_good_is_recorded_once_and_hurts_no_other(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    endpoint = Endpoint(blueprints, shop.tools, fault_rate=0.04, seed=4)
    endpoint.only = ("too_long",)
    async with serving(endpoint):
        summary = await simulate(tmp_path / "run", shop, endpoint)
    refused = endpoint.faults["too_long"]
    assert 0 < refused < COUNT
    assert (summary.attempted, summary.kept, summary.rejections) == (
        COUNT,
        COUNT - refused,
        {"cast_failed": refused},
    )
    row: dict[str, Any] = next(read_rows(tmp_path / "run", "rejected"))
    finding = row["verdict"]["gates"][0]["findings"][0]
    assert "HTTP 400: too long" in finding["message"]
    assert finding["blame"] == "server"


async def test_a_quota_that_is_used_up_stops_the_run_and_costs_no_conversation(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    monkeypatch.setattr("inftool.llm.transport.MAX_PUSHBACK_SECONDS", 0.5)
    endpoint = Endpoint(blueprints, shop.tools)
    endpoint.only = ("rate_limit",)
    async with serving(endpoint):
        begun = await simulate(tmp_path / "run", shop, endpoint, until=6)
        assert (begun.attempted, begun.kept) == (6, 6)
        endpoint.fault_rate = 1.0
        address = Address(model="tiny", base_url=endpoint.url, key_env="INFTOOL_TEST_KEY")
        with (
            Run.resume(tmp_path / "run") as run,
            pytest.raises(FatalError, match=r"(?s)nothing but.*HTTP 429.*--resume -o .* goes on"),
        ):
            await SynthesisRun(
                run,
                shop,
                Cast(CastSettings(assistant=address, user=address), seed=11),
                RunOptions(seed=11, count=COUNT, concurrency=8),
            ).play_all()
        assert [len(list(read_rows(tmp_path / "run", pile))) for pile in PILES] == [6, 0]
        endpoint.fault_rate = 0.0
        with Run.resume(tmp_path / "run") as run:
            cast = Cast(CastSettings(assistant=address, user=address), seed=11)
            whole = await SynthesisRun(
                run, shop, cast, RunOptions(seed=11, count=COUNT, concurrency=8)
            ).play_all()
    assert (whole.attempted, whole.kept) == (COUNT, COUNT)


async def test_a_dead_endpoint_stops_the_run_and_says_how_to_go_on(
    tmp_path: Path, shop: WorldPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    monkeypatch.setattr("inftool.llm.circuit_breaker.FIRST_PAUSE", 0.02)
    dead = Endpoint([], shop.tools)
    dead.url = "http://127.0.0.1:9/v1"
    with pytest.raises(
        FatalError, match=r"(?s)has not answered.*is running and reachable"
    ) as stopped:
        await simulate(tmp_path / "run", shop, dead, model={"backoff": 0.01})
    assert KEY not in str(stopped.value)
    assert not list(read_rows(tmp_path / "run", "rejected"))


async def test_a_cap_stops_the_run_with_what_is_kept_and_resume_goes_on(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(blueprints, shop.tools)) as endpoint:
        whole = await simulate(tmp_path / "whole", shop, endpoint)
        assert whole.cost is not None
        cap = whole.cost["total"] / 3
        one = await simulate(tmp_path / "one", shop, endpoint, concurrency=1, caps=Caps(cost=cap))
        four = await simulate(tmp_path / "four", shop, endpoint, concurrency=4, caps=Caps(cost=cap))
        few = await simulate(
            tmp_path / "few",
            shop,
            endpoint,
            concurrency=1,
            caps=Caps(tokens=whole.cost["tokens"] // 3),
        )
    most = max(spent(row) for row in read_rows(tmp_path / "whole", "kept"))
    for summary, flight in ((one, 1), (four, 4), (few, 1)):
        assert summary.cost is not None
        assert summary.state == "stopped"
        assert "is reached" in str(summary.problem)
        assert 0 < summary.kept < COUNT
        assert summary.cost["total"] <= cap * 1.001 + (flight + 1) * most, (summary.cost, cap, most)


def spent(row: JsonObject) -> float:
    return sum(
        float(usage["prompt_tokens"] * 1e-6 + usage["completion_tokens"] * 1e-5)
        for usage in row["provenance"]["usage"].values()
    )


async def test_as_many_requests_are_under_way_as_the_endpoint_takes(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    endpoint = Endpoint(blueprints, shop.tools, most=5, latency=0.01)
    async with serving(endpoint):
        summary = await simulate(
            tmp_path / "run", shop, endpoint, model={"backoff": 0.01}, concurrency=32
        )
    assert (summary.attempted, summary.kept, endpoint.peak) == (COUNT, COUNT, 5)


async def test_direct_calls_give_the_same_lines_as_the_server(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(blueprints, shop.tools)) as endpoint:
        for name in ("server", "direct"):
            assert (
                await simulate(tmp_path / name, shop, endpoint, direct=name == "direct")
            ).kept == COUNT
    rows = [
        sorted(json.dumps(row) for row in read_rows(tmp_path / name, "kept"))
        for name in ("server", "direct")
    ]
    assert rows[0] == rows[1]


async def test_models_without_tool_calls_write_them_as_text(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    endpoint = Endpoint(blueprints, shop.tools, textual=True)
    async with serving(endpoint):
        summary = await simulate(tmp_path / "run", shop, endpoint, model={"tool_calls": "hermes"})
    assert (summary.kept, summary.rejections) == (COUNT, {})
    assert not any("tools" in body for body in endpoint.bodies)


@pytest.mark.parametrize("lossy", [0.0, 0.5])
async def test_a_model_only_writes_the_words(
    tmp_path: Path,
    shop: WorldPool,
    blueprints: list[Blueprint],
    monkeypatch: pytest.MonkeyPatch,
    lossy: float,
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    endpoint = Endpoint(blueprints, shop.tools, lossy=lossy, seed=3)
    async with serving(endpoint):
        writer = Address(model="tiny", base_url=endpoint.url, key_env="INFTOOL_TEST_KEY")
        with Run.create(tmp_path / "run", RunManifest(state="running")) as run:
            cast = Cast(CastSettings(writer=writer), seed=11)
            summary = await SynthesisRun(
                run, shop, cast, RunOptions(seed=11, count=COUNT, concurrency=8)
            ).play_all()
    assert summary.attempted == COUNT
    assert set(summary.rejections) <= {"words_unusable"}
    assert summary.kept >= (COUNT if not lossy else COUNT // 2)
    assert summary.cast == {"user": "scripted", "assistant": "scripted", "writer": "tiny"}
    assert "31337" not in "".join(
        path.read_text("utf-8") for path in (tmp_path / "run" / "kept").glob("*.jsonl")
    )
    assert endpoint.requests >= COUNT
    if not lossy:
        assert endpoint.requests == COUNT


async def test_a_kept_reply_is_not_paid_for_again(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    summaries, asked = [], []
    async with serving(Endpoint(blueprints, shop.tools)) as endpoint:
        address = Address(
            model="tiny",
            base_url=endpoint.url,
            key_env="INFTOOL_TEST_KEY",
            temperature=0.0,
            price_in=1.0,
        )
        for name in ("first", "again"):
            cast = Cast(
                CastSettings(assistant=address, user=address),
                seed=11,
                replies=tmp_path / "replies.sqlite",
            )
            with Run.create(tmp_path / name, RunManifest(state="running")) as run:
                summaries.append(
                    await SynthesisRun(
                        run, shop, cast, RunOptions(seed=11, count=COUNT, concurrency=4)
                    ).play_all()
                )
            asked.append(endpoint.requests)
    assert asked[0] == asked[1] > 0
    assert [summary.kept for summary in summaries] == [COUNT, COUNT]
    assert summaries[0].cost is not None and summaries[0].cost["total"] > 0  # noqa: PT018
    assert summaries[1].cost is not None and summaries[1].cost["total"] == 0  # noqa: PT018
    assert KEY.encode() not in (tmp_path / "replies.sqlite").read_bytes()


async def test_a_pilot_foretells_and_resume_plays_the_rest(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(blueprints, shop.tools)) as endpoint:
        pilot = await simulate(tmp_path / "run", shop, endpoint, until=12)
        assert (pilot.state, pilot.attempted) == ("stopped", 12)
        assert pilot.forecast is not None
        address = Address(
            model="tiny",
            base_url=endpoint.url,
            key_env="INFTOOL_TEST_KEY",
            price_in=1.0,
            price_out=10.0,
        )
        with Run.resume(tmp_path / "run") as run:
            cast = Cast(CastSettings(assistant=address, user=address), seed=11)
            whole = await SynthesisRun(
                run, shop, cast, RunOptions(seed=11, count=COUNT, concurrency=16)
            ).play_all()
    assert (whole.state, whole.attempted, whole.kept) == ("complete", COUNT, COUNT)
    assert whole.cost is not None
    for name, truth in (
        ("kept", whole.kept),
        ("cost", whole.cost["total"]),
        ("tokens", whole.cost["tokens"]),
    ):
        interval = getattr(pilot.forecast, name)
        assert interval.low <= truth <= interval.high, (name, truth, pilot.forecast)


async def test_a_refused_key_stops_the_run_at_once(
    tmp_path: Path, shop: WorldPool, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", "wrong")
    async with serving(Endpoint(blueprints, shop.tools)) as endpoint:
        with pytest.raises(CastError, match="refuses the key in INFTOOL_TEST_KEY"):
            await simulate(tmp_path / "run", shop, endpoint)
    assert endpoint.requests <= 16
    assert '"state": "failed"' in (tmp_path / "run" / "run.json").read_text()


def test_a_missing_key_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(CastError, match="OPENAI_API_KEY is not set"):
        Cast(CastSettings(assistant=Address(model="gpt")), seed=0)


async def test_the_words_of_a_session_are_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rehearsal with a session begins with its instructions; the writer's lines must still fall
    where they belong."""
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    bank = WorldPool(compile_specs([SPECS / "bank.yaml"]))
    sampler, seen = BlueprintSampler(bank, load_personas(), 1, ("multi_turn_base",)), set[str]()
    plans = [
        sampler.draw(index, seen, lambda plan: rehearse(plan, bank).passed) for index in range(6)
    ]
    assert any(plan.session for plan in plans)
    async with serving(Endpoint(plans, bank.tools)) as endpoint:
        cast = Cast(
            CastSettings(
                writer=Address(model="tiny", base_url=endpoint.url, key_env="INFTOOL_TEST_KEY")
            ),
            seed=1,
        )
        with Run.create(tmp_path / "run", RunManifest(state="running")) as run:
            synthesis = SynthesisRun(
                run,
                bank,
                cast,
                RunOptions(
                    seed=1, count=len(plans), concurrency=4, categories=("multi_turn_base",)
                ),
            )
            assert (await synthesis.play_all()).kept == len(plans)
    for row in read_rows(tmp_path / "run", "kept"):
        assert [message["role"] for message in row["messages"]].count("system") == 1
