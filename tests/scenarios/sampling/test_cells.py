"""Cells: what there is to cover."""

from __future__ import annotations

from inftool.agents.role_cards import load_personas
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.sampling.cells import all_cells, covered_cells, minimum_calls
from inftool.scenarios.world_pool import WorldPool


def test_no_tool_needs_less_than_one_call(stage: WorldPool) -> None:
    assert minimum_calls(stage.tools.values(), []) >= len(stage.tools)


def test_blueprints_cover_cells_that_are_there(stage: WorldPool) -> None:
    sampler, seen = BlueprintSampler(stage, load_personas(), 3), set[str]()
    cells = all_cells(stage)
    for blueprint in (sampler.draw(index, seen) for index in range(16)):
        covered = covered_cells(blueprint, stage.tools)
        for kind in ("tool", "enum", "behaviour"):
            assert {cell for cell in covered if cell.startswith(f"{kind}:")} <= set(cells[kind])
