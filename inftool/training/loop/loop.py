"""The closed loop (InfTool): synthesize, train, evaluate, synthesize what is still missing.

Round after round, and resumable at every stage: a stage is done once its marker is on disk, and one
that was interrupted is started over.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from inftool.core.blueprints import Blueprint, Category
from inftool.core.errors import UsageError
from inftool.runs.run_folder import read_rows
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.evaluation.evaluation import Evaluation, evaluate
from inftool.training.loop.gaps import Gaps, find_gaps, mixture
from inftool.training.loop.markers import write_document
from inftool.training.loop.page import write_page
from inftool.training.loop.records import LoopConfig, LoopRound, Watch
from inftool.training.loop.round_data import RoundData, round_seed
from inftool.training.models.loading import load_model
from inftool.training.models.policy import ModelPolicy
from inftool.training.trainers.grpo import train_grpo
from inftool.training.trainers.sft import train_sft
from inftool.training.trainers.training_run import TrainingSummary

# The held-out blueprints come from a seed that no round uses.
_EXAM_SEED_OFFSET = 7
# A step's reward is noisy: a round's is the mean of the last steps of GRPO.
_REWARD_STEPS = 8
# A manifest names the widest gaps; all of them are in gaps.json.
_GAPS_SHOWN = 20
# Episodes of an evaluation that the model continues at once; more need more memory.
_EVALUATION_BATCH = 32


class _TrainedModel(NamedTuple):
    """What came of training."""

    folder: Path
    """The model's folder."""

    sft_loss: float | None
    """The last loss of SFT."""

    reward: float | None
    """The mean reward at the end of GRPO."""


class Loop:
    """One loop in its folder. `run()` does what is not done yet."""

    def __init__(
        self,
        specs: Sequence[str | Path],
        held_out: Sequence[str | Path],
        model: str | Path,
        out: Path,
        config: LoopConfig,
        watch: Watch = lambda line: None,
    ) -> None:
        self.model = Path(model)
        self.out = out
        self.config = config
        self.watch = watch
        self.pool, self.exam_pool = open_world_pool(specs), open_world_pool(held_out)
        self._data = RoundData(specs, self.pool, out, config, watch)
        trained_on = [api.sha256 for api in self.pool.toolset.apis]
        if {api.sha256 for api in self.exam_pool.toolset.apis}.intersection(trained_on):
            raise UsageError(
                "a held-out spec is among those that are trained on",
                hint="name other specs with --held-out",
            )
        inputs = {
            "config": config.model_dump(mode="json"),
            "model": str(model),
            "specs": trained_on,
        }
        out.mkdir(parents=True, exist_ok=True)
        marker = out / "loop.json"
        if marker.is_file() and json.loads(marker.read_text("utf-8")) != inputs:
            raise UsageError(
                f"{out} was begun with other settings, specs or another model",
                hint="choose another folder with -o",
            )
        write_document(marker, inputs)

    def run(self) -> list[LoopRound]:
        """Run every round up to the last, or up to the first that gains less than epsilon."""
        before = self._evaluated(self.out / "before.json", self.model, "before training")
        rounds: list[LoopRound] = []
        weights: dict[Category, float] | None = None
        model, exact = self.model, before.overall.exact
        skills = before.skills()
        for number in range(1, self.config.rounds + 1):
            rounds.append(self._round(number, model, weights, skills))
            last = rounds[-1]
            weights = last.weights if self.config.target else None
            if not last.accepted:
                lost = ", ".join(last.lost)
                self.watch(f"round {number} lost {lost}: the next one begins where it did")
                continue
            model, skills = self.out / last.model, last.skills
            if last.exact - exact < self.config.epsilon:
                self.watch(f"round {number} brought {last.exact - exact:+.3f}: stopping")
                break
            exact = last.exact
        write_page(self.out / "loop.html", before, rounds)
        return rounds

    def _round(
        self,
        number: int,
        model: Path,
        weights: dict[Category, float] | None,
        skills: Mapping[str, float],
    ) -> LoopRound:
        """One round, beginning with a model that has these skills."""
        folder = self.out / f"round-{number}"
        manifest = folder / "manifest.json"
        if manifest.is_file():
            return LoopRound.model_validate_json(manifest.read_text("utf-8"))
        categories = mixture(weights) if weights else self.config.categories
        data = self._data.make(folder, number, categories, model)
        trained = self._train(folder, number, categories, model, data.chosen)
        evaluation = self._evaluated(
            folder / "eval.json", trained.folder, f"round {number}: held out"
        )
        skills_after = evaluation.skills()
        lost = {
            name: round(share - skills_after[name], 4)
            for name, share in skills.items()
            if skills_after.get(name, share) < share
        }
        # No skill can lose more than 1, so that slack takes every model.
        slack = self.config.slack if self.config.slack is not None else 1.0
        refused = {name: loss for name, loss in lost.items() if loss > slack}
        gaps = self._gaps(folder / "gaps.json", evaluation, refused)
        done = LoopRound(
            round=number,
            kept=_kept(data.scripted),
            model=str(trained.folder.relative_to(self.out)),
            sft_loss=trained.sft_loss,
            reward=trained.reward,
            exact=evaluation.overall.exact,
            interval=evaluation.overall.interval,
            weights=gaps.weights,
            gaps=tuple(gap.sentence for gap in gaps.gaps[:_GAPS_SHOWN]),
            own=_kept(data.own) if data.own else 0,
            learnt=data.grown,
            skills=skills_after,
            lost=lost,
            accepted=not refused,
        )
        write_document(manifest, done.model_dump(mode="json"))
        self.watch(f"round {number}: {100 * done.exact:.1f}% exact on held-out specs")
        return done

    def _train(
        self,
        folder: Path,
        number: int,
        categories: Sequence[Category],
        model: Path,
        data: Path,
    ) -> _TrainedModel:
        """Fine-tune the model on the data, and let it learn from its own episodes after that."""
        config = self.config
        tuned = folder / "sft"
        sft = self._trained(
            tuned, lambda out: train_sft(model, [data], out, config.sft), f"round {number}: sft"
        )
        sft_loss = round(sft["history"][-1]["loss"], 4) if sft["history"] else None
        grpo = config.grpo
        if grpo is None:
            return _TrainedModel(tuned, sft_loss, None)
        blueprints = draw_blueprints(
            self.pool, config.prompts, seed=round_seed(self.config, number), categories=categories
        )
        rolled = self._trained(
            folder / "grpo",
            lambda out: train_grpo(tuned, blueprints, self.pool, out, grpo),
            f"round {number}: grpo",
        )
        rewards = [row["reward"] for row in rolled["history"] if "reward" in row][-_REWARD_STEPS:]
        reward = round(sum(rewards) / len(rewards), 4) if rewards else None
        return _TrainedModel(folder / "grpo", sft_loss, reward)

    def _trained(
        self, folder: Path, train: Callable[[Path], object], stage: str
    ) -> TrainingSummary:
        """The record of a training stage, which runs unless it is on disk."""
        marker = folder / "training.json"
        if not marker.is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self.watch(stage)
            train(folder)
        summary: TrainingSummary = json.loads(marker.read_text("utf-8"))
        return summary

    def _evaluated(self, path: Path, model: Path, stage: str) -> Evaluation:
        """The evaluation of a model on the held-out specs, which runs unless it is on disk."""
        if not path.is_file():
            self.watch(stage)
            config = self.config
            policy = ModelPolicy(
                load_model(model),
                max_new_tokens=config.sft.max_new_tokens,
                temperature=config.temperature,
                batch=_EVALUATION_BATCH,
                max_length=config.sft.max_length,
                constrained=config.sft.constrained,
                seed=config.seed,
            )
            evaluation = evaluate(
                policy,
                self._exam(),
                self.exam_pool,
                model=model.name,
                decoding=policy.decoding,
                plays=config.plays,
            )
            # The policy knows all of its decoding only once it has played.
            evaluation = evaluation.model_copy(update={"decoding": policy.decoding})
            write_document(path, evaluation.model_dump(mode="json"))
        return Evaluation.model_validate_json(path.read_text("utf-8"))

    def _exam(self) -> list[Blueprint]:
        return draw_blueprints(
            self.exam_pool,
            self.config.held_out,
            seed=self.config.seed + _EXAM_SEED_OFFSET,
            categories=self.config.categories,
        )

    def _gaps(self, path: Path, evaluation: Evaluation, lost: Collection[str]) -> Gaps:
        gaps = find_gaps(evaluation, self._exam(), self.exam_pool, self.config.gaps, lost=lost)
        write_document(path, gaps.model_dump(mode="json"))
        return gaps


def _kept(run: Path) -> int:
    """How many conversations a run kept."""
    return sum(1 for _ in read_rows(run, "kept"))
