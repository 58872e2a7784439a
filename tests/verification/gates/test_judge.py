"""The judge over a real HTTP endpoint: votes, majority, swapped orders, unreadable replies,
lookups; and reflection on what was rejected."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from inftool.agents.cast import Cast
from inftool.agents.judge import RUBRICS, Judge, Vote, read_vote, tally_votes
from inftool.agents.role_cards import load_card, load_personas
from inftool.core.tools import Api
from inftool.core.trajectories import Trajectory, Verdict
from inftool.core.types import JsonObject
from inftool.llm.client import EndpointClient
from inftool.llm.config import CastSettings
from inftool.llm.config import Endpoint as Address
from inftool.runs.manifest import RunManifest
from inftool.runs.run_folder import Run, read_trajectories
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.reflection import advice, deserves_second_try, preference
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.synthesis.run_options import RunOptions
from inftool.synthesis.runner import SynthesisRun
from inftool.verification.gates.judge import transcript, with_judge
from inftool.verification.verdict import judge
from tests.support.judging import Answer, call, judging


@pytest.fixture(scope="module")
def shop(bookshop: tuple[Api, ...]) -> WorldPool:
    return WorldPool(bookshop)


@pytest.fixture(scope="module")
def trajectory(shop: WorldPool) -> Trajectory:
    sampler = BlueprintSampler(shop, load_personas(), 4, ("multi_step",))
    return rehearsed(
        sampler.draw(0, set(), lambda blueprint: rehearse(blueprint, shop).passed), shop
    )


def says(prompt: str, clean: bool) -> str:
    """The verdict line for one statement, wherever it stands."""
    first = re.search(r"^A: (.*)$", prompt, re.MULTILINE)
    assert first is not None
    is_first = first.group(1) in {pair[0] for pair in RUBRICS.values()}
    return f"I have looked.\nMESSAGE: none\nVERDICT: {'A' if is_first == clean else 'B'}"


async def ruled(
    answer: Answer, trajectory: Trajectory, shop: WorldPool | None, votes: int = 3
) -> Verdict:
    async with judging(answer) as endpoint:
        model = Judge(EndpointClient(Address(model="tiny", base_url=endpoint.url)), votes=votes)
        try:
            return await with_judge(trajectory, judge(trajectory, shop), model, shop)
        finally:
            await model.client.close()


async def test_an_honest_judge_decides(trajectory: Trajectory, shop: WorldPool) -> None:
    kept = await ruled(
        lambda messages, tools: says(messages[0]["content"], clean=True), trajectory, shop
    )
    assert (kept.status, kept.gates[-1].gate, kept.gates[-1].status) == ("pass", "judge", "pass")
    thrown = await ruled(
        lambda messages, tools: says(messages[0]["content"], clean=False), trajectory, shop
    )
    assert (thrown.status, thrown.gates[-1].status) == ("fail", "fail")
    assert [finding.code for finding in thrown.gates[-1].findings] == [
        "judged_ungrounded",
        "judged_dishonest",
        "judged_contradictory",
    ]


async def test_a_judge_that_likes_the_first_choice_decides_nothing(
    trajectory: Trajectory, shop: WorldPool
) -> None:
    verdict = await ruled(lambda messages, tools: "VERDICT: A", trajectory, shop, votes=3)
    assert verdict.status == "abstain"
    assert {(finding.code, finding.blame) for finding in verdict.findings} == {
        ("judge_undecided", "judge")
    }
    assert "order of the choices" in verdict.findings[0].message


@pytest.mark.parametrize(
    "reply", ["Both are fine.", "VERDICT: C", "VERDICT: A\nVERDICT: B", "{}", "I say A"]
)
async def test_what_cannot_be_read_is_no_agreement(
    trajectory: Trajectory, shop: WorldPool, reply: str
) -> None:
    verdict = await ruled(lambda messages, tools: reply, trajectory, shop)
    assert verdict.status == "abstain"
    assert "no majority" in verdict.findings[0].message


async def test_a_fault_is_placed_and_masked(trajectory: Trajectory, shop: WorldPool) -> None:
    last = len(trajectory.messages) - 1

    def answer(messages: list[JsonObject], tools: list[str]) -> str:
        text = says(messages[0]["content"], clean="contradicts" not in messages[0]["content"])
        return text.replace("MESSAGE: none", f"MESSAGE: {last}")

    verdict = await ruled(answer, trajectory, shop)
    assert [(finding.code, finding.pointer) for finding in verdict.findings] == [
        ("judged_contradictory", f"/messages/{last}")
    ]
    assert [turn.loss for turn in verdict.turns] == [True] * (len(verdict.turns) - 1) + [False]


async def test_a_judge_may_read_the_final_world_and_nothing_more(
    trajectory: Trajectory, shop: WorldPool
) -> None:
    seen: list[str] = []

    def answer(messages: list[JsonObject], tools: list[str]) -> str | JsonObject:
        results = [message["content"] for message in messages if message["role"] == "tool"]
        if not results:
            assert all(shop.tools[name].effect == "read" for name in tools)
            reads = [name for name in tools if not shop.tools[name].input_schema.get("required")]
            return call(reads[0], {})
        if len(results) == 1:
            seen.append(results[0])
            return says(messages[0]["content"], clean=True)
        raise AssertionError("one lookup is enough")

    assert trajectory.blueprint is not None
    assert any(
        shop.tools[name].effect == "read" and not shop.tools[name].input_schema.get("required")
        for name in trajectory.blueprint.all_tools()
    )
    verdict = await ruled(answer, trajectory, shop, votes=2)
    assert verdict.passed
    assert len(seen) == 2 * len(RUBRICS)
    assert all(text.startswith(("{", "[")) and "unknown" not in text for text in seen)


async def test_a_judge_that_looks_things_up_for_ever_abstains(
    trajectory: Trajectory, shop: WorldPool
) -> None:
    def answer(messages: list[JsonObject], tools: list[str]) -> JsonObject:
        return call(tools[0], {"unknown": 1})

    assert (await ruled(answer, trajectory, shop, votes=1)).status == "abstain"


async def test_no_judge_is_asked_about_what_rules_reject(
    trajectory: Trajectory, shop: WorldPool
) -> None:
    cut = trajectory.model_copy(update={"messages": trajectory.messages[:-1]})
    asked: list[int] = []

    def answer(messages: list[JsonObject], tools: list[str]) -> str:
        asked.append(len(messages))
        return "VERDICT: A"

    verdict = await ruled(answer, cut, shop)
    assert (verdict.status, verdict.gates[-1].status, asked) == ("fail", "abstain", [])


async def test_without_a_world_there_is_nothing_to_look_up(trajectory: Trajectory) -> None:
    def answer(messages: list[JsonObject], tools: list[str]) -> str:
        assert not tools
        return says(messages[0]["content"], clean=True)

    verdict = await ruled(answer, trajectory, None)
    assert (verdict.status, verdict.gates[-1].status) == ("abstain", "pass")


@pytest.mark.parametrize(
    ("opinions", "expected"),
    [
        ("ccc", "clean"),
        ("fff", "faulty"),
        ("cfc", "none"),  # the swapped vote says otherwise
        ("ccf", "clean"),
        ("cnc", "clean"),
        ("cnn", "none"),
        ("nnn", "none"),
        ("cfcf", "none"),
    ],
)
def test_the_majority(opinions: str, expected: str) -> None:
    words: dict[str, Any] = {"c": "clean", "f": "faulty", "n": "none"}
    votes = [
        Vote(opinion=words[letter], swapped=bool(number % 2))
        for number, letter in enumerate(opinions)
    ]
    assert tally_votes("honesty", votes).opinion == expected


def test_swapping_swaps_the_meaning() -> None:
    assert read_vote("VERDICT: A", swapped=False).opinion == "clean"
    assert read_vote("VERDICT: A", swapped=True).opinion == "faulty"
    assert read_vote("**VERDICT: B**", swapped=True).opinion == "clean"
    assert read_vote("MESSAGE: 7\nVERDICT: B", swapped=False).message == 7


def test_every_rubric_has_its_card_and_any_client_will_do() -> None:
    for rubric in RUBRICS:
        prompt = load_card(f"judge-{rubric}").render(
            conversation="[0] user: it costs $5", now="today", first="one", second="two"
        )
        assert "it costs $5" in prompt
    with pytest.raises(TypeError):
        Judge()  # type: ignore[call-arg]


def test_the_transcript_numbers_messages(trajectory: Trajectory) -> None:
    text = transcript(trajectory.messages)
    assert text.startswith("[0] user: ")
    assert f"[{len(trajectory.messages) - 1}] assistant: " in text


async def test_the_synthesis_asks_its_judge(tmp_path: Path, shop: WorldPool) -> None:
    async with judging(
        lambda messages, tools: says(
            messages[0]["content"], clean="honest" not in messages[0]["content"]
        )
    ) as endpoint:
        model = Judge(EndpointClient(Address(model="tiny", base_url=endpoint.url)))
        with Run.create(tmp_path / "run", RunManifest(state="running")) as run:
            synthesis = SynthesisRun(
                run,
                shop,
                Cast(CastSettings(), seed=2),
                RunOptions(seed=2, count=2, concurrency=2, judge=model),
            )
            summary = await synthesis.play_all()
        await model.client.close()
    assert (summary.kept, summary.rejections) == (0, {"judged_dishonest": 2})


async def test_what_was_rejected_gets_another_try_and_makes_a_pair(
    tmp_path: Path, shop: WorldPool
) -> None:
    with Run.create(tmp_path / "run", RunManifest(state="running")) as run:
        cast = Cast(CastSettings(mistakes=1.0), seed=3)
        summary = await SynthesisRun(
            run, shop, cast, RunOptions(seed=3, count=24, concurrency=4, reflect=True)
        ).play_all()
    assert (summary.attempted, summary.kept) == (24, 24)
    pairs = 0
    for kept in read_trajectories(tmp_path / "run"):
        assert kept.provenance["planted"] is None
        former = kept.provenance["first_try"]
        assert former["verdict"]["status"] == "fail"
        assert former["planted"] is not None
        assert judge(kept, shop).passed
        assert "rejected" not in str(kept.messages[0]["content"])
        pair = preference(kept)
        if pair is None:
            continue
        pairs += 1
        size = len(pair.prompt)
        assert (
            json.dumps(list(pair.prompt))
            == json.dumps(list(kept.messages[:size]))
            == json.dumps(former["messages"][:size])
        )
        assert pair.chosen[0] != pair.rejected[0]
        assert pair.chosen[0]["role"] == pair.rejected[0]["role"] == "assistant"
    assert pairs > 16


def test_only_the_assistants_faults_are_given_back(trajectory: Trajectory, shop: WorldPool) -> None:
    cut = judge(trajectory.model_copy(update={"messages": trajectory.messages[:-1]}), shop)
    assert deserves_second_try(cut)
    assert "the user was not told" in advice(cut)
    lost = judge(
        trajectory.model_copy(
            update={"messages": (*trajectory.messages[:2], *trajectory.messages[3:])}
        ),
        shop,
    )
    assert not deserves_second_try(lost)
    assert not deserves_second_try(judge(trajectory, shop))
