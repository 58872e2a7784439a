"""What people are told about a world."""

from __future__ import annotations

from inftool.world.report import describe_specs, render_world
from tests.support.apis import (
    ROOT,
)


def test_doctor_tells_what_a_world_is_made_of_and_what_falls_back() -> None:
    told = describe_specs([ROOT / "specs" / "clinic.yaml", ROOT / "specs" / "calendar.yaml"])
    assert [bool(world["rules"]) for world in told["worlds"]] == [False, True] or [
        bool(world["rules"]) for world in told["worlds"]
    ] == [True, False]
    text = render_world(told)
    assert "states booked > checked_in > completed" in text
    assert "queryFreeBusy: compute free busy  FALLS BACK: " in text
    assert "1 of 18 tools fall back" in text
    assert render_world({"worlds": []}) == "no spec has a usable operation"
