"""The settings of the loop, and what a round comes to."""

from __future__ import annotations

from collections.abc import Callable

from pydantic import Field

from inftool.core.blueprints import CATEGORIES, Category
from inftool.core.types import Record
from inftool.training.config import TrainConfig
from inftool.training.loop.gaps import GapSettings
from inftool.training.selection import Grown, GrowSettings

Watch = Callable[[str], None]
"""Takes a line about each stage as it begins."""


class LoopConfig(Record):
    """The settings of a loop."""

    rounds: int = Field(default=2, ge=1)
    """The most rounds; it may stop earlier (`epsilon`)."""

    count: int = Field(default=200, ge=1)
    """Conversations that are synthesized in a round."""

    prompts: int = Field(default=32, ge=1)
    """Blueprints that GRPO plays in a round."""

    held_out: int = Field(default=60, ge=1)
    """Blueprints of the held-out specs, on which every model is evaluated."""

    plays: int = Field(default=2, ge=1)
    """How often each of them is played."""

    temperature: float = Field(default=0.0, ge=0.0)
    """The temperature of the evaluations."""

    seed: int = 0
    """The seed of all that is drawn."""

    epsilon: float = 0.0
    """The loop stops where a round gains less than this share of exact episodes.

    The paper stops at a threshold too, and does not publish it [reconstructed].
    """

    target: bool = True
    """Whether the gaps of one round steer what the next one synthesizes."""

    categories: tuple[Category, ...] = CATEGORIES
    """The categories of blueprints."""

    sft: TrainConfig = Field(default_factory=TrainConfig)
    """How a round is fine-tuned."""

    grpo: TrainConfig | None = None
    """How it then learns from its own episodes; None leaves GRPO out."""

    gaps: GapSettings = Field(default_factory=GapSettings)
    """How gaps are found and weighed."""

    improve: int = Field(default=0, ge=0)
    """Conversations in which the last round's model plays the assistant, from round 2 on."""

    grow: GrowSettings = Field(default_factory=GrowSettings)
    """What a round learns from: its band of losses and its replay."""

    slack: float | None = Field(default=None, ge=0.0)
    """How much a skill (a category) may lose before a round's model is turned down.

    The next round then begins with the model this one began with. None takes every model.
    """


class LoopRound(Record):
    """What a round came to: its manifest.

    Nothing in it depends on the time or on how often the round was resumed.
    """

    round: int
    """The number of the round, from 1."""

    kept: int
    """Conversations that passed the gates."""

    model: str
    """The folder of its model, inside the loop's."""

    sft_loss: float | None = None
    """The last loss of SFT."""

    reward: float | None = None
    """The mean reward at the end of GRPO."""

    exact: float
    """The share of exact episodes on the held-out specs."""

    interval: tuple[float, float]
    """Its 95% bootstrap interval."""

    weights: dict[Category, float]
    """The mixture that the next round should have."""

    gaps: tuple[str, ...] = ()
    """The widest gaps, in words."""

    own: int = 0
    """Conversations kept of those that the model itself played."""

    learnt: Grown | None = None
    """What became of the conversations, where the round chose among them."""

    skills: dict[str, float] = Field(default_factory=dict)
    """The share of exact episodes by category."""

    lost: dict[str, float] = Field(default_factory=dict)
    """What each skill lost against the model that the round began with, where it lost anything."""

    accepted: bool = True
    """Whether the next round goes on from this model."""
