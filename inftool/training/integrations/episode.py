"""What every peer wants of an environment: begin a blueprint by its number, take a message, and at
the end a reward; all of it plain JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.errors import TrainingError
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.environment.environment import Environment


@lru_cache(maxsize=4)
def cached_pool(specs: tuple[str, ...]) -> WorldPool:
    """The stage of some specs, one a process: workers that play many episodes compile them once."""
    return open_world_pool(specs)


@lru_cache(maxsize=16)
def cached_blueprints(specs: tuple[str, ...], count: int, seed: int) -> tuple[Blueprint, ...]:
    """Blueprints of specs, the same for the same numbers in every process."""
    return tuple(draw_blueprints(cached_pool(specs), count, seed=seed))


def verl_rows(
    blueprints: Sequence[Blueprint], specs: Sequence[str], stage: WorldPool
) -> list[JsonObject]:
    """verl's RL rows: the prompt, and in `extra_info` all that a worker needs to play it; the
    reward comes out of the play."""
    # Workers have working folders of their own.
    places = [str(Path(spec).resolve()) for spec in specs]
    return [
        {
            "data_source": "inftool",
            "agent_name": "inftool",
            "prompt": Environment(blueprint, stage).messages,
            "ability": blueprint.category,
            "reward_model": {"style": "rule", "ground_truth": ""},
            "extra_info": {
                "split": "train",
                "index": number,
                "specs": places,
                "blueprint": blueprint.model_dump_json(),
            },
        }
        for number, blueprint in enumerate(blueprints)
    ]


def environment_of_row(extra_info: JsonObject) -> Environment:
    """The environment of such a row."""
    return Environment(
        Blueprint.model_validate_json(extra_info["blueprint"]),
        cached_pool(tuple(extra_info["specs"])),
    )


class Episode:
    """One play after another.

    `begin` and `take` give `messages` (what was added), `tools`, `done`, and at the end `reward`,
    `gate` and `counted`.
    """

    def __init__(self, blueprints: Sequence[Blueprint], stage: WorldPool) -> None:
        if not blueprints:
            raise TrainingError("there is no blueprint to play")
        self._blueprints = tuple(blueprints)
        self._stage = stage
        self._play: Environment | None = None

    def begin(self, number: int) -> JsonObject:
        """Begin a blueprint by its number, counted round."""
        self._play = Environment(self._blueprints[number % len(self._blueprints)], self._stage)
        return self._seen(self._play.messages)

    def take(self, message: ChatMessage | None) -> JsonObject:
        """Take a message of the assistant in the OpenAI chat format; None: it wrote nothing that
        can be read.

        TrainingError before the beginning or after the end.
        """
        if self._play is None:
            raise TrainingError("no play has begun", hint="begin one first")
        return self._seen(list(self._play.step(message).messages))

    def state(self) -> JsonObject:
        """Which blueprint is being played, and how far it is."""
        play = self._play
        return (
            {}
            if play is None
            else {
                "blueprint": play.blueprint.id,
                "category": play.blueprint.category,
                "messages": len(play.messages),
                "done": play.done,
            }
        )

    def _seen(self, messages: list[ChatMessage]) -> JsonObject:
        play = self._play
        assert play is not None
        seen: JsonObject = {
            "messages": json.loads(json.dumps(messages)),
            "tools": play.tools(),
            "done": play.done,
            "reward": None,
        }
        if play.done:
            score = play.score()
            seen |= {
                "reward": score.reward,
                "gate": score.gate,
                "counted": score.counted or score.exact,
            }
        return seen
