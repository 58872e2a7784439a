"""Blueprints: every one runs, says what its calls need, and is a function of its seed."""

from __future__ import annotations

import json
import re

import pytest

from inftool.agents.role_cards import load_personas
from inftool.agents.scripted import user_lines
from inftool.agents.scripted.dialogue_acts import dialogue_acts
from inftool.core.blueprints import CATEGORIES, Blueprint
from inftool.core.errors import ScenarioError
from inftool.core.step_references import StepRef
from inftool.scenarios.authoring.document import WrittenCall, WrittenTurn, write_blueprint
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearsed
from inftool.verification.verdict import judge
from tests.conftest import SPECS
from tests.support.apis import TEXT, api, many, op, thing

COUNT = 112


@pytest.fixture(scope="module")
def drawn(stage: WorldPool) -> list[Blueprint]:
    sampler, seen = BlueprintSampler(stage, load_personas(), 21), set[str]()
    # A sort key may be a parameter's name (`-publishedOn`): what names one is drawn anew, as in a
    # run.
    return [
        sampler.draw(
            index, seen, lambda blueprint: "user_names_tool" not in _codes(blueprint, stage)
        )
        for index in range(COUNT)
    ]


def _codes(blueprint: Blueprint, stage: WorldPool) -> set[str]:
    return {finding.code for finding in judge(rehearsed(blueprint, stage), stage).findings}


def test_every_category_comes_in_its_turn(drawn: list[Blueprint]) -> None:
    assert [blueprint.category for blueprint in drawn[:16]] == list(CATEGORIES)
    assert len({blueprint.world.api for blueprint in drawn}) == 8
    assert {blueprint.difficulty for blueprint in drawn} >= {1, 2, 3}
    assert len({blueprint.persona.name for blueprint in drawn}) > 10


def test_a_draw_depends_on_nothing_but_seed_index_and_what_was_said(
    stage: WorldPool, drawn: list[Blueprint]
) -> None:
    sampler, seen = BlueprintSampler(WorldPool(stage.toolset.apis), load_personas(), 21), set[str]()
    for index in range(20):
        assert sampler.draw(index, seen) == drawn[index]
    other = BlueprintSampler(stage, load_personas(), 22)
    assert other.draw(0, set()) != drawn[0]


def test_withheld_details_are_not_said_at_first(drawn: list[Blueprint]) -> None:
    for blueprint in drawn:
        texts = user_lines.utterances(blueprint)
        assert len(texts) == len(dialogue_acts(blueprint))
        withheld = [
            detail
            for detail in blueprint.turns[0].details
            if detail.withheld and not detail.volunteered
        ]
        if blueprint.category == "multi_turn_miss_param":
            assert withheld
            assert not re.search(rf"\b{re.escape(withheld[0].said)}\b", texts[0])
            assert withheld[0].said in texts[1] or withheld[0].phrase.lower() in texts[1].lower()


def test_too_small_a_world_says_so() -> None:
    """A world that is always the same has only so much to be asked, however often it is seeded
    anew."""
    made = api(
        {"/ping": {"get": op("ping", thing("answer", answer={"type": "string", "enum": ["pong"]}))}}
    )
    sampler, seen = BlueprintSampler(WorldPool([made]), load_personas(), 0, ("simple",)), set[str]()
    with pytest.raises(ScenarioError, match="no new blueprint"):
        for index in range(400):
            sampler.draw(index, seen)
    assert seen


def test_a_blueprint_written_by_hand(stage: WorldPool) -> None:
    api = next(name for name in stage.api_names if "bookshop" in name)
    find = WrittenTurn(
        want="see the catalogue",
        say={"in stock": "yes"},
        tell={"title": {"$from": "s1", "at": "/data/0/title"}},
        calls=(WrittenCall(tool="listBooks"),),
    )
    first = {"$from": "s1", "at": "/data/0/id"}
    look = WrittenTurn(
        want="look up the first one",
        tell={"price": {"$from": "s2", "at": "/price"}},
        calls=(WrittenCall(tool="getBook", arguments={"bookId": first}),),
    )
    blueprint = write_blueprint(stage, [find, look], api=api)
    assert [step.after for step in blueprint.plan] == [(), ("s1",)]
    assert blueprint.plan[1].arguments == {"bookId": None}
    assert blueprint.plan[1].bindings == {"/bookId": StepRef(step="s1", pointer="/data/0/id")}
    assert judge(rehearsed(blueprint, stage), stage).passed
    with pytest.raises(ScenarioError, match=r"turn 1, call s1 \(getBook\)"):
        write_blueprint(
            stage,
            [
                WrittenTurn(
                    want="x",
                    calls=(
                        WrittenCall(
                            tool="getBook",
                            arguments={"bookId": "00000000-0000-4000-8000-000000000000"},
                        ),
                    ),
                )
            ],
            api=api,
        )
    with pytest.raises(ScenarioError, match="no such tool"):
        write_blueprint(
            stage, [WrittenTurn(want="x", calls=(WrittenCall(tool="burnBook"),))], api=api
        )


def test_blueprints_survive_their_json(drawn: list[Blueprint]) -> None:
    for blueprint in drawn[:14]:
        assert Blueprint.model_validate(json.loads(blueprint.model_dump_json())) == blueprint
    assert SPECS.is_dir()


def test_a_list_that_an_answer_leaves_out_is_no_crash() -> None:
    """Found on a real spec: alternatives that nothing can tell apart, so that the world can only
    answer without the list."""
    alike = thing("kind", id=TEXT, kind={"type": "string", "enum": ["a", "b"]})
    made = api(
        {
            "/plans/{planId}/solutions": {
                "get": op(
                    "listSolutions",
                    thing(value=many({"oneOf": [alike, {**alike, "title": "B"}]}), nextLink=TEXT),
                    params=(("planId", "path", TEXT),),
                )
            },
            "/plans": {"get": op("listPlans", many(thing("id", "name", id=TEXT, name=TEXT)))},
        }
    )
    sampler = BlueprintSampler(WorldPool([made]), load_personas(), seed=5)
    drawn = [sampler.draw(index, set()) for index in range(8)]
    assert any(step.tool == "listSolutions" for blueprint in drawn for step in blueprint.plan)
