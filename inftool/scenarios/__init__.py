"""Scenarios: blueprints sampled from the specs or written by hand, each run before it is played."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from inftool.scenarios.authoring.document import WrittenCall as WrittenCall
    from inftool.scenarios.authoring.document import WrittenTurn as WrittenTurn
    from inftool.scenarios.authoring.document import write_blueprint as write_blueprint
    from inftool.scenarios.authoring.loader import read_blueprint as read_blueprint
    from inftool.scenarios.sampler import BlueprintSampler as BlueprintSampler
    from inftool.scenarios.world_pool import WorldPool as WorldPool

__all__ = [
    "BlueprintSampler",
    "WorldPool",
    "WrittenCall",
    "WrittenTurn",
    "read_blueprint",
    "write_blueprint",
]

__getattr__ = lazy_exports(
    __name__,
    {
        "BlueprintSampler": "inftool.scenarios.sampler",
        "WorldPool": "inftool.scenarios.world_pool",
        "WrittenCall": "inftool.scenarios.authoring.document",
        "WrittenTurn": "inftool.scenarios.authoring.document",
        "read_blueprint": "inftool.scenarios.authoring.loader",
        "write_blueprint": "inftool.scenarios.authoring.document",
    },
)
