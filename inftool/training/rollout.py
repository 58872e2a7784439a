"""Whole plays as one sequence of tokens for GRPO: what the model wrote is learnt from, the results and the user's real turns are not (`env_mask`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from inftool.records import Blueprint, JsonObject
from inftool.scenarios.stage import Stage
from inftool.training.environment import Environment
from inftool.training.generate import generate
from inftool.training.rewards import Score
from inftool.training.tokens import read_message, render

Write = Callable[[Sequence[Sequence[int]]], list[list[int]]]


class Rollout(NamedTuple):
    """One play as tokens: the prompt, everything after it, and 1 for each of those that the model wrote."""

    prompt_ids: list[int]
    completion_ids: list[int]
    env_mask: list[int]
    score: Score


class _Play:
    def __init__(self, environment: Environment, tokenizer: Any, template: str) -> None:
        self.environment = environment
        self.tokenizer = tokenizer
        self.template = template
        environment.reset()
        self.prompt = self._ids(render(tokenizer, template, environment.messages, environment.tools()))
        self.completion: list[int] = []
        self.mask: list[int] = []

    def _ids(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False).input_ids)

    def take(self, written: Sequence[int], limit: int) -> None:
        """What the model wrote goes to the environment, and what comes back is appended, neither learnt from nor written by the model."""
        end = self.tokenizer.eos_token_id
        self.completion += written or [end]
        self.mask += [1] * max(len(written), 1)
        whole = bool(written) and written[-1] == end
        message = read_message(self.tokenizer.decode(list(written[:-1]), skip_special_tokens=False)) if whole else None
        observation = self.environment.step(message)
        if observation.done:
            return
        rows = self.environment.messages
        said = len(rows) - len(observation.messages)
        before = render(self.tokenizer, self.template, rows[:said], self.environment.tools(), reply=False)
        after = render(self.tokenizer, self.template, rows, self.environment.tools())
        mark = self.tokenizer.eos_token
        tail = before[before.rfind(mark) + len(mark) :] if mark in before else ""
        added = self._ids(tail + after[len(before) :])
        if len(self.completion) + len(added) >= limit:
            self.environment.step(None)
            return
        self.completion += added
        self.mask += [0] * len(added)


def roll_out(environments: Sequence[Environment], tokenizer: Any, template: str, write: Write, *, max_completion: int) -> list[Rollout]:
    """Play environments side by side; `write` goes on from tokens. A play that grows over `max_completion` tokens is broken off and earns nothing."""
    plays = [_Play(environment, tokenizer, template) for environment in environments]
    while active := [play for play in plays if not play.environment.done]:
        written = write([play.prompt + play.completion for play in active])
        for play, ids in zip(active, written, strict=True):
            play.take(ids[: max_completion - len(play.completion)], max_completion)
    return [Rollout(play.prompt, play.completion, play.mask, play.environment.score()) for play in plays]


def playable(blueprint: Blueprint) -> bool:
    """Whether a play can be one sequence: tools that come later would change its beginning."""
    return not any(turn.adds for turn in blueprint.turns)


def first_words(blueprint: Blueprint, stage: Stage) -> list[JsonObject]:
    """The prompt of a blueprint: the system's message and the user's first words."""
    return Environment(blueprint, stage).messages


def rollout_func(
    blueprints: Sequence[Blueprint], stage: Stage, *, template: str, max_new_tokens: int, max_completion: int, temperature: float
) -> Any:
    """A function for GRPOTrainer's `rollout_func`; it knows a blueprint by its prompt, since TRL hands it nothing else."""
    by_prompt = {repr(first_words(blueprint, stage)): blueprint for blueprint in blueprints}

    def roll(prompts: Sequence[list[JsonObject]], trainer: Any) -> dict[str, Any]:
        environments = [Environment(by_prompt[repr(prompt)], stage) for prompt in prompts]
        model = trainer.accelerator.unwrap_model(trainer.model)

        def write(ids: Sequence[Sequence[int]]) -> list[list[int]]:
            return generate(model, trainer.processing_class, ids, max_new_tokens=max_new_tokens, temperature=temperature)

        plays = roll_out(environments, trainer.processing_class, template, write, max_completion=max_completion)
        return {
            "prompt_ids": [play.prompt_ids for play in plays],
            "completion_ids": [play.completion_ids for play in plays],
            "logprobs": None,
            "env_mask": [play.env_mask for play in plays],
            "score": [play.score for play in plays],
        }

    return roll
