"""What every integration needs of an environment, as plain JSON.

Begin a blueprint by its number, take a message, and at the end give a reward.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.errors import TrainingError
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.environment.environment import Environment


# Compiling specs takes seconds; a worker plays few sets of them, one after another.
@lru_cache(maxsize=4)
def cached_pool(specs: tuple[str, ...]) -> WorldPool:
    """The worlds of some specs, opened once in a process however many episodes it plays."""
    return open_world_pool(specs)


@lru_cache(maxsize=16)
def cached_blueprints(specs: tuple[str, ...], count: int, seed: int) -> tuple[Blueprint, ...]:
    """Blueprints of specs, the same for the same numbers in every process."""
    return tuple(draw_blueprints(cached_pool(specs), count, seed=seed))


class VerlExtra(TypedDict):
    """What a worker needs to play a row."""

    split: str
    index: int
    specs: list[str]
    blueprint: str


class VerlRow(TypedDict):
    """A row of verl's RL data."""

    data_source: str
    agent_name: str
    prompt: list[ChatMessage]
    ability: str
    reward_model: dict[str, str]
    extra_info: VerlExtra


def verl_rows(
    blueprints: Sequence[Blueprint], specs: Sequence[str], pool: WorldPool
) -> list[VerlRow]:
    """verl's RL rows for blueprints; the reward comes out of the episode, not out of a row."""
    # Workers have working folders of their own.
    paths = [str(Path(spec).resolve()) for spec in specs]
    return [
        {
            "data_source": "inftool",
            "agent_name": "inftool",
            "prompt": Environment(blueprint, pool).messages,
            "ability": blueprint.category,
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {
                "split": "train",
                "index": number,
                "specs": paths,
                "blueprint": blueprint.model_dump_json(),
            },
        }
        for number, blueprint in enumerate(blueprints)
    ]


def environment_of_row(extra_info: Mapping[str, Any]) -> Environment:
    """The environment of a row: `extra_info` has `specs` (paths) and `blueprint` (JSON text)."""
    return Environment(
        Blueprint.model_validate_json(extra_info["blueprint"]),
        cached_pool(tuple(extra_info["specs"])),
    )


class Episode:
    """One episode after another, each a blueprint.

    `begin` and `take` give `messages` (what was added), `tools`, `done`, and at the end `reward`,
    `gate` and `counted`.
    """

    def __init__(self, blueprints: Sequence[Blueprint], pool: WorldPool) -> None:
        if not blueprints:
            raise TrainingError("there is no blueprint to play")
        self._blueprints = tuple(blueprints)
        self._pool = pool
        self._environment: Environment | None = None

    def begin(self, number: int) -> JsonObject:
        """Begin a blueprint by its number; after the last comes the first again."""
        blueprint = self._blueprints[number % len(self._blueprints)]
        self._environment = Environment(blueprint, self._pool)
        return self._observed(self._environment, self._environment.messages)

    def take(self, message: ChatMessage | None) -> JsonObject:
        """Take a message of the assistant in the OpenAI chat format.

        None says that it wrote nothing that can be read. Raises TrainingError before the beginning
        or after the end.
        """
        if self._environment is None:
            raise TrainingError("no play has begun", hint="begin one first")
        added = self._environment.step(message).messages
        return self._observed(self._environment, list(added))

    def state(self) -> JsonObject:
        """Which blueprint is being played, and how far it is."""
        environment = self._environment
        if environment is None:
            return {}
        return {
            "blueprint": environment.blueprint.id,
            "category": environment.blueprint.category,
            "messages": len(environment.messages),
            "done": environment.done,
        }

    @staticmethod
    def _observed(environment: Environment, messages: list[ChatMessage]) -> JsonObject:
        observed: JsonObject = {
            "messages": json.loads(json.dumps(messages)),
            "tools": environment.tools(),
            "done": environment.done,
            "reward": None,
        }
        if environment.done:
            score = environment.score()
            observed |= {
                "reward": score.reward,
                "gate": score.gate,
                "counted": score.counted or score.exact,
            }
        return observed
