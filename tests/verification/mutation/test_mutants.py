"""Checkers and their kill scores: wrong plays are found out, weak blueprints are not played, and
what is kept is replay-closed."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.json_values import key_of, scalars
from inftool.core.trajectories import Trajectory
from inftool.language.values import mentions, normalize
from inftool.scenarios.authoring.document import WrittenCall, WrittenTurn, write_blueprint
from inftool.scenarios.plan import leaves
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.verification.checker.argument_variants import alternatives, put
from inftool.verification.checker.builder import checker_of
from inftool.verification.checker.matching import comparable
from inftool.verification.checker.plan_run import BadBlueprint
from inftool.verification.checker.told_facts import said_times
from inftool.verification.conversation import Conversation
from inftool.verification.conversation_reader import read_conversation
from inftool.verification.gates.grounding import ungrounded
from inftool.verification.mutation.mutants import MUTANTS, kill_score
from inftool.verification.mutation.replay_closure import weaknesses
from inftool.verification.verdict import judge

COUNT = 45
Play = tuple[Blueprint, Trajectory, Conversation]


@pytest.fixture(scope="module")
def plays(stage: WorldPool) -> list[Play]:
    """Blueprints as a run would draw them, weak ones left in, with their true plays."""
    sampler, seen = BlueprintSampler(stage, load_personas(), 21), set[str]()
    found: list[Play] = []
    for index in range(COUNT):
        blueprint = sampler.draw(
            index, seen, lambda blueprint: judge(rehearsed(blueprint, stage), stage).passed
        )
        trajectory = rehearsed(blueprint, stage)
        conversation, _ = read_conversation(trajectory.messages)
        assert conversation is not None
        found.append((blueprint, trajectory, conversation))
    return found


@pytest.mark.cpu_limit(180)
def test_wrong_plays_are_found_out_and_weak_blueprints_are_not_played(
    stage: WorldPool, plays: list[Play]
) -> None:
    made: Counter[str] = Counter()
    scores: list[float] = []
    for blueprint, _, conversation in plays:
        score = kill_score(blueprint, conversation, stage)
        assert score.gold
        weak = weaknesses(blueprint, conversation, stage)
        # The cheap test never lets through what the thorough one holds against a blueprint.
        assert weak or score.score == 1.0, (blueprint.id, score.survivors)
        assert rehearse(blueprint, stage).passed == (not weak)
        if not weak:
            scores.append(score.score)
            made.update(score.made)
    assert len(scores) > COUNT * 0.8
    assert set(made) == set(MUTANTS)
    assert sum(made.values()) > 10 * COUNT


@pytest.mark.cpu_limit(180)
def test_what_is_played_is_replay_closed(stage: WorldPool, plays: list[Play]) -> None:
    """By brute force: without any one call the state is another, a told fact has no source, or a
    later argument has none."""
    for blueprint, trajectory, conversation in plays:
        if weaknesses(blueprint, conversation, stage) or any(
            step.refused or step.fault for step in blueprint.plan
        ):
            continue
        schemas = {
            tool["function"]["name"]: tool["function"]["parameters"] for tool in trajectory.tools
        }
        anew = {step.tool for step in blueprint.plan if step.anew}
        for left_out in (call for call in conversation.calls if call.name not in anew):
            rest = [call for call in conversation.calls if call is not left_out]
            worlds = stage.open(blueprint)
            answers = [
                worlds[stage.tools[call.name].api].call(call.name, call.arguments) for call in rest
            ]
            known = {key_of(value) for answer in answers for value in scalars(answer.shown())}
            broken = (
                worlds[blueprint.world.api].digest() != blueprint.world.expected
                or any(not answer.ok for answer in answers)
                or any(
                    key_of(fact.value) not in known
                    for turn in blueprint.turns
                    for fact in turn.facts
                )
                or bool(ungrounded(conversation._replace(calls=tuple(rest)), schemas))
            )
            assert broken, (blueprint.id, left_out.name)


def test_a_checker_is_data(stage: WorldPool, plays: list[Play]) -> None:
    for blueprint, _, _ in plays[:10]:
        checker = checker_of(blueprint, stage)
        assert type(checker).model_validate_json(checker.model_dump_json()) == checker
        assert checker.end == blueprint.world.expected
        assert [call.step for call in checker.calls] == [step.id for step in blueprint.plan]


def test_a_plan_that_leads_elsewhere_has_no_checker(stage: WorldPool, plays: list[Play]) -> None:
    blueprint = plays[0][0]
    moved = blueprint.model_copy(
        update={"world": blueprint.world.model_copy(update={"expected": "0" * 32})}
    )
    with pytest.raises(BadBlueprint, match="expected state"):
        checker_of(moved, stage)


def test_a_wording_that_nobody_gave_is_free_and_a_key_is_not(stage: WorldPool) -> None:
    """Found by perturbing: the note goes nowhere but where it is written; another patient's number
    would change what is written."""
    tool = stage.tools["create_issue"]
    assert "project_id" in tool.input_schema["properties"]
    world = stage.world(tool.api, 0)
    project = next(iter(world.entities("project").values()))
    user = next(iter(world.entities("user").values()))
    call = WrittenCall(
        tool="create_issue",
        arguments={
            "project_id": project["id"],
            "title": "The export button does nothing",
            "type": "bug",
            "reporter_id": user["id"],
        },
    )
    turn = WrittenTurn(
        want="report a bug", say={"project": project["id"], "type": "bug"}, calls=(call,)
    )
    blueprint = write_blueprint(stage, [turn], api=tool.api, tools=["create_issue"])
    checker = checker_of(blueprint, stage)
    assert checker.calls[0].free == ("/title",)
    said = turn.model_copy(
        update={
            "say": {**turn.say, "title": "The export button does nothing", "reporter": user["id"]}
        }
    )
    assert (
        checker_of(write_blueprint(stage, [said], api=tool.api, tools=["create_issue"]), stage)
        .calls[0]
        .free
        == ()
    )
    # Whoever reports is somebody's choice too, but it changes whose issue it is: another user gives
    # another world.
    trajectory = rehearsed(
        write_blueprint(stage, [said], api=tool.api, tools=["create_issue"]), stage
    )
    assert judge(trajectory, stage).passed


def test_a_free_wording_may_be_another_one(stage: WorldPool) -> None:
    tool = stage.tools["create_issue"]
    world = stage.world(tool.api, 0)
    project = next(iter(world.entities("project").values()))
    user = next(iter(world.entities("user").values()))
    arguments = {
        "project_id": project["id"],
        "title": "The export button does nothing",
        "type": "bug",
        "reporter_id": user["id"],
    }
    turn = WrittenTurn(
        want="report a bug",
        say={"project": project["id"], "type": "bug", "reporter": user["id"]},
        calls=(WrittenCall(tool="create_issue", arguments=arguments),),
    )
    blueprint = write_blueprint(stage, [turn], api=tool.api, tools=["create_issue"])
    gold = rehearsed(blueprint, stage)
    assert judge(gold, stage).passed
    other = {**arguments, "title": "Export does not work"}
    worlds = stage.open(blueprint)
    answer = worlds[tool.api].call("create_issue", other)
    messages = [message.copy() for message in gold.messages]
    made = next(message for message in messages if message.get("tool_calls"))
    call = made["tool_calls"][0]
    made["tool_calls"] = [
        {**call, "function": {"name": "create_issue", "arguments": json.dumps(other)}}
    ]
    next(message for message in messages if message["role"] == "tool")["content"] = json.dumps(
        answer.shown()
    )
    verdict = judge(gold.model_copy(update={"messages": tuple(messages)}), stage)
    assert verdict.passed, verdict.findings


def test_defaults_and_spelling_do_not_count(stage: WorldPool) -> None:
    tool = stage.tools["listOrders"].model_copy(
        update={
            "input_schema": {
                "type": "object",
                "properties": {"n": {"type": "integer", "default": 1}, "q": {"type": "string"}},
            }
        }
    )
    assert comparable(tool, {"n": 1, "q": "Two  Words"}) == comparable(tool, {"q": "two words"})
    assert comparable(tool, {"n": 2.0}) == comparable(tool, {"n": 2})
    assert comparable(tool, {"n": True}) != comparable(tool, {})
    assert comparable(tool, {"q": "a"}, ["/q"]) == comparable(tool, {"q": "b"}, ["/q"])


def test_alternatives_are_other_values() -> None:
    rng = random.Random(1)
    for value in (
        7,
        2.5,
        True,
        "Ana Ruiz",
        "2026-03-14",
        "2026-03-14T10:30:00Z",
        "14:30",
        "a@example.org",
    ):
        others = list(alternatives({}, "", value, rng))
        assert others
        assert all(other != value and type(other) is type(value) for other in others)
    assert set(alternatives({"enum": ["a", "b", "c"]}, "", "a", rng)) >= {"b", "c"}


def test_put_copies_only_the_way() -> None:
    value = {"a": {"b": [1, 2]}, "c": {"d": 3}}
    changed = put(value, "/a/b/1", 9)
    assert changed == {"a": {"b": [1, 9]}, "c": {"d": 3}}
    assert value["a"] == {"b": [1, 2]}
    assert changed["c"] is value["c"]


@pytest.mark.parametrize(
    ("text", "value", "times"),
    [
        ("active, paused and active.", "active", 2),
        ("the first is 12 and the second is 12", 12, 2),
        ("it is active", "active", 1),
        ("reactive", "active", 0),
    ],
)
def test_how_often_something_is_said(text: str, value: object, times: int) -> None:
    assert said_times(normalize(text), value, 5) == times
    assert mentions(normalize(text), value) == bool(times)


def test_leaves_of_nothing() -> None:
    assert list(leaves({})) == [("", {})]
