"""How diverse blueprints are, in bits."""

from __future__ import annotations

from inftool.scenarios.sampling.diversity import entropy


def test_entropy_is_in_bits() -> None:
    assert entropy({"a": 1, "b": 1}) == 1.0
    assert entropy({}) == 0.0
