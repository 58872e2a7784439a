"""What a run has come to so far: counted a line at a time, as it is on disk."""

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
    """How far a run is, for whoever watches it.

    `limit` is how many requests may be under way at once at the moment, `stopping` says that nothing new is begun, `breakers` the circuit breakers that are not closed, by model.
    """

    wanted: int
    attempted: int = 0
    kept: int = 0
    seconds: float = 0.0
    in_flight: int = 0
    tokens: int = 0
    cost: float | None = None
    retries: int = 0
    limit: int | None = None
    stopping: bool = False
    breakers: dict[str, str] = Field(default_factory=dict)
    categories: dict[str, dict[str, int]] = Field(default_factory=dict)


class Summary(Record):
    """What a run came to: the JSON document of `inftool synth`. `cost` is there where models played, `forecast` after a pilot."""

    run: str
    attempted: int
    kept: int
    rejected: int
    seconds: float
    rejections: dict[str, int] = Field(default_factory=dict)
    categories: dict[str, dict[str, int]] = Field(default_factory=dict)
    usage: dict[str, Annotated[Usage, AsJsonObject]] = Field(default_factory=dict)
    cost: JsonObject | None = None
    cast: dict[str, str] = Field(default_factory=dict)
    planted: dict[str, int] = Field(default_factory=dict)
    state: str = "complete"
    problem: str | None = None
    forecast: Forecast | None = None
    skipped: tuple[str, ...] = ()

    def trajectories(self) -> Iterator[Trajectory]:
        """The kept trajectories, read from the run folder one at a time."""
        return read_trajectories(Path(self.run))


class RunTotals:
    """The counts of one run, what an earlier process did of it included."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self.endpoints = endpoints
        self.codes: Counter[str] = Counter()
        self.planted: Counter[str] = Counter()
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
        """The whole bill, None where no model was asked."""
        return bill(self.usage, self.endpoints, self.kept) if self.endpoints else None


def as_done(trajectory: Trajectory, pile: Pile) -> Done:
    """What a stored trajectory counts as."""
    return Done(
        id=trajectory.id,
        pile=pile,
        fingerprint=trajectory.provenance["fingerprint"],
        category=trajectory.blueprint.category if trajectory.blueprint else "",
        codes=tuple(dict.fromkeys(finding.code for finding in trajectory.verdict.findings))
        if trajectory.verdict
        else (),
        planted=(trajectory.provenance.get("planted") or {}).get("kind"),
        usage=trajectory.provenance.get("usage") or {},
    )


def added_up(*usages: Mapping[str, Usage]) -> dict[str, Usage]:
    """The usage of several tries at one play, by role."""
    whole: dict[str, Usage] = {}
    for usage in usages:
        add_usage(whole, usage)
    return whole
