"""Verdicts: gates over schemas, replay and state; a trajectory is kept only where every gate
passes."""

from __future__ import annotations

from inftool.verification.verdict import judge

__all__ = ["judge"]
