"""What a run comes to: counted a line at a time, and the same from memory as from the disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from inftool import synthesize
from inftool.core.blueprints import CATEGORIES
from inftool.core.trajectories import Finding, GateResult, Trajectory, Usage, Verdict
from inftool.llm.config import Endpoint
from inftool.runs.run_folder import PILES, Done, Pile, Run, read_trajectories
from inftool.synthesis.run_totals import RunTotals, added_up, as_done
from tests.conftest import SPECS


def done(number: int = 0, pile: Pile = "kept", category: str = "simple", **more: Any) -> Done:
    return Done(
        id=f"{number:06d}-x", pile=pile, fingerprint=f"f{number}", category=category, **more
    )


def used(prompt: int, completion: int, *, retries: int = 0) -> Usage:
    counts: Usage = {"calls": 1, "prompt_tokens": prompt, "completion_tokens": completion}
    return {**counts, "retries": retries} if retries else counts


def test_a_line_counts_as_attempted_and_as_kept_only_if_it_was_kept() -> None:
    ledger = RunTotals({})
    for number, pile in enumerate(("kept", "rejected", "kept")):
        ledger.count(done(number, "kept" if pile == "kept" else "rejected"))
    assert (ledger.attempted, ledger.kept) == (3, 2)
    assert ledger.categories() == {"simple": {"attempted": 3, "kept": 2}}


def test_a_run_that_did_nothing_comes_to_nothing() -> None:
    ledger = RunTotals({})
    assert (
        ledger.attempted,
        ledger.kept,
        ledger.tokens,
        ledger.cost,
        ledger.categories(),
        ledger.bill(),
    ) == (0, 0, 0, 0, {}, None)


def test_categories_come_in_their_own_order_and_only_those_that_were_played() -> None:
    ledger = RunTotals({})
    for number, category in enumerate(reversed(CATEGORIES[:3])):
        ledger.count(done(number, category=category))
    # A line that was imported without a blueprint has no category: it is counted, under none.
    ledger.count(done(9, category=""))
    assert list(ledger.categories()) == list(CATEGORIES[:3])
    assert ledger.attempted == 4


def test_codes_and_planted_mistakes_are_counted_once_a_line() -> None:
    ledger = RunTotals({})
    ledger.count(done(0, "rejected", codes=("wrong_value", "leak"), planted="wrong_value"))
    ledger.count(done(1, "rejected", codes=("wrong_value",)))
    assert ledger.codes == {"wrong_value": 2, "leak": 1}
    assert ledger.planted == {"wrong_value": 1}


def test_every_role_costs_what_its_own_endpoint_asks() -> None:
    endpoints = {
        "assistant": Endpoint(model="a", price_in=1.0, price_out=10.0),
        "judge": Endpoint(model="j", price_in=100.0),
    }
    ledger = RunTotals(endpoints)
    # The user is scripted: its tokens, if there are any, are counted and cost nothing. The judge is
    # new to the run.
    ledger.count(
        done(
            0,
            usage={
                "user": used(5, 5),
                "assistant": used(1_000_000, 100_000),
                "judge": used(10_000, 7),
            },
        )
    )
    ledger.count(done(1, "rejected", usage={"assistant": used(1_000_000, 0, retries=2)}))
    assert ledger.tokens == 10 + 1_100_000 + 10_007 + 1_000_000
    assert ledger.cost == pytest.approx(1.0 + 1.0 + 1.0 + 1.0)
    assert ledger.usage["assistant"] == {
        "calls": 2,
        "prompt_tokens": 2_000_000,
        "completion_tokens": 100_000,
        "retries": 2,
    }
    bill = ledger.bill()
    assert bill is not None
    # What was rejected has to be paid for by what was kept.
    assert (bill["total"], bill["per_kept"], bill["roles"]) == (
        4.0,
        4.0,
        {"assistant": 3.0, "judge": 1.0},
    )


def test_where_nothing_was_kept_nothing_has_a_price_a_piece() -> None:
    ledger = RunTotals({"assistant": Endpoint(model="a", price_in=1.0)})
    ledger.count(done(0, "rejected", usage={"assistant": used(1_000_000, 0)}))
    bill = ledger.bill()
    assert bill is not None
    assert (bill["total"], bill["per_kept"], bill["tokens_per_kept"]) == (1.0, None, None)


def test_two_tries_at_one_play_are_added_up_by_role() -> None:
    whole = added_up(
        {"user": used(1, 2), "assistant": used(3, 4)},
        {"assistant": used(5, 6, retries=1), "judge": used(7, 8)},
    )
    assert whole == {
        "user": used(1, 2),
        "assistant": {"calls": 2, "prompt_tokens": 8, "completion_tokens": 10, "retries": 1},
        "judge": used(7, 8),
    }
    assert added_up() == {}


def judged(*codes: str, **provenance: Any) -> Trajectory:
    findings = tuple(Finding(code=code, message=code) for code in codes)
    verdict = Verdict(
        status="fail" if codes else "pass",
        gates=(GateResult(gate="format", status="fail" if codes else "pass", findings=findings),),
    )
    made_by: Any = {"fingerprint": "f", **provenance}
    return Trajectory(id="000001-x", messages=(), tools=(), verdict=verdict, provenance=made_by)


def test_a_trajectory_counts_each_of_its_codes_once_and_its_planted_mistake_by_kind() -> None:
    counted = as_done(
        judged(
            "leak",
            "wrong_value",
            "leak",
            planted={"kind": "wrong_value", "call": 2},
            usage={"user": used(1, 1)},
        ),
        "rejected",
    )
    assert counted == done(
        1,
        "rejected",
        category="",
        codes=("leak", "wrong_value"),
        planted="wrong_value",
        usage={"user": used(1, 1)},
    ).model_copy(update={"fingerprint": "f"})


def test_a_trajectory_without_a_verdict_has_no_codes() -> None:
    counted = as_done(judged().model_copy(update={"verdict": None}), "kept")
    assert (counted.codes, counted.planted, counted.usage) == ((), None, {})


def test_the_disk_and_the_memory_count_the_same(tmp_path: Path) -> None:
    summary = synthesize(
        [SPECS / "bookshop.yaml"], out=tmp_path / "run", count=24, seed=2, mistakes=0.5
    )
    with Run.resume(tmp_path / "run") as run:
        stored = {line.id: line for line in run.done()}
    again = RunTotals({})
    for line in stored.values():
        again.count(line)
    assert (again.attempted, again.kept, again.categories()) == (
        summary.attempted,
        summary.kept,
        summary.categories,
    )
    assert (again.codes, again.planted) == (summary.rejections, summary.planted)
    assert {role: dict(counts) for role, counts in again.usage.items()} == summary.usage
    for pile in PILES:
        for trajectory in read_trajectories(tmp_path / "run", pile):
            assert as_done(trajectory, pile) == stored[trajectory.id]
