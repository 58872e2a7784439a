"""The data of a round: synthesized, played by the model itself, and chosen."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from inftool.core.blueprints import Category
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.synthesize import synthesize
from inftool.training.loop.markers import is_complete_run
from inftool.training.loop.records import LoopConfig, Watch
from inftool.training.models.loading import load_model
from inftool.training.models.server import SERVED_MODEL_NAME, serve_model
from inftool.training.selection import Grown, grow, loss_of

# Rounds draw from seeds far enough apart that no two draw the same conversation.
_SEED_STEP = 1000
# The conversations that the model plays are other ones than the round's scripted ones.
_OWN_SEED_OFFSET = 500
# Conversations that the model plays at the same time; the server answers one after another.
_OWN_CONCURRENCY = 4


def round_seed(config: LoopConfig, number: int) -> int:
    """The seed of all that a round draws."""
    return config.seed + _SEED_STEP * number


class TrainingData(NamedTuple):
    """What a round learns from."""

    scripted: Path
    """The run of scripted conversations."""

    own: Path | None
    """The run of conversations that the model itself played."""

    chosen: Path
    """The run folder that is trained on."""

    grown: Grown | None
    """What became of the conversations, where the round chose among them."""


class RoundData:
    """Makes the data of each round of a loop; what is complete on disk is not made again."""

    def __init__(
        self,
        specs: Sequence[str | Path],
        pool: WorldPool,
        out: Path,
        config: LoopConfig,
        watch: Watch,
    ) -> None:
        self._specs = list(specs)
        self._pool = pool
        self._out = out
        self._config = config
        self._watch = watch

    def make(
        self, folder: Path, number: int, categories: Sequence[Category], model: Path
    ) -> TrainingData:
        """Synthesize what a round learns from, and choose among it where the settings say so.

        `folder` is the round's, `number` counts from 1, `model` is the one it begins with.
        """
        scripted = self._scripted_run(folder / "run", number, categories)
        own = None
        if self._config.improve and number > 1:
            own = self._own_run(folder / "own", number, categories, model)
        runs = [scripted, own] if own else [scripted]
        settings = self._config.grow
        if len(runs) == 1 and settings.band is None and not settings.replay:
            return TrainingData(scripted, own, scripted, None)
        grown = self._grown(folder / "data", number, model, runs)
        return TrainingData(scripted, own, folder / "data", grown)

    def _scripted_run(self, folder: Path, number: int, categories: Sequence[Category]) -> Path:
        """Conversations in which everybody is scripted."""
        if is_complete_run(folder):
            return folder
        self._watch(f"round {number}: synthesizing")
        if (folder / "run.json").is_file():
            synthesize(out=folder, resume=True)
        else:
            synthesize(
                self._specs,
                out=folder,
                count=self._config.count,
                seed=round_seed(self._config, number),
                categories=tuple(categories),
            )
        return folder

    def _own_run(
        self, folder: Path, number: int, categories: Sequence[Category], model: Path
    ) -> Path:
        """Conversations in which the model itself is the assistant; what passes is learned from."""
        if is_complete_run(folder):
            return folder
        # The address changes from start to start, so an interrupted run cannot be resumed; started
        # over, the model answers as it did.
        shutil.rmtree(folder, ignore_errors=True)
        self._watch(f"round {number}: the model plays the assistant")
        config = self._config
        with serve_model(model, max_length=config.sft.max_length) as address:
            assistant = {
                "model": SERVED_MODEL_NAME,
                "key_env": "INFTOOL_NO_KEY",
                "temperature": config.temperature,
                "max_tokens": config.sft.max_new_tokens,
                "base_url": address,
            }
            synthesize(
                self._specs,
                out=folder,
                count=config.improve,
                seed=round_seed(self._config, number) + _OWN_SEED_OFFSET,
                categories=tuple(categories),
                roles={"assistant": assistant},
                concurrency=_OWN_CONCURRENCY,
            )
        return folder

    def _grown(self, folder: Path, number: int, model: Path, runs: Sequence[Path]) -> Grown:
        """Write the conversations that a round chose among those of its runs and earlier ones."""
        settings = self._config.grow
        if not is_complete_run(folder):
            shutil.rmtree(folder, ignore_errors=True)
            self._watch(f"round {number}: choosing what to learn from")
            measure = None
            if settings.band is not None:
                measure = loss_of(load_model(model), max_length=self._config.sft.max_length)
            old = [self._out / f"round-{earlier}" / "run" for earlier in range(1, number)]
            grow(
                folder,
                runs,
                old,
                self._pool,
                settings,
                seed=round_seed(self._config, number),
                measure=measure,
            )
        manifest = json.loads((folder / "run.json").read_text("utf-8"))
        return Grown.model_validate(manifest["grown"])
