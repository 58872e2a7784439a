"""Weights files are checked when they are read."""

from __future__ import annotations

import pytest

from inftool.scenarios.sampling.weights import SamplingWeights, read_weights


def test_a_weights_file_is_checked() -> None:
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


def test_weights_that_are_not_given_count_one() -> None:
    weights = SamplingWeights.of({"difficulty": {"4": 3}, "distractors": {"0": 1, "20": 0}})
    assert weights.level(4) == 3.0
    assert weights.level(1) == 1.0
    assert weights.distractors == {0: 1.0}
    assert SamplingWeights.of(None) == SamplingWeights()
