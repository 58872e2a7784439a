"""Whole episodes as one sequence of tokens for GRPO.

What the model wrote is learned from; the results and the user's later messages are not
(`env_mask`).
"""

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
    until_end_token,
)
from inftool.training.rewards.score import Score
from inftool.training.tokenization.protocol import RenderError
from inftool.training.tokenization.tokens import render

Continue = Callable[[Sequence[Sequence[int]], Sequence[Environment]], list[list[int]]]
"""The tokens that continue each prompt; the environments say which tools may be called."""


class Rollout(NamedTuple):
    """A finished episode as tokens."""

    prompt_ids: list[int]
    """Everything up to the assistant's first message."""

    completion_ids: list[int]
    """Everything after that."""

    env_mask: list[int]
    """1 for each token of the completion that the model wrote, 0 for the others."""

    score: Score


class TokenizedEpisode:
    """An episode under way, with the sequence of tokens that it has come to so far."""

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
        loaded, tools = self.loaded, self.environment.tools()
        return render(loaded.tokenizer, loaded.template, messages, tools, reply=reply)

    def take(self, written: Sequence[int], limit: int) -> None:
        """Step the environment with what the model wrote, and append what comes back.

        An episode whose completion would reach `limit` tokens is broken off.
        """
        # A model that wrote nothing is taken to have ended its message at once.
        self.completion += written or self.loaded.end_tokens[:1]
        self.mask += [1] * max(len(written), 1)
        tools, before = self.environment.tools(), self.environment.messages
        observation = self.environment.step(decode_message(self.loaded, written, tools, before))
        if observation.done:
            return
        try:
            added = self._added(len(observation.messages))
        except RenderError:
            self.environment.step(None)
            return
        # No room is left for another message: None ends the episode as unreadable.
        if len(self.completion) + len(added) >= limit:
            self.environment.step(None)
            return
        self.completion += added
        self.mask += [0] * len(added)

    def _added(self, count: int) -> list[int]:
        """The last `count` messages as tokens, up to where the assistant goes on."""
        messages = self.environment.messages
        before = self._text(messages[: len(messages) - count], reply=False)
        after = self._text(messages)
        if not after.startswith(before):
            raise TrainingError(
                "the chat template does not begin a conversation as it begins its start",
                hint="give its tokenizer one that does",
            )
        # The model has ended its message itself; what the template writes behind the end token,
        # such as a line break, comes first.
        ends = [self.loaded.tokenizer.decode([end]) for end in self.loaded.end_tokens]
        return self._ids(_after_last(before, ends) + after[len(before) :])


def _after_last(text: str, marks: Sequence[str]) -> str:
    r"""What stands behind the last of some marks: ("Hello.<end>\n", ["<end>"]) -> "\n".

    The model has written the end token itself; a template may write more behind it.
    """
    ends = [text.rfind(mark) + len(mark) for mark in marks if mark and mark in text]
    return text[max(ends, default=len(text)) :]


def roll_out(
    environments: Sequence[Environment],
    loaded: LoadedModel,
    continue_prompts: Continue,
    *,
    max_completion: int,
) -> list[Rollout]:
    """Run environments to their ends side by side.

    An episode that grows over `max_completion` tokens is broken off and earns nothing.
    """
    episodes = [TokenizedEpisode(environment, loaded) for environment in environments]
    while active := [episode for episode in episodes if not episode.environment.done]:
        written = continue_prompts(
            [episode.prompt + episode.completion for episode in active],
            [episode.environment for episode in active],
        )
        # A message is cut where the completion would be too long; without its end token it is
        # unreadable, which ends the episode.
        for episode, ids in zip(active, written, strict=True):
            episode.take(ids[: max_completion - len(episode.completion)], max_completion)
    return [
        Rollout(item.prompt, item.completion, item.mask, item.environment.score())
        for item in episodes
    ]


def has_fixed_tools(blueprint: Blueprint) -> bool:
    """Whether an episode can be one sequence: tools added on the way would change its prompt."""
    return not any(turn.adds for turn in blueprint.turns)


def first_prompt(blueprint: Blueprint, pool: WorldPool) -> list[ChatMessage]:
    """The messages that a blueprint begins with: the system's and the user's first."""
    return Environment(blueprint, pool).messages


def rollout_func(
    blueprints: Sequence[Blueprint],
    pool: WorldPool,
    loaded: LoadedModel,
    *,
    max_new_tokens: int,
    max_completion: int,
    temperature: float,
    constrained: bool = False,
) -> Callable[[Sequence[list[ChatMessage]], Any], dict[str, Any]]:
    """A function for GRPOTrainer's `rollout_func`: prompts and the trainer -> columns of rollouts.

    It knows a blueprint by its prompt, since TRL hands it nothing else.
    """
    constraint = constraint_for(loaded) if constrained else None
    # Blueprints that begin alike are played as one of them: nothing tells them apart.
    by_prompt = {repr(first_prompt(blueprint, pool)): blueprint for blueprint in blueprints}

    def run(prompts: Sequence[list[ChatMessage]], trainer: Any) -> dict[str, Any]:
        environments = [Environment(by_prompt[repr(prompt)], pool) for prompt in prompts]
        # The model is another object once TRL and accelerate have wrapped it.
        current = loaded._replace(model=trainer.accelerator.unwrap_model(trainer.model))

        def continue_prompts(
            ids: Sequence[Sequence[int]], active: Sequence[Environment]
        ) -> list[list[int]]:
            if getattr(trainer, "use_vllm", False):
                return _continue_by_vllm(trainer, ids, current.end_tokens, max_new_tokens)
            return generate(
                current,
                ids,
                max_new_tokens=max_new_tokens,
                temperature=temperature,
                processor=constraint.processor_for(active) if constraint is not None else None,
            )

        rollouts = roll_out(environments, current, continue_prompts, max_completion=max_completion)
        return {
            "prompt_ids": [rollout.prompt_ids for rollout in rollouts],
            "completion_ids": [rollout.completion_ids for rollout in rollouts],
            "logprobs": None,
            "env_mask": [rollout.env_mask for rollout in rollouts],
            "score": [rollout.score for rollout in rollouts],
        }

    return run


def _continue_by_vllm(
    trainer: Any, ids: Sequence[Sequence[int]], end_tokens: Sequence[int], limit: int
) -> list[list[int]]:
    """What TRL's vLLM writes: one message for each prompt, at most `limit` tokens."""
    # One generation each: the episodes of a group have come to differ by now.
    _, written, *_ = trainer.vllm_generation.generate(
        prompts=[list(prompt) for prompt in ids], images=None, num_generations=1
    )
    return [until_end_token(list(row), end_tokens)[:limit] for row in written]
