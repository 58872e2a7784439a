"""The totals of a run, counted line by line as the disk has them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field

from inftool.core.blueprints import CATEGORIES
from inftool.core.trajectories import Trajectory, Usage
from inftool.core.types import AsJsonObject, JsonObject, Record
from inftool.llm.config import Endpoint
from inftool.llm.usage import add_usage, bill, cost_of, tokens_of
from inftool.runs.run_folder import Done, Pile, read_trajectories
from inftool.synthesis.forecast import Forecast


class CategoryTally(Record):
    """How far a run is, for whoever watches it."""

    wanted: int
    """How many plays this process is to end with; 0 if that is not known."""

    attempted: int = 0
    """How many are stored."""

    kept: int = 0
    """How many of those passed every gate."""

    seconds: float = 0.0
    """The time since the start of this process."""

    in_flight: int = 0
    """Conversations that have begun and are not stored yet."""

    tokens: int = 0
    """Tokens paid for so far."""

    cost: float | None = None
    """Money spent so far, None without models."""

    retries: int = 0
    """Requests that were repeated."""

    limit: int | None = None
    """How many requests may be under way at once at the moment, None without models."""

    stopping: bool = False
    """Whether nothing new is begun."""

    breakers: dict[str, str] = Field(default_factory=dict)
    """The circuit breakers that are not closed: model -> state."""

    categories: dict[str, dict[str, int]] = Field(default_factory=dict)
    """Attempted and kept, by category."""


class Summary(Record):
    """What a run came to: the JSON document of `inftool synth`."""

    run: str
    """The run folder."""

    attempted: int
    """How many trajectories are stored."""

    kept: int
    """How many of them passed every gate."""

    rejected: int
    """How many of them did not."""

    seconds: float
    """How long this process took."""

    rejections: dict[str, int] = Field(default_factory=dict)
    """Reason code -> how many trajectories it rejected."""

    categories: dict[str, dict[str, int]] = Field(default_factory=dict)
    """Attempted and kept, by category."""

    usage: dict[str, Annotated[Usage, AsJsonObject]] = Field(default_factory=dict)
    """Tokens and calls, by role."""

    cost: JsonObject | None = None
    """The bill, None without models."""

    cast: dict[str, str] = Field(default_factory=dict)
    """Role -> who played it."""

    planted: dict[str, int] = Field(default_factory=dict)
    """Mistakes that the scripted assistant made on purpose, by kind."""

    state: str = "complete"
    """`complete`, `stopped` or `failed`."""

    problem: str | None = None
    """Why the run stopped early."""

    forecast: Forecast | None = None
    """What the whole run will come to, after a pilot."""

    skipped: tuple[str, ...] = ()
    """Why specs without a usable operation were left out."""

    def trajectories(self) -> Iterator[Trajectory]:
        """The kept trajectories, read from the run folder one at a time."""
        return read_trajectories(Path(self.run))


class RunTotals:
    """The counts of one run, those of earlier processes included."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self.endpoints = endpoints
        self.codes: Counter[str] = Counter()
        self.planted: Counter[str] = Counter()
        # Both roles are always there, so that readers of `run.json` need not ask.
        self.usage: dict[str, Usage] = {"user": {}, "assistant": {}}
        self.kept = 0
        self.attempted = 0
        self._categories: dict[str, Counter[str]] = {}

    def count(self, done: Done) -> None:
        """Count one stored line."""
        counts = self._categories.setdefault(done.category, Counter(attempted=0, kept=0))
        self.attempted += 1
        counts["attempted"] += 1
        if done.pile == "kept":
            self.kept += 1
            counts["kept"] += 1
        self.codes.update(done.codes)
        if done.planted:
            self.planted[done.planted] += 1
        add_usage(self.usage, done.usage)

    @property
    def tokens(self) -> int:
        """Every token that was paid for."""
        return sum(map(tokens_of, self.usage.values()))

    @property
    def cost(self) -> float:
        """The money spent."""
        return sum(cost_of(self.usage, self.endpoints).values())

    def categories(self) -> dict[str, dict[str, int]]:
        """Attempted and kept, by category."""
        return {
            name: dict(self._categories[name]) for name in CATEGORIES if name in self._categories
        }

    def bill(self) -> JsonObject | None:
        """The whole bill, None without models."""
        return bill(self.usage, self.endpoints, self.kept) if self.endpoints else None


def as_done(trajectory: Trajectory, pile: Pile) -> Done:
    """What a stored trajectory counts as."""
    findings = trajectory.verdict.findings if trajectory.verdict else ()
    return Done(
        id=trajectory.id,
        pile=pile,
        fingerprint=trajectory.provenance["fingerprint"],
        category=trajectory.blueprint.category if trajectory.blueprint else "",
        codes=tuple(dict.fromkeys(finding.code for finding in findings)),
        planted=(trajectory.provenance.get("planted") or {}).get("kind"),
        usage=trajectory.provenance.get("usage") or {},
    )


def added_up(*usages: Mapping[str, Usage]) -> dict[str, Usage]:
    """The usage of several tries at one play, by role."""
    whole: dict[str, Usage] = {}
    for usage in usages:
        add_usage(whole, usage)
    return whole
