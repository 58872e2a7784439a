"""One blueprint as a reinforcement-learning environment: `Environment`, and TRL's form of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from inftool.training.environment.environment import Environment as Environment

__all__ = ["Environment"]

__getattr__ = lazy_exports(__name__, {"Environment": "inftool.training.environment.environment"})
