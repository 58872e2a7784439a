"""Planted mistakes: the verifier finds every one."""

from __future__ import annotations

import random

import pytest

from inftool.agents.role_cards import load_personas
from inftool.agents.scripted.mistakes import MISTAKES, Mistake
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearsed
from inftool.verification.verdict import judge


@pytest.mark.cpu_limit(180)
def test_no_mistake_goes_unnoticed(stage: WorldPool) -> None:
    sampler, seen, kinds = BlueprintSampler(stage, load_personas(), 5), set[str](), set[str]()
    for index in range(70):
        blueprint = sampler.draw(index, seen)
        for number in range(6):
            mistake = Mistake(blueprint, random.Random(f"{index}/{number}"))
            verdict = judge(rehearsed(blueprint, stage, mistake), stage)
            assert mistake.planted is not None
            assert not verdict.passed, mistake.planted
            kinds.add(mistake.planted["kind"])
    assert kinds == set(MISTAKES)
