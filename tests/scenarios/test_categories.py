"""What each category promises, on the project's own specs."""

from __future__ import annotations

from collections import Counter

import pytest

from inftool.agents.role_cards import load_personas
from inftool.agents.scripted import user_lines
from inftool.core.blueprints import CATEGORIES, Blueprint
from inftool.scenarios.categories.single_turn import depth
from inftool.scenarios.plan import run
from inftool.scenarios.resolution.blueprint_check import references
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.sampling.tool_choice import ToolChooser
from inftool.scenarios.wording.sayable import opaque
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearsed
from inftool.verification.conversation_reader import read_conversation
from inftool.verification.verdict import judge

EACH = 6


@pytest.fixture(scope="module")
def drawn(stage: WorldPool) -> list[Blueprint]:
    sampler, seen = BlueprintSampler(stage, load_personas(), 5), set[str]()
    return [sampler.draw(index, seen) for index in range(EACH * len(CATEGORIES))]


def of(drawn: list[Blueprint], category: str) -> list[Blueprint]:
    return [blueprint for blueprint in drawn if blueprint.category == category]


def test_every_category_comes_as_often_as_it_should(drawn: list[Blueprint]) -> None:
    assert Counter(blueprint.category for blueprint in drawn) == dict.fromkeys(CATEGORIES, EACH)


def test_shapes(drawn: list[Blueprint]) -> None:
    assert all(len(b.plan) == 1 and b.tools == (b.plan[0].tool,) for b in of(drawn, "simple"))
    assert all(len(b.plan) == 1 and len(b.tools) > 1 for b in of(drawn, "multiple"))
    assert all(
        len(b.plan) > 1 and len({s.tool for s in b.plan}) == 1 for b in of(drawn, "parallel")
    )
    assert all(
        len({s.tool for s in b.plan}) > 1 and not any(s.after for s in b.plan)
        for b in of(drawn, "parallel_multiple")
    )
    assert all(not b.plan for b in [*of(drawn, "irrelevance"), *of(drawn, "identify_limitation")])
    assert all(len(b.turns) > 1 for b in of(drawn, "multi_turn_base"))
    assert all(len(b.turns) >= 4 and b.world.size > 8 for b in of(drawn, "multi_turn_long_context"))
    assert all(
        any(d.withheld for d in b.turns[0].details) for b in of(drawn, "multi_turn_miss_param")
    )
    assert all(len(b.plan) > 1 and not b.plan[0].goal for b in of(drawn, "multi_step"))
    assert all(max(len(s.after) for s in b.plan) > 1 for b in of(drawn, "composite"))
    assert all(depth(list(b.plan)) > 2 and len(b.turns) == 1 for b in of(drawn, "logical_jump"))
    assert all(any(s.fault for s in b.plan) for b in of(drawn, "recovery"))
    assert all(any(s.refused for s in b.plan) for b in of(drawn, "policy"))
    assert all(
        any(t.kind in ("change", "drop") or any(d.volunteered for d in t.details) for t in b.turns)
        for b in of(drawn, "change_of_mind")
    )
    assert all(b.turns[0].why for b in of(drawn, "identify_limitation"))


def test_a_missing_function_comes_later_and_is_used_only_then(
    stage: WorldPool, drawn: list[Blueprint]
) -> None:
    for blueprint in of(drawn, "multi_turn_miss_func"):
        added = next(turn for turn in blueprint.turns if turn.adds)
        assert not set(added.adds) & set(blueprint.tools)
        trajectory = rehearsed(blueprint, stage)
        assert set(trajectory.offered_from) == set(added.adds)
        assert judge(trajectory, stage).passed
        # The same play with the tool called before it was offered is found out.
        early = trajectory.model_copy(
            update={"offered_from": dict.fromkeys(added.adds, len(trajectory.messages))}
        )
        assert judge(early, stage).findings[0].code == "unknown_tool"


def test_a_fault_is_planted_tried_again_and_excused_once(
    stage: WorldPool, drawn: list[Blueprint]
) -> None:
    for blueprint in of(drawn, "recovery"):
        trajectory = rehearsed(blueprint, stage)
        assert judge(trajectory, stage).passed
        conversation, _ = read_conversation(trajectory.messages)
        assert conversation is not None
        faulty = next(step for step in blueprint.plan if step.fault)
        assert sum(call.name == faulty.tool for call in conversation.calls) >= 2


def test_what_a_rule_forbids_changes_nothing(stage: WorldPool, drawn: list[Blueprint]) -> None:
    for blueprint in of(drawn, "policy"):
        world = stage.blueprint_world(blueprint)
        results, _ = run(world, blueprint.plan)
        assert any(
            result.status == step.refused
            for step, result in zip(blueprint.plan, results, strict=True)
        )


def test_entities_are_referred_to_in_several_ways(stage: WorldPool, drawn: list[Blueprint]) -> None:
    assert (
        len({item.reference.kind for blueprint in drawn for item in references(blueprint, stage)})
        >= 5
    )


def test_no_opaque_key_is_spoken(drawn: list[Blueprint]) -> None:
    spoken = [
        word.strip(".,\"'?!")
        for blueprint in drawn
        for text in user_lines.utterances(blueprint)
        for word in text.split()
    ]
    opaque_words = [
        word
        for word in spoken
        if opaque(word) and "@" not in word and "://" not in word and not word.startswith("+")
    ]
    # Somebody who has nothing else may copy a key from a page in front of them; that must stay
    # rare.
    assert len(opaque_words) <= len(drawn) // 20


def test_distractors_come_from_three_bands(stage: WorldPool, drawn: list[Blueprint]) -> None:
    chooser = ToolChooser(stage)
    seen: Counter[str] = Counter()
    for blueprint in of(drawn, "multiple"):
        seen.update(
            chooser.distractor_pool.band_of(blueprint.plan[0].tool, name)
            for name in blueprint.tools
            if name != blueprint.plan[0].tool
        )
    assert set(seen) == {"near", "middle", "far"}
