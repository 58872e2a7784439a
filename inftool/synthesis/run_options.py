"""What a run is asked to do, beside the APIs and the cast."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inftool.agents.judge import Judge
from inftool.core.blueprints import CATEGORIES, Category
from inftool.llm.usage import Caps
from inftool.verification.gates.novelty import Duplicates


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How much to play, of what, and when to stop."""

    seed: int
    """The same seed gives the same lines, whatever the concurrency."""

    count: int
    """How many blueprints the whole run plays."""

    concurrency: int
    """How many conversations are in flight at once, at most."""

    categories: tuple[Category, ...] = CATEGORIES
    """The categories to draw from."""

    weights: Mapping[str, Mapping[str, float]] | None = None
    """Sampling weights by category, API, tool, difficulty and number of distractors."""

    until: int | None = None
    """Stop after so many plays and forecast the whole run (a pilot); None plays all."""

    caps: Caps = field(default_factory=Caps)
    """Limits of cost, tokens and time: once one is reached, nothing new is begun."""

    deadline: float | None = None
    """The longest that one conversation may take, in seconds."""

    direct: bool = False
    """Call the worlds without an MCP server in between; the lines are the same."""

    judge: Judge | None = None
    """An optional judge; without one, the cast's judge if it has a model for it."""

    reflect: bool = False
    """Give a rejected play its reasons and play it once more (InfTool, section on quality)."""

    duplicates: Duplicates | None = None
    """What was drawn before, to leave out near-duplicates; None accepts them."""

    skipped: tuple[str, ...] = ()
    """Why specs without a usable operation are left out, one sentence each."""

    @property
    def planned(self) -> int:
        """How many blueprints this process plays at most, those of earlier ones included."""
        return self.count if self.until is None else min(self.count, self.until)
