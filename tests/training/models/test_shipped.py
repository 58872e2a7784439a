"""The base that ships is small, says what it has seen, and plays."""

from __future__ import annotations

from pathlib import Path

import pytest

from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.environment import Environment
from inftool.training.models.shipped import (
    SHIPPED_MODEL,
    TINY_CATEGORIES,
    split_specs,
    trained_api_names,
)
from tests.conftest import SPECS


def test_the_base_ships_and_is_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED_MODEL.iterdir()) < 2_000_000
    assert len(trained_api_names()) == 6
    taught, held = split_specs([SPECS])
    assert sorted(Path(path).name for path in held) == ["airline.json", "smart-home.json"]
    assert len(taught) == 6


@pytest.mark.cpu_limit(120)
def test_the_base_plays() -> None:
    pytest.importorskip("trl")
    from inftool.training.models.loading import load_model
    from inftool.training.models.policy import ModelPolicy, run_episodes

    stage = open_world_pool([SPECS / "airline.json"])
    environments = [
        Environment(blueprint, stage)
        for blueprint in draw_blueprints(stage, 7, seed=2, categories=TINY_CATEGORIES)
    ]
    for constrained in (False, True):
        run_episodes(
            environments,
            ModelPolicy(
                load_model(SHIPPED_MODEL),
                max_new_tokens=48,
                temperature=1.0,
                constrained=constrained,
            ),
        )
        assert all(environment.done for environment in environments)
