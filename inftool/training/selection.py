"""What the next model learns from: what suits it neither too easily nor too hard
(UI-Simulator-Grow's 25-75% band of losses), with old data replayed.

The target model's own loss is the measure of difficulty (ToolACE). What lies below the band is
drawn again harder, what lies above it easier, until it lies within
it. How both papers vary an item is theirs; ours draws another blueprint of the same category with
more or less to it [reconstructed].
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

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

# The loss of a trajectory under the target model; None where the model cannot be shown it.
Measure = Callable[[Trajectory], float | None]
TRIES = 12


class GrowSettings(Record):
    """`band`: the quantiles of loss that a round learns from, None for all of it; `replay`: old
    conversations that are learnt from again, as a share of the new."""

    band: tuple[float, float] | None = None
    replay: float = Field(default=0.0, ge=0.0, le=1.0)


class Grown(Record):
    """What became of a round's conversations: how many lay in the band, were drawn again harder or
    easier into it, were given up, and were replayed.

    `low` and `high` are the losses at the band's ends.
    """

    within: int = 0
    harder: int = 0
    easier: int = 0
    given_up: int = 0
    replayed: int = 0
    low: float | None = None
    high: float | None = None

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
            learnt = int((labels[:, 1:] != -100).sum())
            loaded.model.eval()
            with torch.no_grad():
                total += float(loaded.model(input_ids=ids, labels=labels).loss) * learnt
            count += learnt
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
    stage: WorldPool,
    settings: GrowSettings,
    *,
    seed: int,
    measure: Measure | None = None,
) -> Grown:
    """Write what is to be learnt from into a run folder: the runs' kept conversations, brought into
    the band where there is one, and some of the old ones.

    `measure` is needed for a band. What cannot be brought into it in a dozen draws is given up, and
    counted.
    """
    fresh = [trajectory for run in runs for trajectory in _in_order(run)]
    found, chosen = Grown(within=len(fresh)), fresh
    if settings.band is not None and measure is not None and fresh:
        found, chosen = _banded(fresh, stage, settings.band, measure, seed)
    former = [trajectory for run in old for trajectory in _in_order(run)]
    again = random.Random(f"{seed}/replay").sample(
        former, min(len(former), round(settings.replay * len(chosen)))
    )
    manifest = RunManifest(state="running", apis=manifest_apis(stage.toolset.apis))
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
    stage: WorldPool,
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
        way = "harder" if loss < low else "easier"
        another = next(
            _others(
                trajectory.blueprint,
                way,
                stage,
                f"{seed}/{number}",
                seen,
                lambda made: low <= (measure(made) or -1.0) <= high,
            ),
            None,
        )
        counts[way if another is not None else "given_up"] += 1
        if another is not None:
            drawn.append(another)
    return Grown(within=len(within), low=low, high=high, **counts), [*within, *drawn]


def _others(
    blueprint: Blueprint,
    way: str,
    stage: WorldPool,
    seed: str,
    seen: set[str],
    fits: Callable[[Trajectory], bool],
) -> Iterator[Trajectory]:
    """Plays, as they should be, of other blueprints of a category with more or less to them, that
    fit."""
    sampler = BlueprintSampler(
        stage,
        load_personas(),
        random.Random(seed).randrange(2**31),
        (blueprint.category,),
        steer=False,
    )
    marks: set[str] = set()
    for index in range(TRIES):
        try:
            other = sampler.draw(index, marks, lambda drawn: rehearse(drawn, stage).passed)
        except ScenarioError:
            return
        # Of the hardest there is nothing harder, and of the easiest nothing easier: then another of
        # the same.
        wrong_way = (
            other.difficulty < blueprint.difficulty
            if way == "harder"
            else other.difficulty > blueprint.difficulty
        )
        if wrong_way or other.id in seen:
            continue
        made = perfect_episode(other, stage)
        if fits(made):
            seen.add(other.id)
            yield made


def perfect_episode(blueprint: Blueprint, stage: WorldPool) -> Trajectory:
    """A blueprint played as it should be, judged."""
    environment = Environment(blueprint, stage)
    for message in rehearsed(blueprint, stage).messages:
        if message["role"] == "assistant" and not environment.done:
            environment.step(message)
    trajectory = environment.trajectory()
    return trajectory.model_copy(update={"verdict": judge(trajectory, stage)})
