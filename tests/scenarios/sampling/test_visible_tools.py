"""Which tools an assistant sees."""

from __future__ import annotations

from inftool.agents.role_cards import load_personas
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool


def test_difficulty_and_distractors_are_what_the_weights_ask_for(stage: WorldPool) -> None:
    hard = {"difficulty": {"1": 0.0, "2": 0.0, "3": 0.0}}
    sampler, seen = BlueprintSampler(stage, load_personas(), 6, weights=hard), set[str]()
    drawn = [sampler.draw(index, seen) for index in range(32)]
    assert {blueprint.difficulty for blueprint in drawn} == {4, 5}
    for count in (0, 20, 100):
        sampler = BlueprintSampler(
            stage,
            load_personas(),
            6,
            ("multi_step", "composite", "multi_turn_base"),
            weights={"distractors": {str(count): 1.0}},
        )
        for blueprint in (sampler.draw(index, seen) for index in range(6)):
            needed = {step.tool for step in blueprint.plan}
            assert len(set(blueprint.tools) - needed) == count
            assert needed <= set(blueprint.tools)
            bands = {
                sampler.chooser.distractor_pool.band_of(blueprint.plan[-1].tool, name)
                for name in blueprint.tools
                if name not in needed
            }
            assert not count or bands >= {"near", "middle", "far"}
