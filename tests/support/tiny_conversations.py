"""Conversations of two APIs, played by script: the tiny model's base has seen one of them."""

from __future__ import annotations

from functools import lru_cache

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.synthesis.rehearsal import rehearsed
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.models.shipped import TINY_CATEGORIES
from tests.conftest import SPECS


@lru_cache(maxsize=1)
def conversations() -> tuple[tuple[list[ChatMessage], list[ToolSpec]], ...]:
    """The messages and tools of each; drawn once in a session, and not to be changed."""
    drawn = []
    for spec in ("airline.json", "clinic.yaml"):
        pool = open_world_pool([SPECS / spec])
        for blueprint in draw_blueprints(pool, 120, seed=4, categories=TINY_CATEGORIES):
            trajectory = rehearsed(blueprint, pool)
            drawn.append(([*trajectory.messages], [*trajectory.tools]))
    return tuple(drawn)
