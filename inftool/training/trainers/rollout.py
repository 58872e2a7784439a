"""Whole plays as one sequence of tokens for GRPO: what the model wrote is learnt from, the results and the user's real turns are not (`env_mask`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.errors import TrainingError
from inftool.scenarios.world_pool import WorldPool
from inftool.training.environment.environment import Environment
from inftool.training.models.loading import LoadedModel
from inftool.training.models.policy import (
    constraint_for,
    decode_message,
    generate,
    processor_of,
    until_end_token,
)
from inftool.training.rewards.message import Score
from inftool.training.tokenization.tokens import RenderError, render

# What goes on each prompt; the environments say which tools may be called.
Write = Callable[[Sequence[Sequence[int]], Sequence[Environment]], list[list[int]]]


class Rollout(NamedTuple):
    """One play as tokens: the prompt, everything after it, and 1 for each of those that the model wrote."""

    prompt_ids: list[int]
    completion_ids: list[int]
    env_mask: list[int]
    score: Score


class TokenizedEpisode:
    """One play on its way to a sequence: `prompt`, `completion`, and `mask`, which is 1 for what the model wrote."""

    def __init__(self, environment: Environment, loaded: LoadedModel) -> None:
        self.environment = environment
        self.loaded = loaded
        environment.reset()
        self.prompt = self._ids(self._text(environment.messages))
        self.completion: list[int] = []
        self.mask: list[int] = []

    def _ids(self, text: str) -> list[int]:
        return list(self.loaded.tokenizer(text, add_special_tokens=False).input_ids)

    def _text(self, messages: Sequence[ChatMessage], *, reply: bool = True) -> str:
        return render(
            self.loaded.tokenizer,
            self.loaded.template,
            messages,
            self.environment.tools(),
            reply=reply,
        )

    def take(self, written: Sequence[int], limit: int) -> None:
        """What the model wrote goes to the environment, and what comes back is appended, neither learnt from nor written by the model."""
        ends = self.loaded.ends
        self.completion += written or ends[:1]
        self.mask += [1] * max(len(written), 1)
        observation = self.environment.step(
            decode_message(
                self.loaded, written, self.environment.tools(), self.environment.messages
            )
        )
        if observation.done:
            return
        rows = self.environment.messages
        said = len(rows) - len(observation.messages)
        try:
            before, after = self._text(rows[:said], reply=False), self._text(rows)
        except RenderError:
            self.environment.step(None)
            return
        if not after.startswith(before):
            raise TrainingError(
                "the chat template does not begin a conversation as it begins its start",
                hint="give its tokenizer one that does",
            )
        added = self._ids(
            _after_the_last(before, [self.loaded.tokenizer.decode([end]) for end in ends])
            + after[len(before) :]
        )
        if len(self.completion) + len(added) >= limit:
            self.environment.step(None)
            return
        self.completion += added
        self.mask += [0] * len(added)


def _after_the_last(text: str, marks: Sequence[str]) -> str:
    """What a template writes after the end mark, which the model has written itself."""
    end = max(
        (text.rfind(mark) + len(mark) for mark in marks if mark and mark in text), default=len(text)
    )
    return text[end:]


def roll_out(
    environments: Sequence[Environment], loaded: LoadedModel, write: Write, *, max_completion: int
) -> list[Rollout]:
    """Play environments side by side; `write` goes on from tokens. A play that grows over `max_completion` tokens is broken off and earns nothing."""
    plays = [TokenizedEpisode(environment, loaded) for environment in environments]
    while active := [play for play in plays if not play.environment.done]:
        written = write(
            [play.prompt + play.completion for play in active],
            [play.environment for play in active],
        )
        for play, ids in zip(active, written, strict=True):
            play.take(ids[: max_completion - len(play.completion)], max_completion)
    return [
        Rollout(play.prompt, play.completion, play.mask, play.environment.score()) for play in plays
    ]


def has_fixed_tools(blueprint: Blueprint) -> bool:
    """Whether a play can be one sequence: tools that come later would change its beginning."""
    return not any(turn.adds for turn in blueprint.turns)


def first_prompt(blueprint: Blueprint, stage: WorldPool) -> list[ChatMessage]:
    """The prompt of a blueprint: the system's message and the user's first words."""
    return Environment(blueprint, stage).messages


def rollout_func(
    blueprints: Sequence[Blueprint],
    stage: WorldPool,
    loaded: LoadedModel,
    *,
    max_new_tokens: int,
    max_completion: int,
    temperature: float,
    constrained: bool = False,
) -> Any:
    """A function for GRPOTrainer's `rollout_func`; it knows a blueprint by its prompt, since TRL hands it nothing else."""
    constraint = constraint_for(loaded) if constrained else None
    by_prompt = {repr(first_prompt(blueprint, stage)): blueprint for blueprint in blueprints}

    def roll(prompts: Sequence[list[ChatMessage]], trainer: Any) -> dict[str, Any]:
        environments = [Environment(by_prompt[repr(prompt)], stage) for prompt in prompts]
        current = loaded._replace(model=trainer.accelerator.unwrap_model(trainer.model))

        def write(ids: Sequence[Sequence[int]], active: Sequence[Environment]) -> list[list[int]]:
            if getattr(trainer, "use_vllm", False):
                return _by_vllm(trainer, ids, current.ends, max_new_tokens)
            processor = processor_of(constraint, active) if constraint is not None else None
            return generate(
                current,
                ids,
                max_new_tokens=max_new_tokens,
                temperature=temperature,
                processor=processor,
            )

        plays = roll_out(environments, current, write, max_completion=max_completion)
        return {
            "prompt_ids": [play.prompt_ids for play in plays],
            "completion_ids": [play.completion_ids for play in plays],
            "logprobs": None,
            "env_mask": [play.env_mask for play in plays],
            "score": [play.score for play in plays],
        }

    return roll


def _by_vllm(
    trainer: Any, ids: Sequence[Sequence[int]], ends: Sequence[int], limit: int
) -> list[list[int]]:
    """What TRL's vLLM writes: one message for each of these prompts, which are all different by now."""
    _, written, *_ = trainer.vllm_generation.generate(
        prompts=[list(prompt) for prompt in ids], images=None, num_generations=1
    )
    return [until_end_token(list(row), ends)[:limit] for row in written]
