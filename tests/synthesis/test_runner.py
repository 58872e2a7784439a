"""The loop of a run: what is begun, what is finished, what counts, and where it goes on."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inftool.agents.cast import Cast
from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.errors import CastError, FatalError
from inftool.core.tools import Api
from inftool.llm.config import CastSettings
from inftool.llm.config import Endpoint as Address
from inftool.llm.usage import Caps
from inftool.runs.manifest import RunManifest, read_manifest
from inftool.runs.run_folder import PILES, Run, read_rows
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.run_totals import CategoryTally, Summary
from inftool.synthesis.runner import SynthesisRun
from inftool.verification.gates.novelty import Duplicates
from tests.support.apis import TEXT, api, op, thing
from tests.support.endpoint import Endpoint, serving

SEED = 11
KEY = "sk-test-0123456789abcdef"


@pytest.fixture(scope="module")
def shop(bookshop: tuple[Api, ...]) -> WorldPool:
    return WorldPool(bookshop)


def scripted(mistakes: float = 0.0) -> Cast:
    return Cast(CastSettings(mistakes=mistakes), seed=SEED)


def nobody(synthesis: SynthesisRun, tally: CategoryTally) -> None:
    """Watches and does nothing."""


async def play(
    folder: Path,
    stage: WorldPool,
    cast: Cast | None = None,
    *,
    count: int = 12,
    concurrency: int = 4,
    watch: Callable[[SynthesisRun, CategoryTally], None] = nobody,
    **more: Any,
) -> Summary:
    """Play a run in a folder, from where it is if there is one already."""
    begun = folder.exists()  # noqa: ASYNC240 - nothing else runs yet
    with Run.resume(folder) if begun else Run.create(folder, RunManifest(state="running")) as run:
        synthesis = SynthesisRun(
            run,
            stage,
            cast or scripted(),
            RunOptions(seed=SEED, count=count, concurrency=concurrency, **more),
        )
        return await synthesis.play_all(lambda tally: watch(synthesis, tally))


def lines(folder: Path) -> dict[str, str]:
    """The stored lines by id, with the pile that each lies on in front."""
    return {
        row["id"]: pile + json.dumps(row, sort_keys=True)
        for pile in PILES
        for row in read_rows(folder, pile)
    }


async def test_a_run_is_complete_when_as_many_are_stored_as_were_asked_for(
    tmp_path: Path, shop: WorldPool
) -> None:
    summary = await play(tmp_path / "run", shop)
    assert (summary.state, summary.attempted, summary.kept, summary.rejected, summary.problem) == (
        "complete",
        12,
        12,
        0,
        None,
    )
    assert sorted(int(key.split("-")[0]) for key in lines(tmp_path / "run")) == list(range(12))
    manifest = read_manifest(tmp_path / "run")
    assert manifest.state == "complete"
    assert manifest.summary == summary.model_dump(mode="json")


async def test_what_passes_its_verdict_is_kept_and_all_else_is_rejected(
    tmp_path: Path, shop: WorldPool
) -> None:
    summary = await play(tmp_path / "run", shop, scripted(mistakes=0.5), count=24)
    piles: Counter[str] = Counter()
    for pile in PILES:
        for row in read_rows(tmp_path / "run", pile):
            piles[pile] += 1
            assert (row["verdict"]["status"] == "pass") == (pile == "kept")
            assert (row["provenance"]["planted"] is None) == (pile == "kept")
    assert (piles["kept"], piles["rejected"]) == (summary.kept, summary.rejected)
    assert piles["rejected"] == sum(summary.planted.values()) > 0
    assert sum(summary.rejections.values()) >= summary.rejected


async def test_a_line_counts_only_when_the_disk_has_it(tmp_path: Path, shop: WorldPool) -> None:
    seen: list[tuple[int, int]] = []

    def look(synthesis: SynthesisRun, tally: CategoryTally) -> None:
        seen.append((tally.attempted, len(lines(tmp_path / "run"))))

    await play(tmp_path / "run", shop, watch=look)
    assert all(counted <= stored for counted, stored in seen), seen
    assert seen[-1] == (12, 12)


@pytest.mark.parametrize("concurrency", [1, 3, 50])
async def test_no_more_are_in_flight_than_may_be(
    tmp_path: Path, shop: WorldPool, concurrency: int
) -> None:
    most: list[int] = []
    await play(
        tmp_path / "run",
        shop,
        concurrency=concurrency,
        watch=lambda synthesis, tally: most.append(tally.in_flight),
    )
    assert max(most) <= min(concurrency, 12)


def stop_at(number: int, at: list[CategoryTally]) -> Callable[[SynthesisRun, CategoryTally], None]:
    """Stop the run once so many have been stored, and remember how far it was then."""

    def watch(synthesis: SynthesisRun, tally: CategoryTally) -> None:
        if tally.attempted >= number and not synthesis.stopping:
            synthesis.stop()
            at.append(tally)

    return watch


@pytest.mark.parametrize("concurrency", [1, 5])
async def test_a_run_that_is_stopped_finishes_what_is_in_flight_and_begins_nothing(
    tmp_path: Path, shop: WorldPool, concurrency: int
) -> None:
    at: list[CategoryTally] = []
    summary = await play(
        tmp_path / "run", shop, count=200, concurrency=concurrency, watch=stop_at(4, at)
    )
    assert summary.state == read_manifest(tmp_path / "run").state == "stopped"
    # The writer stores what it finds before it says so: those in flight may have been counted
    # already.
    assert at[0].attempted <= summary.attempted <= at[0].attempted + concurrency
    assert len(lines(tmp_path / "run")) == summary.attempted
    assert all(row["verdict"]["status"] == "pass" for row in read_rows(tmp_path / "run", "kept"))
    assert summary.forecast is None


async def test_a_run_that_is_stopped_before_it_begins_plays_nothing(
    tmp_path: Path, shop: WorldPool
) -> None:
    with Run.create(tmp_path / "run", RunManifest()) as run:
        synthesis = SynthesisRun(
            run, shop, scripted(), RunOptions(seed=SEED, count=5, concurrency=2)
        )
        synthesis.stop()
        summary = await synthesis.play_all()
    assert (summary.state, summary.attempted, summary.categories) == ("stopped", 0, {})


async def test_a_resumed_run_makes_the_lines_that_the_undisturbed_one_makes(
    tmp_path: Path, shop: WorldPool
) -> None:
    whole = await play(tmp_path / "whole", shop, scripted(mistakes=0.3), count=20)
    await play(tmp_path / "cut", shop, scripted(mistakes=0.3), count=20, watch=stop_at(3, []))
    before = lines(tmp_path / "cut")
    assert 3 <= len(before) < 20
    resumed = await play(tmp_path / "cut", shop, scripted(mistakes=0.3), count=20, concurrency=2)
    assert lines(tmp_path / "cut") == lines(tmp_path / "whole")
    assert before.items() <= lines(tmp_path / "cut").items()
    ignored = {"run", "seconds"}
    assert resumed.model_dump(exclude=ignored) == whole.model_dump(exclude=ignored)


async def test_a_run_that_is_complete_plays_nothing_when_it_is_resumed(
    tmp_path: Path, shop: WorldPool
) -> None:
    await play(tmp_path / "run", shop, count=5)
    before = lines(tmp_path / "run")
    again = await play(tmp_path / "run", shop, count=5)
    assert (again.state, again.attempted) == ("complete", 5)
    assert lines(tmp_path / "run") == before


async def test_a_line_that_is_missing_in_the_middle_is_played_again(
    tmp_path: Path, shop: WorldPool
) -> None:
    """Conversations end in any order: what a kill leaves is not the first so many."""
    await play(tmp_path / "run", shop)
    whole = lines(tmp_path / "run")
    (shard,) = (tmp_path / "run" / "kept").glob("*.jsonl")
    left = [
        line
        for line in shard.read_bytes().splitlines(keepends=True)
        if not json.loads(line)["id"].startswith(("000003", "000007"))
    ]
    shard.write_bytes(b"".join(left))
    summary = await play(tmp_path / "run", shop)
    assert (summary.attempted, lines(tmp_path / "run")) == (12, whole)


async def test_a_pilot_plays_the_first_ones_and_foretells_the_rest(
    tmp_path: Path, shop: WorldPool
) -> None:
    pilot = await play(tmp_path / "run", shop, until=4)
    assert (pilot.state, pilot.attempted) == ("stopped", 4)
    assert pilot.forecast is not None
    assert pilot.forecast.kept.low <= 12
    whole = await play(tmp_path / "run", shop)
    assert (whole.state, whole.attempted, whole.forecast) == ("complete", 12, None)


async def test_a_pilot_of_everything_is_the_run_itself(tmp_path: Path, shop: WorldPool) -> None:
    summary = await play(tmp_path / "run", shop, count=3, until=100)
    assert (summary.state, summary.attempted, summary.forecast) == ("complete", 3, None)


async def test_a_cap_of_time_that_is_over_begins_nothing_and_says_so(
    tmp_path: Path, shop: WorldPool
) -> None:
    summary = await play(tmp_path / "run", shop, caps=Caps(seconds=0))
    assert (summary.state, summary.attempted) == ("stopped", 0)
    assert str(summary.problem) == "--max-time 0 is reached"


def drawn(stage: WorldPool, count: int) -> list[Blueprint]:
    """What a run with this seed draws."""
    sampler, seen = BlueprintSampler(stage, load_personas(), SEED), set[str]()
    return [
        sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, stage).passed)
        for index in range(count)
    ]


def asking(endpoint: Endpoint, **more: Any) -> Cast:
    address = Address(
        model="tiny",
        base_url=endpoint.url,
        key_env="INFTOOL_TEST_KEY",
        price_in=1.0,
        price_out=1.0,
        backoff=0.01,
        **more,
    )
    return Cast(CastSettings(assistant=address, user=address), seed=SEED)


async def test_a_cap_counts_what_earlier_processes_have_spent(
    tmp_path: Path, shop: WorldPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(drawn(shop, 8), shop.tools)) as endpoint:
        first = await play(
            tmp_path / "run", shop, asking(endpoint), count=8, concurrency=1, caps=Caps(tokens=1)
        )
        # Nothing had been spent when the first one was begun, and it was finished.
        assert (first.state, first.attempted, first.kept) == ("stopped", 1, 1)
        assert "--max-tokens 1 is reached" in str(first.problem)
        asked = endpoint.requests
        second = await play(
            tmp_path / "run", shop, asking(endpoint), count=8, concurrency=1, caps=Caps(tokens=1)
        )
        assert (second.state, second.attempted, endpoint.requests) == ("stopped", 1, asked)
        third = await play(tmp_path / "run", shop, asking(endpoint), count=8, concurrency=1)
    assert (third.state, third.attempted, third.problem) == ("complete", 8, None)
    assert third.cost is not None
    assert third.cost["tokens"] > 0


async def test_a_conversation_that_comes_to_no_end_is_rejected_and_costs_what_it_cost(
    tmp_path: Path, shop: WorldPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(drawn(shop, 3), shop.tools, latency=0.2)) as endpoint:
        summary = await play(tmp_path / "run", shop, asking(endpoint), count=3, deadline=0.3)
    assert (summary.state, summary.kept, summary.rejections) == ("complete", 0, {"cast_failed": 3})
    rows = list(read_rows(tmp_path / "run", "rejected"))
    assert {row["verdict"]["status"] for row in rows} == {"abstain"}
    assert {row["provenance"]["digest"] for row in rows} == {None}
    assert summary.cost is not None
    assert summary.cost["total"] > 0


async def test_an_error_that_nothing_mends_fails_the_run_and_leaves_what_is_stored(
    tmp_path: Path, shop: WorldPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", KEY)
    async with serving(Endpoint(drawn(shop, 8), shop.tools)) as endpoint:
        await play(tmp_path / "run", shop, asking(endpoint), count=8, until=2)
        stored = lines(tmp_path / "run")
        monkeypatch.setenv("INFTOOL_TEST_KEY", "wrong")
        with pytest.raises(FatalError, match="refuses the key in INFTOOL_TEST_KEY") as ended:
            await play(tmp_path / "run", shop, asking(endpoint), count=8)
    assert "what is stored is safe: inftool synth --resume" in str(ended.value)
    manifest = read_manifest(tmp_path / "run")
    assert manifest.state == "failed"
    assert manifest.summary is not None
    assert manifest.summary["attempted"] == 2
    assert lines(tmp_path / "run") == stored


async def test_a_first_error_promises_nothing_to_resume(
    tmp_path: Path, shop: WorldPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INFTOOL_TEST_KEY", "wrong")
    async with serving(Endpoint(drawn(shop, 2), shop.tools)) as endpoint:
        with pytest.raises(CastError) as ended:
            await play(tmp_path / "run", shop, asking(endpoint), count=2)
    assert "--resume" not in str(ended.value)
    assert not lines(tmp_path / "run")


async def test_where_nothing_can_be_drawn_the_run_gives_up_and_says_why(tmp_path: Path) -> None:
    lonely = api({"/state": {"get": op("getState", thing("up", up=TEXT))}}, title="Lonely")
    summary = await play(
        tmp_path / "run", WorldPool([lonely]), count=100, categories=("parallel_multiple",)
    )
    assert (summary.state, summary.attempted) == ("stopped", 0)
    assert summary.problem
    assert summary.rejections["no_blueprint"] == 20


async def test_without_a_server_in_between_the_lines_are_the_same(
    tmp_path: Path, shop: WorldPool
) -> None:
    await play(tmp_path / "server", shop)
    await play(tmp_path / "direct", shop, direct=True)
    assert lines(tmp_path / "server") == lines(tmp_path / "direct")


async def test_what_was_stored_before_counts_as_drawn_for_those_that_look_for_twins(
    tmp_path: Path, shop: WorldPool
) -> None:
    whole = await play(tmp_path / "whole", shop, duplicates=Duplicates())
    await play(tmp_path / "cut", shop, duplicates=Duplicates(), watch=stop_at(3, []))
    resumed = await play(tmp_path / "cut", shop, duplicates=Duplicates())
    assert (resumed.attempted, resumed.kept) == (whole.attempted, whole.kept)
    assert lines(tmp_path / "cut") == lines(tmp_path / "whole")
