"""The same agents and loop with models at a real HTTP endpoint, well-behaved and not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inftool.agents.cards import load_personas
from inftool.agents.cast import Cast, CastSettings
from inftool.agents.cast import Endpoint as Address
from inftool.errors import CastError
from inftool.records import Api, Blueprint
from inftool.roleplay.rehearsal import rehearse
from inftool.roleplay.simulation import Simulation, Summary
from inftool.scenarios.sample import Sampler
from inftool.scenarios.stage import Stage
from inftool.store.run import Run, read_rows
from tests.support.endpoint import FAULTS, Endpoint, serving

COUNT = 28
KEY = "sk-test-0123456789abcdef"


@pytest.fixture(scope="module")
def shop(bookshop: tuple[Api, ...]) -> Stage:
    return Stage(bookshop)


@pytest.fixture(scope="module")
def blueprints(shop: Stage) -> list[Blueprint]:
    """What a run with seed 11 will draw."""
    sampler, seen = Sampler(shop, load_personas(), 11), set[str]()
    return [sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, shop).passed) for index in range(COUNT)]


async def simulate(folder: Path, shop: Stage, endpoint: Endpoint, *, user: bool = True, timeout: float = 5.0) -> Summary:
    model = Address(model="tiny", base_url=endpoint.url, key_env="INFTOOL_TEST_KEY", timeout=timeout)
    cast = Cast(CastSettings(assistant=model, user=model if user else None), seed=11)
    with Run.create(folder, {"state": "running"}) as run:
        return await Simulation(run, shop, cast, seed=11, count=COUNT, concurrency=16).play_all()


def everything(folder: Path) -> str:
    return "".join(path.read_text("utf-8") for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("user", [True, False])
async def test_models_play_both_roles(tmp_path: Path, shop: Stage, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch, user: bool) -> None:
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
    tmp_path: Path, shop: Stage, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(blueprints, shop.tools, fault_rate=0.1, seed=2)) as endpoint:
        summary = await simulate(tmp_path / "run", shop, endpoint)
    assert set(endpoint.faults) == set(FAULTS)
    assert (summary.attempted, summary.kept) == (COUNT, COUNT)


async def test_an_endpoint_that_never_answers_well_ends_each_conversation_as_failed(
    tmp_path: Path, shop: Stage, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    endpoint = Endpoint(blueprints, shop.tools, fault_rate=1.0)
    endpoint.only = ("rate_limit",)
    async with serving(endpoint):
        summary = await simulate(tmp_path / "run", shop, endpoint)
    assert (summary.attempted, summary.kept, summary.rejections) == (COUNT, 0, {"cast_failed": COUNT})
    row: dict[str, Any] = next(read_rows(tmp_path / "run", "rejected"))
    assert "HTTP 429" in row["verdict"]["gates"][0]["findings"][0]["message"]
    assert row["verdict"]["gates"][0]["findings"][0]["blame"] == "server"


async def test_a_refused_key_stops_the_run_at_once(tmp_path: Path, shop: Stage, blueprints: list[Blueprint], monkeypatch: pytest.MonkeyPatch) -> None:
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
