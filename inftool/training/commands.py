"""What the command line's training verbs do: names become categories, folders are checked, and the rest is handed on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

from inftool.core.blueprints import CATEGORIES, Category
from inftool.core.errors import UsageError
from inftool.core.types import JsonObject
from inftool.llm.config import Endpoint
from inftool.training._optional import require
from inftool.training.config import TrainConfig
from inftool.training.datasets import draw_blueprints, open_world_pool, recorded_spec_hashes
from inftool.training.evaluation.evaluation import Evaluation, evaluate
from inftool.training.loop.loop import Loop, LoopConfig, LoopRound, Watch
from inftool.training.models.served_policy import EndpointPolicy, first_model, is_address


def parse_categories(names: Sequence[str]) -> tuple[Category, ...]:
    """Categories by name, all of them where none is named; UsageError for one that does not exist."""
    unknown = sorted(set(names) - set(CATEGORIES))
    if unknown:
        raise UsageError(
            f"there is no category {unknown[0]!r}", hint=f"there are: {', '.join(CATEGORIES)}"
        )
    return cast(tuple[Category, ...], tuple(names)) or CATEGORIES


def start_training(
    method: str,
    model: str,
    out: Path,
    config: TrainConfig,
    *,
    runs: Sequence[Path] = (),
    specs: Sequence[str | Path] = (),
    prompts: int = 64,
    resume: bool = False,
) -> JsonObject:
    """Train by method and return the summary. UsageError for what does not go together, MissingExtra without `inftool[train]`."""
    if method not in ("sft", "dpo", "grpo"):
        raise UsageError(f"there is no method {method!r}", hint="there are: sft, dpo, grpo")
    if method == "grpo" and not specs:
        raise UsageError(
            "grpo plays blueprints of specs, and none was named", hint="name them with --specs"
        )
    if method != "grpo" and not runs:
        raise UsageError(
            f"{method} learns from runs, and none was named", hint="name them with --run"
        )
    if out.exists() and any(out.iterdir()) and not resume:
        raise UsageError(
            f"{out} is not empty", hint="choose another folder with -o, or go on with --resume"
        )
    _quiet()
    out.mkdir(parents=True, exist_ok=True)
    if method == "grpo":
        from inftool.training.trainers.grpo import train_grpo

        stage = open_world_pool(specs)
        return train_grpo(
            model,
            draw_blueprints(stage, prompts, seed=config.seed),
            stage,
            out,
            config,
            resume=resume,
        )
    if method == "dpo":
        from inftool.training.trainers.dpo import train_dpo

        return train_dpo(model, runs, out, config, resume=resume)
    from inftool.training.trainers.sft import train_sft

    return train_sft(model, runs, out, config, resume=resume)


def start_evaluation(
    model: str,
    specs: Sequence[str | Path],
    *,
    count: int,
    plays: int,
    temperature: float,
    max_new_tokens: int,
    constrained: bool = False,
    categories: Sequence[str] = (),
    seed: int = 7,
    endpoint: Endpoint | None = None,
    held_out: bool = False,
) -> Evaluation:
    """Evaluate a model on blueprints of specs: a folder, or what is served at an endpoint (which needs no extra).

    `held_out`: refuse specs that the model was trained on. UsageError for those, and for constraints on a model that somebody else serves.
    """
    chosen = parse_categories(categories)
    if is_address(model) and endpoint is None:
        endpoint = Endpoint(model=first_model(model), base_url=model)
    stage = open_world_pool(specs)
    known = None if endpoint is not None else recorded_spec_hashes(Path(model))
    seen = known is not None and any(api.sha256 in known for api in stage.toolset.apis)
    if held_out and seen:
        raise UsageError(
            "the model was trained on one of these specs",
            hint="name others, or leave out --held-out",
        )
    blueprints = draw_blueprints(stage, count, seed=seed, categories=chosen)
    if endpoint is not None:
        if constrained:
            raise UsageError(
                "a model at an endpoint cannot be constrained from here",
                hint="serve it so, or evaluate its folder",
            )
        with EndpointPolicy(
            endpoint.model_copy(update={"temperature": temperature, "max_tokens": max_new_tokens})
        ) as served:
            found = evaluate(
                served,
                blueprints,
                stage,
                model=endpoint.model,
                decoding=served.decoding,
                plays=plays,
            )
            return found.model_copy(update={"usage": served.tally.as_dict()})
    from inftool.training.models.loading import load_model
    from inftool.training.models.policy import ModelPolicy

    _quiet()
    policy = ModelPolicy(
        load_model(model),
        max_new_tokens=max_new_tokens,
        temperature=temperature,
        constrained=constrained,
        seed=seed,
    )
    found = evaluate(policy, blueprints, stage, model=model, decoding=policy.decoding, plays=plays)
    return found.model_copy(
        update={"decoding": policy.decoding, "held_out": None if known is None else not seen}
    )


def start_loop(
    specs: Sequence[str | Path],
    held_out: Sequence[str | Path],
    model: str | None,
    out: Path,
    settings: dict[str, Any],
    *,
    categories: Sequence[str] = (),
    watch: Watch = lambda line: None,
    tiny: bool = False,
) -> list[LoopRound]:
    """Run a loop, or go on with one. UsageError where nothing is held out.

    `tiny`: without a model it begins with the base that ships with InfTool, plays what that can play, and holds out what that has not seen.
    """
    if tiny and model is None:
        from inftool.training.models.shipped import SHIPPED_MODEL, TINY_CATEGORIES, split_specs

        model, categories = str(SHIPPED_MODEL), categories or TINY_CATEGORIES
        if not held_out:
            specs, held_out = split_specs(specs)
            watch(f"held out: {', '.join(map(str, held_out))}")
    if model is None:
        raise UsageError(
            "no model was named",
            hint="name a Hugging Face folder with --model, or take --preset tiny-cpu, which has one of its own",
        )
    if not held_out:
        raise UsageError(
            "no spec is held out", hint="name one that is not trained on with --held-out"
        )
    config = LoopConfig(**settings, categories=parse_categories(categories))
    _quiet()
    return Loop(specs, held_out, model, out, config, watch).run()


def _quiet() -> None:
    """Progress bars of the libraries would drown our own lines."""
    require("trl")
    require("transformers.utils.logging").disable_progress_bar()
    require("datasets").disable_progress_bars()
