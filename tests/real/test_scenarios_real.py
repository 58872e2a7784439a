"""Blueprints of specs that were not written for this project: what each can give, why not the rest,
and the laws."""

from __future__ import annotations

from pathlib import Path

import pytest

from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import CATEGORIES, Blueprint
from inftool.core.errors import ScenarioError
from inftool.scenarios.reports.coverage_report import NEEDS, possible
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearse
from inftool.world.faults import documented_faults
from tests.support.laws import broken


@pytest.fixture
def real_stage(real_specs: Path) -> WorldPool:
    return WorldPool([api for api in compile_specs([real_specs]) if api.tools])


@pytest.mark.cpu_limit(300)
def test_eight_categories_out_of_every_spec_and_reasons_for_the_rest(real_stage: WorldPool) -> None:
    found = possible(
        real_stage, load_personas(), accept=lambda blueprint: rehearse(blueprint, real_stage).passed
    )
    assert len(found) >= 13
    for api, categories in found.items():
        assert list(categories) == list(CATEGORIES)
        if len(real_stage.api(api).tools) > 5:
            assert sum(why == "yes" for why in categories.values()) >= 8, api
        for category in CATEGORIES:
            why = categories[category]
            assert why == "yes" or (
                why.startswith(f"needs {NEEDS[category]}; 40 tries: ") and why.endswith("×)")
            )
        # What is said of the spec is true of the spec.
        if "documents a failure that passes (40×)" in categories["recovery"]:
            assert not any(documented_faults(tool) for tool in real_stage.api(api).tools)


@pytest.mark.nightly
@pytest.mark.cpu_limit(1200)
@pytest.mark.parametrize("seed", [5, 6])
def test_the_laws_hold_of_real_specs(real_stage: WorldPool, seed: int) -> None:
    sampler, seen = BlueprintSampler(real_stage, load_personas(), seed), set[str]()
    drawn: list[Blueprint] = []
    for index in range(640):
        try:
            drawn.append(
                sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, real_stage).passed)
            )
        except ScenarioError:
            continue
    assert len(drawn) >= 630
    assert [
        how for blueprint in drawn for how in broken(blueprint, real_stage, sampler.chooser)
    ] == []
