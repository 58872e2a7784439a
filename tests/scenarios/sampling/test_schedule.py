"""The order of categories in a run."""

from __future__ import annotations

import pytest

from inftool.core.blueprints import CATEGORIES
from inftool.core.errors import ScenarioError
from inftool.scenarios.sampling.schedule import schedule


def test_weights_aim_the_categories() -> None:
    assert schedule(CATEGORIES, {}) == CATEGORIES
    aimed = schedule(CATEGORIES, {"recovery": 4.0, "simple": 0.0})
    assert "simple" not in aimed
    assert aimed.count("recovery") > 3 * aimed.count("policy")
    with pytest.raises(ScenarioError):
        schedule(("simple",), {"simple": 0.0})
