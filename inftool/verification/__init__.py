"""Verdicts on trajectories: gates over schemas, replay and state, all of which must pass."""

from __future__ import annotations

from inftool.verification.verdict import judge

__all__ = ["judge"]
