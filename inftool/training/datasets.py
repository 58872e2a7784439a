"""What training and evaluation read: the samples and preference pairs of runs, and blueprints of specs."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from inftool.agents.role_cards import load_personas
from inftool.core.blueprints import CATEGORIES, Blueprint, Category
from inftool.core.errors import ScenarioError, TrainingError
from inftool.export.formats.trl_dpo import PreferencePair, pairs
from inftool.export.sample import Sample, kept_samples
from inftool.runs.manifest import read_manifest
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import compile_specs
from inftool.synthesis.rehearsal import rehearse


def run_samples(runs: Sequence[Path]) -> Iterator[Sample]:
    """The samples of several runs, one at a time; those that cannot be said are left out."""
    for run in runs:
        read_manifest(run)
        yield from (sample for sample in kept_samples(run) if not sample.unusable)


def run_pairs(runs: Sequence[Path]) -> Iterator[PreferencePair]:
    """The preference pairs of several runs."""
    for run in runs:
        yield from (pair for pair in pairs(run) if not pair.unusable)


def recorded_spec_hashes(folder: Path) -> frozenset[str] | None:
    """The hashes of the specs that a model in a folder was trained on, by its own record; None where it has none."""
    try:
        record = json.loads((folder / "training.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return (
        frozenset(record["specs"])
        if isinstance(record, dict) and isinstance(record.get("specs"), list)
        else None
    )


def training_spec_hashes(
    model: str | Path, *, runs: Sequence[Path] = (), stage: WorldPool | None = None
) -> frozenset[str]:
    """The hashes of the specs behind runs and a stage, and of those that a model was trained on before."""
    of_runs = {api.sha256 for run in runs for api in read_manifest(run).apis.values()}
    of_stage = {api.sha256 for api in stage.toolset.apis} if stage is not None else set()
    return frozenset(of_runs | of_stage) | (recorded_spec_hashes(Path(model)) or frozenset())


def open_world_pool(specs: Sequence[str | Path]) -> WorldPool:
    """The stage of some specs; TrainingError where none has a usable operation."""
    apis = [api for api in compile_specs(specs) if api.tools]
    if not apis:
        raise TrainingError(
            "the specs have no usable operation",
            hint="inftool doctor SPECS says what is wrong with them",
        )
    return WorldPool(apis)


def draw_blueprints(
    stage: WorldPool, count: int, *, seed: int, categories: Sequence[Category] = CATEGORIES
) -> list[Blueprint]:
    """Blueprints that pass a rehearsal, no two alike; fewer than `count` where the specs are too small, TrainingError where there is none."""
    sampler, seen, found = (
        BlueprintSampler(stage, load_personas(), seed, categories),
        set[str](),
        list[Blueprint](),
    )
    for index in range(count):
        try:
            found.append(
                sampler.draw(index, seen, lambda blueprint: rehearse(blueprint, stage).passed)
            )
        except ScenarioError:
            continue
    if not found:
        raise TrainingError("no blueprint can be made from these specs")
    return found
