"""The closed loop (InfTool): synthesize, learn from it, play, see what is still missing, synthesize
that; round after round, resumable at every stage."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from pydantic import Field

from inftool.core.blueprints import CATEGORIES, Blueprint, Category
from inftool.core.errors import TrainingError, UsageError
from inftool.core.types import JsonObject, Record
from inftool.runs.run_folder import read_rows
from inftool.synthesis.synthesize import synthesize
from inftool.training.config import TrainConfig
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.evaluation.evaluation import Evaluation, evaluate
from inftool.training.loop.gaps import Gaps, GapSettings, find_gaps, mixture
from inftool.training.models.loading import load_model
from inftool.training.models.policy import ModelPolicy
from inftool.training.models.server import SERVED_MODEL_NAME, serve_model
from inftool.training.selection import Grown, GrowSettings, grow, loss_of
from inftool.training.svg_charts import html_page, line_chart
from inftool.training.trainers.grpo import train_grpo
from inftool.training.trainers.sft import train_sft

Watch = Callable[[str], None]


class LoopConfig(Record):
    """`count`: conversations a round; `prompts`: blueprints that GRPO plays; `held_out`: blueprints
    of the held-out specs that are played `plays` times each at
    `temperature`; `target`: whether gaps steer the next round; `epsilon`: the gain below which the
    loop stops. `improve`: conversations a round, from the second
    on, in which the model of the round before plays the assistant. `slack`: how much a skill (a
    category) may lose before a round's model is turned down and the
    next begins where this one did; None takes every model.
    """

    rounds: int = Field(default=2, ge=1)
    count: int = Field(default=200, ge=1)
    prompts: int = Field(default=32, ge=1)
    held_out: int = Field(default=60, ge=1)
    plays: int = Field(default=2, ge=1)
    temperature: float = Field(default=0.0, ge=0.0)
    seed: int = 0
    epsilon: float = 0.0
    target: bool = True
    categories: tuple[Category, ...] = CATEGORIES
    sft: TrainConfig = Field(default_factory=TrainConfig)
    grpo: TrainConfig | None = None
    gaps: GapSettings = Field(default_factory=GapSettings)
    improve: int = Field(default=0, ge=0)
    grow: GrowSettings = Field(default_factory=GrowSettings)
    slack: float | None = Field(default=None, ge=0.0)


class LoopRound(Record):
    """What a round came to: its manifest. Nothing in it depends on the time or on how often it was
    resumed.

    `own`: conversations kept of those that the model itself played. `skills`: exact plays by
    category; `lost`: what each skill lost against the model that the
    round began with, where it lost anything. `accepted`: whether the next round goes on from this
    model.
    """

    round: int
    kept: int
    model: str
    sft_loss: float | None = None
    reward: float | None = None
    exact: float
    interval: tuple[float, float]
    weights: dict[Category, float]
    gaps: tuple[str, ...] = ()
    own: int = 0
    learnt: Grown | None = None
    skills: dict[str, float] = Field(default_factory=dict)
    lost: dict[str, float] = Field(default_factory=dict)
    accepted: bool = True


class Loop:
    """One loop in its folder.

    `run()` does what is not done yet; a stage counts when its marker is on disk, and an unfinished
    one is begun anew.
    """

    def __init__(
        self,
        specs: Sequence[str | Path],
        held_out: Sequence[str | Path],
        model: str | Path,
        out: Path,
        config: LoopConfig,
        watch: Watch = lambda line: None,
    ) -> None:
        self.specs, self.model, self.out, self.config, self.watch = (
            list(specs),
            Path(model),
            out,
            config,
            watch,
        )
        self.stage, self.exam_stage = open_world_pool(specs), open_world_pool(held_out)
        shared = {api.sha256 for api in self.stage.toolset.apis} & {
            api.sha256 for api in self.exam_stage.toolset.apis
        }
        if shared:
            raise UsageError(
                "a held-out spec is among those that are trained on",
                hint="name other specs with --held-out",
            )
        begun = {
            "config": config.model_dump(mode="json"),
            "model": str(model),
            "specs": [api.sha256 for api in self.stage.toolset.apis],
        }
        out.mkdir(parents=True, exist_ok=True)
        known = out / "loop.json"
        if known.is_file() and json.loads(known.read_text("utf-8")) != begun:
            raise UsageError(
                f"{out} was begun with other settings, specs or another model",
                hint="choose another folder with -o",
            )
        _save(known, begun)

    def run(self) -> list[LoopRound]:
        """Every round up to the last, or up to the first that brings less than epsilon."""
        before = self._before()
        rounds: list[LoopRound] = []
        weights: dict[Category, float] | None = None
        model, exact = self.model, before.overall.exact
        skills = _skills(before)
        for number in range(1, self.config.rounds + 1):
            rounds.append(self._round(number, model, weights, skills))
            last = rounds[-1]
            weights = last.weights if self.config.target else None
            if not last.accepted:
                self.watch(
                    f"round {number} lost {', '.join(last.lost)}: the next one begins where it did"
                )
                continue
            model, skills = self.out / last.model, last.skills
            if last.exact - exact < self.config.epsilon:
                self.watch(f"round {number} brought {last.exact - exact:+.3f}: stopping")
                break
            exact = last.exact
        _show(self.out / "loop.html", before, rounds)
        return rounds

    def _before(self) -> Evaluation:
        return self._evaluated(self.out / "before.json", self.model, "before training")

    def _round(
        self,
        number: int,
        model: Path,
        weights: dict[Category, float] | None,
        skills: Mapping[str, float],
    ) -> LoopRound:
        folder = self.out / f"round-{number}"
        manifest = folder / "manifest.json"
        if manifest.is_file():
            return LoopRound.model_validate_json(manifest.read_text("utf-8"))
        config = self.config
        categories = mixture(weights) if weights else config.categories
        run = self._synthesized(folder / "run", number, categories)
        own = (
            self._played(folder / "own", number, categories, model)
            if config.improve and number > 1
            else None
        )
        data, learnt_from = self._data(folder / "data", number, model, [run, own] if own else [run])
        trained = self._trained(
            folder / "sft",
            lambda out: train_sft(model, [data], out, config.sft),
            f"round {number}: sft",
        )
        learnt, reward = folder / "sft", None
        if config.grpo is not None:
            grpo, blueprints = (
                config.grpo,
                draw_blueprints(
                    self.stage, config.prompts, seed=self._seed(number), categories=categories
                ),
            )
            rolled = self._trained(
                folder / "grpo",
                lambda out: train_grpo(folder / "sft", blueprints, self.stage, out, grpo),
                f"round {number}: grpo",
            )
            rewards = [row["reward"] for row in rolled["history"] if "reward" in row]
            learnt, reward = (
                folder / "grpo",
                sum(rewards[-8:]) / len(rewards[-8:]) if rewards else None,
            )
        found = self._evaluated(folder / "eval.json", learnt, f"round {number}: held out")
        gained = _skills(found)
        lost = {
            name: round(before - gained[name], 4)
            for name, before in skills.items()
            if gained.get(name, before) < before
        }
        slack = config.slack if config.slack is not None else 1.0
        fallen = {name: drop for name, drop in lost.items() if drop > slack}
        gaps = self._gaps(folder / "gaps.json", found, fallen)
        done = LoopRound(
            round=number,
            kept=sum(1 for _ in read_rows(run, "kept")),
            model=str(learnt.relative_to(self.out)),
            sft_loss=round(trained["history"][-1]["loss"], 4) if trained["history"] else None,
            reward=round(reward, 4) if reward is not None else None,
            exact=found.overall.exact,
            interval=found.overall.interval,
            weights=gaps.weights,
            gaps=tuple(gap.sentence for gap in gaps.gaps[:20]),
            own=sum(1 for _ in read_rows(own, "kept")) if own else 0,
            learnt=learnt_from,
            skills=gained,
            lost=lost,
            accepted=not fallen,
        )
        _save(manifest, done.model_dump(mode="json"))
        self.watch(f"round {number}: {100 * done.exact:.1f}% exact on held-out specs")
        return done

    def _seed(self, number: int) -> int:
        return self.config.seed + 1000 * number

    def _synthesized(self, folder: Path, number: int, categories: Sequence[Category]) -> Path:
        if not _complete(folder):
            self.watch(f"round {number}: synthesizing")
            resumed = (folder / "run.json").is_file()
            if resumed:
                synthesize(out=folder, resume=True)
            else:
                synthesize(
                    self.specs,
                    out=folder,
                    count=self.config.count,
                    seed=self._seed(number),
                    categories=tuple(categories),
                )
        return folder

    def _played(
        self, folder: Path, number: int, categories: Sequence[Category], model: Path
    ) -> Path:
        """Conversations in which the model itself is the assistant: what passes the gates is learnt
        from."""
        if not _complete(folder):
            # Where it is served changes from start to start, so a run that was cut short is begun
            # anew; the model answers as it did.
            shutil.rmtree(folder, ignore_errors=True)
            self.watch(f"round {number}: the model plays the assistant")
            config = self.config
            assistant = {
                "model": SERVED_MODEL_NAME,
                "key_env": "INFTOOL_NO_KEY",
                "temperature": config.temperature,
                "max_tokens": config.sft.max_new_tokens,
            }
            with serve_model(model, max_length=config.sft.max_length) as address:
                synthesize(
                    self.specs,
                    out=folder,
                    count=config.improve,
                    seed=self._seed(number) + 500,
                    categories=tuple(categories),
                    roles={"assistant": assistant | {"base_url": address}},
                    concurrency=4,
                )
        return folder

    def _data(
        self, folder: Path, number: int, model: Path, runs: Sequence[Path]
    ) -> tuple[Path, Grown | None]:
        """What this round learns from: the run itself, unless there is more to it."""
        settings = self.config.grow
        if len(runs) == 1 and settings.band is None and not settings.replay:
            return runs[0], None
        if not _complete(folder):
            shutil.rmtree(folder, ignore_errors=True)
            self.watch(f"round {number}: choosing what to learn from")
            measure = (
                loss_of(load_model(model), max_length=self.config.sft.max_length)
                if settings.band is not None
                else None
            )
            old = [self.out / f"round-{earlier}" / "run" for earlier in range(1, number)]
            grow(folder, runs, old, self.stage, settings, seed=self._seed(number), measure=measure)
        return folder, Grown.model_validate(
            json.loads((folder / "run.json").read_text("utf-8"))["grown"]
        )

    def _trained(self, folder: Path, train: Callable[[Path], object], what: str) -> JsonObject:
        marker = folder / "training.json"
        if not marker.is_file():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            self.watch(what)
            train(folder)
        found: JsonObject = json.loads(marker.read_text("utf-8"))
        return found

    def _evaluated(self, path: Path, model: Path, what: str) -> Evaluation:
        if not path.is_file():
            self.watch(what)
            config = self.config
            policy = ModelPolicy(
                load_model(model),
                max_new_tokens=config.sft.max_new_tokens,
                temperature=config.temperature,
                batch=32,
                max_length=config.sft.max_length,
                constrained=config.sft.constrained,
                seed=config.seed,
            )
            found = evaluate(
                policy,
                self._exam(),
                self.exam_stage,
                model=model.name,
                decoding=policy.decoding,
                plays=config.plays,
            )
            found = found.model_copy(update={"decoding": policy.decoding})
            _save(path, found.model_dump(mode="json"))
        return Evaluation.model_validate_json(path.read_text("utf-8"))

    def _exam(self) -> list[Blueprint]:
        return draw_blueprints(
            self.exam_stage,
            self.config.held_out,
            seed=self.config.seed + 7,
            categories=self.config.categories,
        )

    def _gaps(self, path: Path, evaluation: Evaluation, lost: Collection[str]) -> Gaps:
        found = find_gaps(evaluation, self._exam(), self.exam_stage, self.config.gaps, lost=lost)
        _save(path, found.model_dump(mode="json"))
        return found


def _complete(folder: Path) -> bool:
    marker = folder / "run.json"
    return marker.is_file() and json.loads(marker.read_text("utf-8")).get("state") == "complete"


def _skills(evaluation: Evaluation) -> dict[str, float]:
    return {name: group.exact for name, group in evaluation.categories.items()}


def _show(path: Path, before: Evaluation, rounds: Sequence[LoopRound]) -> None:
    """One page: exact plays with their interval from before training on, rewards, and the gaps in
    words."""
    exact = {"exact": [before.overall.exact, *(item.exact for item in rounds)]}
    band = [before.overall.interval, *(item.interval for item in rounds)]
    title = (
        "exact plays on held-out specs, before training and after each round, with a 95% interval"
    )
    charts = [line_chart(title, exact, low=0.0, high=1.0, first=0, band=band)]
    if rewards := [item.reward for item in rounds if item.reward is not None]:
        charts.append(
            line_chart(
                "mean reward at the end of each round's GRPO",
                {"reward": rewards},
                low=0.0,
                high=1.0,
            )
        )
    names = sorted({name for item in rounds for name in item.skills})
    start = _skills(before)
    skills = {
        name: [start.get(name, 0.0), *(item.skills.get(name, 0.0) for item in rounds)]
        for name in names
    }
    charts.append(line_chart("exact plays by category", skills, low=0.0, high=1.0, first=0))
    charts.append(
        line_chart(
            "conversations kept by round",
            {
                "scripted": [item.kept for item in rounds],
                "by the model": [item.own for item in rounds],
            },
            low=0.0,
        )
    )
    lines = [f"Round {item.round}: {sentence}" for item in rounds for sentence in item.gaps]
    path.write_text(html_page("The loop", charts, lines), "utf-8")


def _save(path: Path, document: JsonObject) -> None:
    """Write a JSON document whole or not at all."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
        draft.replace(path)
    except OSError as error:
        raise TrainingError(
            f"cannot write {path}: {error.strerror}",
            hint="free the disk and run the same command again: it goes on",
        ) from error
