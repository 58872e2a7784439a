"""Coverage follows from the blueprints before, steers the sampler, and survives a resume."""

from __future__ import annotations

import pytest

from inftool.agents.role_cards import load_personas
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.sampling.cells import all_cells, covered_cells
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.sampling.diversity import entropies
from inftool.scenarios.sampling.schedule import fingerprint
from inftool.scenarios.world_pool import WorldPool


def test_cells_close_and_stay_closed(stage: WorldPool) -> None:
    sampler, seen = BlueprintSampler(stage, load_personas(), 2), set[str]()
    blueprints = [sampler.draw(index, seen) for index in range(24)]
    coverage = Coverage(all_cells(stage))
    before = {kind: len(coverage.open(kind)) for kind in coverage.universe}
    for blueprint in blueprints:
        found = covered_cells(blueprint, stage.tools)
        assert len(found) == len(set(found))
        coverage.add(found, api=blueprint.world.api)
        assert not any(coverage.is_open(cell) for cell in found if cell.startswith("tool:"))
    after = {kind: len(coverage.open(kind)) for kind in coverage.universe}
    assert all(after[kind] <= before[kind] for kind in before)
    assert after["tool"] < before["tool"]
    assert coverage.share("tool") == pytest.approx(
        1 - after["tool"] / len(coverage.universe["tool"])
    )


def test_what_was_drawn_before_can_be_taken_in_again(stage: WorldPool) -> None:
    one, other, seen, again = (
        BlueprintSampler(stage, load_personas(), 9),
        BlueprintSampler(stage, load_personas(), 9),
        set[str](),
        set[str](),
    )
    first = [one.draw(index, seen) for index in range(20)]
    for index in range(12):
        other.take(other.footprint(first[index]))
    again.update(fingerprint(blueprint) for blueprint in first[:12])
    assert [other.draw(index, again) for index in range(12, 20)] == first[12:]


def test_steering_covers_more_than_chance(stage: WorldPool) -> None:
    def drawn(steer: bool) -> tuple[float, float, float]:
        sampler, seen, coverage = (
            BlueprintSampler(stage, load_personas(), 4, steer=steer),
            set[str](),
            Coverage(all_cells(stage)),
        )
        blueprints = [sampler.draw(index, seen) for index in range(96)]
        for blueprint in blueprints:
            coverage.add(covered_cells(blueprint, stage.tools))
        return coverage.share("enum"), coverage.share("param"), entropies(blueprints)["domain"]

    steered, uniform = drawn(True), drawn(False)
    assert all(mine > theirs for mine, theirs in zip(steered, uniform, strict=True))
