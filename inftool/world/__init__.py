"""The simulated world of an API: seeded state and the operations on it. Knows no transport."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from inftool.world.faults import FaultPlan as FaultPlan
    from inftool.world.recordings import Recordings as Recordings
    from inftool.world.rule_files import find_rules as find_rules
    from inftool.world.rule_files import load_rules as load_rules
    from inftool.world.world import World as World

__all__ = ["FaultPlan", "Recordings", "World", "find_rules", "load_rules"]

__getattr__ = lazy_exports(
    __name__,
    {
        "FaultPlan": "inftool.world.faults",
        "Recordings": "inftool.world.recordings",
        "World": "inftool.world.world",
        "find_rules": "inftool.world.rule_files",
        "load_rules": "inftool.world.rule_files",
    },
)
