"""Edges count only if the consumer fails with a corrupted value."""

from __future__ import annotations

from inftool.scenarios.composition.edge_execution import corrupted, proven_edges
from inftool.scenarios.world_pool import WorldPool


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
