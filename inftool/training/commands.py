"""What the command line's training verbs do: check what was asked for, and hand it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast, get_args

from inftool.core.blueprints import CATEGORIES, Blueprint, Category
from inftool.core.errors import UsageError
from inftool.llm.config import Endpoint
from inftool.scenarios.world_pool import WorldPool
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.datasets import draw_blueprints, open_world_pool, recorded_spec_hashes
from inftool.training.evaluation.evaluation import Evaluation, evaluate
from inftool.training.loop.loop import Loop
from inftool.training.loop.records import LoopConfig, LoopRound, Watch
from inftool.training.models.loading import load_model
from inftool.training.models.policy import ModelPolicy
from inftool.training.models.served_policy import EndpointPolicy, first_model, is_address
from inftool.training.models.shipped import SHIPPED_MODEL, TINY_CATEGORIES, split_specs
from inftool.training.trainers.dpo import train_dpo
from inftool.training.trainers.grpo import train_grpo
from inftool.training.trainers.sft import train_sft
from inftool.training.trainers.training_run import Method, TrainingSummary


@dataclass(frozen=True, slots=True)
class TrainingData:
    """What a model is trained on."""

    runs: Sequence[Path] = ()
    """The folders of runs, for SFT and DPO."""

    specs: Sequence[str | Path] = ()
    """The specs whose blueprints GRPO plays."""

    prompts: int = 64
    """How many blueprints GRPO plays."""


@dataclass(frozen=True, slots=True)
class EvaluationOptions:
    """What is played in an evaluation, and how the model generates."""

    count: int
    """How many blueprints are played."""

    plays: int
    """How often each of them is played."""

    temperature: float
    """0 takes the likeliest token."""

    max_new_tokens: int
    """The longest message, in tokens."""

    constrained: bool = False
    """Whether the model may write only words or valid calls."""

    categories: Sequence[str] = ()
    """The categories of the blueprints; all of them if empty."""

    seed: int = 7
    """The seed of the blueprints, and of a local model's sampling."""

    held_out: bool = False
    """Whether to refuse specs that the model was trained on."""


@dataclass(frozen=True, slots=True)
class LoopSpecs:
    """The specs of a loop."""

    training: Sequence[str | Path]

    held_out: Sequence[str | Path] = ()
    """What each round's model is evaluated on."""


def parse_categories(names: Sequence[str]) -> tuple[Category, ...]:
    """Categories by name, all of them if none is named; UsageError for one that does not exist."""
    unknown = sorted(set(names) - set(CATEGORIES))
    if unknown:
        raise UsageError(
            f"there is no category {unknown[0]!r}", hint=f"there are: {', '.join(CATEGORIES)}"
        )
    # Every name was found among the categories.
    return cast(tuple[Category, ...], tuple(names)) or CATEGORIES


def start_training(
    method: str,
    model: str,
    out: Path,
    config: TrainConfig,
    data: TrainingData | None = None,
    *,
    resume: bool = False,
) -> TrainingSummary:
    """Train a model by `sft`, `dpo` or `grpo`, save it into `out`, and return the summary.

    UsageError where the method lacks its data or `out` is in use, MissingExtra without
    `inftool[train]`.
    """
    data = data or TrainingData()
    if method not in get_args(Method):
        raise UsageError(f"there is no method {method!r}", hint="there are: sft, dpo, grpo")
    if method == "grpo" and not data.specs:
        raise UsageError(
            "grpo plays blueprints of specs, and none was named", hint="name them with --specs"
        )
    if method != "grpo" and not data.runs:
        raise UsageError(
            f"{method} learns from runs, and none was named", hint="name them with --run"
        )
    # Nothing is written over: a folder in use may hold hours of training.
    if out.exists() and any(out.iterdir()) and not resume:
        raise UsageError(
            f"{out} is not empty", hint="choose another folder with -o, or go on with --resume"
        )
    _silence_progress_bars()
    out.mkdir(parents=True, exist_ok=True)
    if method == "grpo":
        pool = open_world_pool(data.specs)
        blueprints = draw_blueprints(pool, data.prompts, seed=config.seed)
        return train_grpo(model, blueprints, pool, out, config, resume=resume)
    train = train_dpo if method == "dpo" else train_sft
    return train(model, data.runs, out, config, resume=resume)


def start_evaluation(
    model: str,
    specs: Sequence[str | Path],
    options: EvaluationOptions,
    *,
    endpoint: Endpoint | None = None,
) -> Evaluation:
    """Evaluate a model on blueprints of specs.

    The model is a folder, an endpoint's address, or a name with an `endpoint`; an endpoint needs no
    extra. UsageError for specs that were to be held out and were trained on, and for constraints on
    a model that somebody else serves.
    """
    categories = parse_categories(options.categories)
    if is_address(model) and endpoint is None:
        endpoint = Endpoint(model=first_model(model), base_url=model)
    pool = open_world_pool(specs)
    # Nobody knows what a served model was trained on.
    hashes = None if endpoint is not None else recorded_spec_hashes(Path(model))
    was_trained_on = hashes is not None and any(api.sha256 in hashes for api in pool.toolset.apis)
    if options.held_out and was_trained_on:
        raise UsageError(
            "the model was trained on one of these specs",
            hint="name others, or leave out --held-out",
        )
    blueprints = draw_blueprints(pool, options.count, seed=options.seed, categories=categories)
    if endpoint is not None:
        return _evaluate_endpoint(endpoint, blueprints, pool, options)
    evaluation = _evaluate_folder(model, blueprints, pool, options)
    held_out = None if hashes is None else not was_trained_on
    return evaluation.model_copy(update={"held_out": held_out})


def _evaluate_endpoint(
    endpoint: Endpoint, blueprints: Sequence[Blueprint], pool: WorldPool, options: EvaluationOptions
) -> Evaluation:
    if options.constrained:
        raise UsageError(
            "a model at an endpoint cannot be constrained from here",
            hint="serve it so, or evaluate its folder",
        )
    sampling = {"temperature": options.temperature, "max_tokens": options.max_new_tokens}
    with EndpointPolicy(endpoint.model_copy(update=sampling)) as policy:
        evaluation = evaluate(
            policy,
            blueprints,
            pool,
            model=endpoint.model,
            decoding=policy.decoding,
            plays=options.plays,
        )
        return evaluation.model_copy(update={"usage": policy.tally.as_dict()})


def _evaluate_folder(
    model: str, blueprints: Sequence[Blueprint], pool: WorldPool, options: EvaluationOptions
) -> Evaluation:
    _silence_progress_bars()
    policy = ModelPolicy(
        load_model(model),
        max_new_tokens=options.max_new_tokens,
        temperature=options.temperature,
        constrained=options.constrained,
        seed=options.seed,
    )
    evaluation = evaluate(
        policy, blueprints, pool, model=model, decoding=policy.decoding, plays=options.plays
    )
    # Which schemas were loosened is known only now.
    return evaluation.model_copy(update={"decoding": policy.decoding})


def start_loop(
    specs: LoopSpecs,
    model: str | None,
    out: Path,
    settings: Mapping[str, object],
    *,
    categories: Sequence[str] = (),
    watch: Watch = lambda line: None,
    tiny: bool = False,
) -> list[LoopRound]:
    """Run a loop in a folder, or go on with the one that was begun there.

    `settings` are those of `LoopConfig`. With `tiny` and no model it begins with the base that
    ships with InfTool, plays the categories that the base can, and holds out the specs that the
    base has not seen. UsageError where there is no model or nothing is held out.
    """
    # The preset has a model of its own; with another model it is only a set of numbers.
    if tiny and model is None:
        model, categories = str(SHIPPED_MODEL), categories or TINY_CATEGORIES
        if not specs.held_out:
            specs = LoopSpecs(*split_specs(specs.training))
            watch(f"held out: {', '.join(map(str, specs.held_out))}")
    if model is None:
        raise UsageError(
            "no model was named",
            hint="name a Hugging Face folder with --model, "
            "or take --preset tiny-cpu, which has one of its own",
        )
    if not specs.held_out:
        raise UsageError(
            "no spec is held out", hint="name one that is not trained on with --held-out"
        )
    config = LoopConfig.model_validate({**settings, "categories": parse_categories(categories)})
    _silence_progress_bars()
    return Loop(specs.training, specs.held_out, model, out, config, watch).run()


def _silence_progress_bars() -> None:
    """The progress bars of the libraries would drown our own lines."""
    require("trl")
    require("transformers.utils.logging").disable_progress_bar()
    require("datasets").disable_progress_bars()
