"""Coverage follows from the blueprints before, steers the sampler, and survives a resume."""

from __future__ import annotations

import pytest

from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import CATEGORIES
from inftool.core.errors import ScenarioError
from inftool.scenarios.composition.edge_execution import corrupted, proven_edges
from inftool.scenarios.reports.coverage_report import coverage_map, render
from inftool.scenarios.reports.open_cells import Reasons
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.sampling.cells import all_cells, covered_cells, minimum_calls
from inftool.scenarios.sampling.coverage import Coverage
from inftool.scenarios.sampling.diversity import entropies, entropy
from inftool.scenarios.sampling.schedule import schedule
from inftool.scenarios.sampling.weights import read_weights
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse


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
    from inftool.scenarios.sampling.schedule import fingerprint

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


def test_no_edge_counts_without_its_negative_control(stage: WorldPool) -> None:
    api = next(name for name in stage.api_names if "bookshop" in name)
    good, bad = proven_edges(stage, api)
    assert len(good) > 20
    assert any(edge.certain for edge in good)
    assert {edge.key for edge in good} & {edge.key for edge, _ in bad} == set()
    assert all(why for _, why in bad)
    for value in ("3b5adc6d-afea-414e-af73-2c9234d42564", "QP7388092661", 1043, "evt_6f0n6z0qbb"):
        assert corrupted(value) != value
        assert type(corrupted(value)) is type(value)


def test_the_map_of_a_run_can_be_read(stage: WorldPool) -> None:
    sampler, seen = BlueprintSampler(stage, load_personas(), 2), set[str]()
    api = next(name for name in stage.api_names if "bookshop" in name)
    alone = WorldPool([stage.api(api)])
    document = coverage_map(
        alone, [b for b in (sampler.draw(index, seen) for index in range(24)) if b.world.api == api]
    )
    assert document["kinds"]["tool"]["cells"] == len(alone.tools)
    assert document["minimum calls"] >= len(alone.tools)
    assert "tool" in render(document)


def test_every_open_cell_says_why(stage: WorldPool) -> None:
    personas = load_personas()
    api = next(name for name in stage.api_names if "bookshop" in name)
    alone = WorldPool([stage.api(api)])
    document = coverage_map(
        alone, [], personas, most=6, accept=lambda blueprint: rehearse(blueprint, alone).passed
    )
    for kind in ("tool", "param", "enum", "edge"):
        row = document["kinds"][kind]
        assert list(row["why"]) == row["open"][:6]
        assert any(why.startswith("it can be had") for why in row["why"].values())
    assert f"({document['kinds']['tool']['why'][document['kinds']['tool']['open'][0]]})" in render(
        document
    )
    reasons = Reasons(stage, personas, [])
    assert "no account of 12 worlds has it" in reasons.why("enum:listAccounts/currency=CHF")
    assert "the answer holds nothing to tell" in reasons.why("tool:queryFreeBusy")
    assert "nothing that a user can wish for" in reasons.why("status:getBook:401")
    assert reasons.why("category:getBook:simple") == ""


def test_weights_aim_the_categories() -> None:
    assert schedule(CATEGORIES, {}) == CATEGORIES
    aimed = schedule(CATEGORIES, {"recovery": 4.0, "simple": 0.0})
    assert "simple" not in aimed
    assert aimed.count("recovery") > 3 * aimed.count("policy")
    with pytest.raises(ScenarioError):
        schedule(("simple",), {"simple": 0.0})
    assert read_weights('{"categories": {"policy": 2}}') == {"categories": {"policy": 2}}
    for wrong in (
        "[]",
        '{"difficulty": {"6": 1}}',
        '{"distractors": {"many": 1}}',
        '{"distractors": {}}',
        '{"difficulty": {"1": 0, "2": 0, "3": 0, "4": 0, "5": 0}}',
        '{"other": {}}',
        '{"categories": {"policy": -1}}',
        '{"categories": {"nonsense": 1}}',
    ):
        with pytest.raises(ValueError):
            read_weights(wrong)


def test_entropy_and_the_fewest_calls(stage: WorldPool) -> None:
    assert entropy({"a": 1, "b": 1}) == 1.0
    assert entropy({}) == 0.0
    assert minimum_calls(stage.tools.values(), []) >= len(stage.tools)


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
