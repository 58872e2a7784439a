"""The coverage map of a run, and why its cells are open."""

from __future__ import annotations

from inftool.agents.role_cards import load_personas
from inftool.scenarios.reports.coverage_report import coverage_map, render
from inftool.scenarios.reports.open_cells import Reasons
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse


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
