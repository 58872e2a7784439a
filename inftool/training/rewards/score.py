"""The score of a message or an episode, and the gates it can stop at."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field

from inftool.core.types import Record

RewardGate = Literal[
    "format", "finish", "decision", "tool", "keys", "values", "outcome", "dialogue", "passed"
]
"""Where a message or an episode stopped; `passed`: it did not stop."""

REWARD_GATES: tuple[RewardGate, ...] = get_args(RewardGate)
"""Every gate, in the order in which they are tried."""


class Score(Record):
    """What a message or an episode is worth."""

    reward: float = Field(ge=0.0, le=1.0)
    """From 0 to 1."""

    gate: RewardGate
    """The gate at which it stopped."""

    parts: dict[str, float] = Field(default_factory=dict)
    """What each gate that was reached is worth by itself, each from 0 to 1."""

    counted: bool = True
    """False where the failure is the user's, the server's or the spec's.

    Such a score says nothing about the assistant: leave it out of a baseline.
    """

    codes: tuple[str, ...] = ()
    """The codes of the verdict's findings, of an episode."""

    @property
    def exact(self) -> bool:
        """Whether every gate was passed."""
        return self.gate == "passed"
