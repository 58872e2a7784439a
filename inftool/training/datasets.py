"""What training and evaluation read: samples and preference pairs of runs, blueprints of specs."""

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
    """The samples of several runs, one at a time; unusable ones are left out."""
    for run in runs:
        # For its error: a folder that is not a run has no manifest.
        read_manifest(run)
        yield from (sample for sample in kept_samples(run) if not sample.unusable)


def run_pairs(runs: Sequence[Path]) -> Iterator[PreferencePair]:
    """The preference pairs of several runs, one at a time; unusable ones are left out."""
    for run in runs:
        yield from (pair for pair in pairs(run) if not pair.unusable)


def recorded_spec_hashes(folder: Path) -> frozenset[str] | None:
    """The hashes of the specs that a model in a folder was trained on.

    They stand in the folder's `training.json`. None if it has no such record.
    """
    try:
        record = json.loads((folder / "training.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    specs = record.get("specs") if isinstance(record, dict) else None
    return frozenset(specs) if isinstance(specs, list) else None


def training_spec_hashes(
    model: str | Path, *, runs: Sequence[Path] = (), pool: WorldPool | None = None
) -> frozenset[str]:
    """The hashes of all specs that a model will have been trained on.

    Those behind the runs, those of the pool, and those of the model's own record.
    """
    # By hash: a spec that was changed since is another one.
    of_runs = {api.sha256 for run in runs for api in read_manifest(run).apis.values()}
    of_pool = {api.sha256 for api in pool.toolset.apis} if pool is not None else set()
    return frozenset(of_runs | of_pool) | (recorded_spec_hashes(Path(model)) or frozenset())


def open_world_pool(specs: Sequence[str | Path]) -> WorldPool:
    """The worlds of some specs; TrainingError where none of them has a usable operation."""
    apis = [api for api in compile_specs(specs) if api.tools]
    if not apis:
        raise TrainingError(
            "the specs have no usable operation",
            hint="inftool doctor SPECS says what is wrong with them",
        )
    return WorldPool(apis)


def draw_blueprints(
    pool: WorldPool, count: int, *, seed: int, categories: Sequence[Category] = CATEGORIES
) -> list[Blueprint]:
    """Blueprints that pass a rehearsal, no two alike.

    They may be fewer than `count` where the specs are too small; TrainingError where there is none.
    """
    sampler = BlueprintSampler(pool, load_personas(), seed, categories)
    fingerprints: set[str] = set()
    blueprints: list[Blueprint] = []
    for index in range(count):
        try:
            blueprint = sampler.draw(
                index, fingerprints, lambda drawn: rehearse(drawn, pool).passed
            )
        except ScenarioError:
            # Nothing of the category at this index can be made of these specs.
            continue
        blueprints.append(blueprint)
    if not blueprints:
        raise TrainingError("no blueprint can be made from these specs")
    return blueprints
