"""What the next model learns from: conversations that are neither too easy nor too hard for it.

They lie in a band of losses (UI-Simulator-Grow's 25-75%), with old data replayed. The measure of
difficulty is the target model's own loss (ToolACE). What lies below the band is drawn again harder,
what lies above it easier, until it lies within it. Both papers have their own ways of varying an
item; ours draws another blueprint of the same category that is harder or easier [reconstructed].
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field

from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import Blueprint
from inftool.core.errors import ScenarioError
from inftool.core.trajectories import Trajectory
from inftool.core.types import Record
from inftool.export.sample import samples
from inftool.runs.manifest import RunManifest, manifest_apis
from inftool.runs.run_folder import Run, read_trajectories
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.training._optional import require
from inftool.training.environment.environment import Environment
from inftool.training.models.loading import LoadedModel
from inftool.training.tokenization.protocol import RenderError
from inftool.training.tokenization.tokens import encode
from inftool.verification import judge

Measure = Callable[[Trajectory], float | None]
"""The loss of a trajectory under the target model; None where the model cannot be shown it."""

# Draws before a conversation is given up: each costs a rehearsal and a forward pass.
_MAX_DRAWS = 12


class GrowSettings(Record):
    """What a round learns from."""

    band: tuple[float, float] | None = None
    """The quantiles of loss between which conversations are learned from; None takes all."""

    replay: float = Field(default=0.0, ge=0.0, le=1.0)
    """Old conversations that are learned from again, as a share of the new."""


class Grown(Record):
    """What became of a round's conversations."""

    within: int = 0
    """Those that lay in the band."""

    harder: int = 0
    """Those that were drawn again, harder, into the band."""

    easier: int = 0
    """Those that were drawn again, easier, into the band."""

    given_up: int = 0
    """Those that could not be brought into it."""

    replayed: int = 0
    """Old conversations that were added."""

    low: float | None = None
    """The loss at the lower end of the band, in nats a token."""

    high: float | None = None
    """The loss at its upper end."""

    @property
    def total(self) -> int:
        """How many conversations there are to learn from."""
        return self.within + self.harder + self.easier + self.replayed


def loss_of(loaded: LoadedModel, *, max_length: int) -> Measure:
    """The mean loss of a model over what the assistant says in a trajectory, in nats a token."""
    torch = require("torch")

    def measure(trajectory: Trajectory) -> float | None:
        total, count = 0.0, 0
        for sample in samples(trajectory):
            try:
                found = encode(loaded.tokenizer, loaded.template, sample, max_length)
            except RenderError:
                return None
            if found is None:
                return None
            ids = torch.tensor([found.input_ids], device=loaded.model.device)
            labels = torch.tensor([found.labels], device=loaded.model.device)
            learned = int((labels[:, 1:] != -100).sum())
            loaded.model.eval()
            with torch.no_grad():
                total += float(loaded.model(input_ids=ids, labels=labels).loss) * learned
            count += learned
        return total / count if count else None

    return measure


def band_of(losses: Sequence[float], band: tuple[float, float]) -> tuple[float, float]:
    """The losses at two quantiles."""
    ordered = sorted(losses)
    last = len(ordered) - 1
    return ordered[round(band[0] * last)], ordered[round(band[1] * last)]


def grow(
    folder: Path,
    runs: Sequence[Path],
    old: Sequence[Path],
    pool: WorldPool,
    settings: GrowSettings,
    *,
    seed: int,
    measure: Measure | None = None,
) -> Grown:
    """Write what a round learns from into a run folder, and count what became of it.

    It is the runs' kept conversations, brought into the band if the settings name one, and some of
    the old runs'. `measure` is needed for a band. What cannot be brought into it in a dozen draws
    is given up.
    """
    fresh = [trajectory for run in runs for trajectory in _in_order(run)]
    found, chosen = Grown(within=len(fresh)), fresh
    if settings.band is not None and measure is not None and fresh:
        found, chosen = _banded(fresh, pool, settings.band, measure, seed)
    former = [trajectory for run in old for trajectory in _in_order(run)]
    again = random.Random(f"{seed}/replay").sample(
        former, min(len(former), round(settings.replay * len(chosen)))
    )
    manifest = RunManifest(state="running", apis=manifest_apis(pool.toolset.apis))
    with Run.create(folder, manifest) as run:
        run.append(
            [("kept", trajectory.model_dump_json().encode()) for trajectory in [*chosen, *again]]
        )
        done = found.model_copy(update={"replayed": len(again)})
        run.save(state="complete", grown=done.model_dump(mode="json"))
    return done


def _in_order(run: Path) -> list[Trajectory]:
    """What a run kept, in the order in which it was drawn: a run's lines lie in the order in which
    they came to an end."""
    return sorted(read_trajectories(run), key=lambda trajectory: trajectory.id)


def _banded(
    fresh: Sequence[Trajectory],
    pool: WorldPool,
    band: tuple[float, float],
    measure: Measure,
    seed: int,
) -> tuple[Grown, list[Trajectory]]:
    measured = [
        (trajectory, loss) for trajectory in fresh if (loss := measure(trajectory)) is not None
    ]
    if not measured:
        return Grown(given_up=len(fresh)), []
    low, high = band_of([loss for _, loss in measured], band)
    within = [trajectory for trajectory, loss in measured if low <= loss <= high]
    counts = {"harder": 0, "easier": 0, "given_up": len(fresh) - len(measured)}
    seen = {trajectory.blueprint.id for trajectory in fresh if trajectory.blueprint is not None}
    drawn: list[Trajectory] = []
    for number, (trajectory, loss) in enumerate(measured):
        if low <= loss <= high or trajectory.blueprint is None:
            continue
        direction: Literal["harder", "easier"] = "harder" if loss < low else "easier"
        another = next(
            _others(
                trajectory.blueprint,
                direction,
                pool,
                f"{seed}/{number}",
                seen,
                lambda made: low <= (measure(made) or -1.0) <= high,
            ),
            None,
        )
        counts[direction if another is not None else "given_up"] += 1
        if another is not None:
            drawn.append(another)
    return Grown(within=len(within), low=low, high=high, **counts), [*within, *drawn]


def _others(
    blueprint: Blueprint,
    direction: Literal["harder", "easier"],
    pool: WorldPool,
    seed: str,
    seen: set[str],
    fits: Callable[[Trajectory], bool],
) -> Iterator[Trajectory]:
    """Plays, as they should be, of other blueprints of a category with more or less to them, that
    fit."""
    sampler = BlueprintSampler(
        pool,
        load_personas(),
        random.Random(seed).randrange(2**31),
        (blueprint.category,),
        steer=False,
    )
    fingerprints: set[str] = set()
    for index in range(_MAX_DRAWS):
        try:
            other = sampler.draw(index, fingerprints, lambda drawn: rehearse(drawn, pool).passed)
        except ScenarioError:
            return
        # Of the hardest there is nothing harder, and of the easiest nothing easier: then another of
        # the same.
        wrong_way = (
            other.difficulty < blueprint.difficulty
            if direction == "harder"
            else other.difficulty > blueprint.difficulty
        )
        if wrong_way or other.id in seen:
            continue
        made = perfect_episode(other, pool)
        if fits(made):
            seen.add(other.id)
            yield made


def perfect_episode(blueprint: Blueprint, pool: WorldPool) -> Trajectory:
    """A blueprint played as it should be, judged."""
    environment = Environment(blueprint, pool)
    for message in rehearsed(blueprint, pool).messages:
        if message["role"] == "assistant" and not environment.done:
            environment.step(message)
    trajectory = environment.trajectory()
    return trajectory.model_copy(update={"verdict": judge(trajectory, pool)})
