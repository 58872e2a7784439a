"""Our environments behind OpenEnv's server (openenv-core): `reset`, `step`, `state`.

A step is one chat message; every session plays in a world of its own. To serve it, set
INFTOOL_SPECS=specs/bookshop.yaml:specs/bank.yaml and run

    uvicorn --factory inftool.training.integrations.openenv:app
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Optional

from openenv.core.env_server.http_server import create_fastapi_app
from openenv.core.env_server.interfaces import Environment as Base
from openenv.core.env_server.types import Action, Observation, State
from pydantic import Field

from inftool.core.errors import UsageError
from inftool.training.integrations.episode import Episode, cached_blueprints, cached_pool


class ChatAction(Action):  # type: ignore[misc, unused-ignore]
    """One message of the assistant in the OpenAI chat format; None where what it wrote cannot be
    read."""

    message: Optional[dict[str, Any]] = None  # noqa: UP045 - OpenEnv shows the type in its forms


class ChatObservation(Observation):  # type: ignore[misc, unused-ignore]
    """What was added to the conversation, and the tools that are offered now.

    `reward` comes at the end.
    """

    messages: list[dict[str, Any]] = Field(default_factory=list)
    tools: list[dict[str, Any]] = Field(default_factory=list)
    gate: str = ""
    counted: bool = True


class InftoolEnvironment(Base):  # type: ignore[misc, unused-ignore]
    """Blueprints of specs as an OpenEnv environment; `reset(seed=N)` begins blueprint number N."""

    SUPPORTS_CONCURRENT_SESSIONS = True

    def __init__(self, specs: Sequence[str], *, count: int = 100, seed: int = 0) -> None:
        super().__init__()
        named = tuple(specs)
        self._episode = Episode(cached_blueprints(named, count, seed), cached_pool(named))
        self._steps = 0
        self._number = -1

    def reset(
        self, seed: int | None = None, episode_id: str | None = None, **_: Any
    ) -> ChatObservation:
        """Begin blueprint number `seed`, or the next one."""
        self._number = seed if seed is not None else self._number + 1
        self._steps = 0
        return ChatObservation(**self._episode.begin(self._number))

    def step(self, action: ChatAction, timeout_s: float | None = None, **_: Any) -> ChatObservation:
        """Take the assistant's message."""
        self._steps += 1
        message: Any = action.message
        return ChatObservation(**self._episode.take(message))

    @property
    def state(self) -> State:
        """OpenEnv's state: the blueprint is its episode."""
        return State(episode_id=self._episode.state().get("blueprint"), step_count=self._steps)


def app(
    specs: Sequence[str] | None = None, *, count: int = 100, seed: int = 0, sessions: int = 64
) -> Any:
    """The server's application; without `specs`, those that INFTOOL_SPECS names, with `:` between
    them.

    UsageError where it names none.
    """
    named = list(specs or filter(None, os.environ.get("INFTOOL_SPECS", "").split(os.pathsep)))
    if not named:
        raise UsageError(
            "no specs are named", hint="set INFTOOL_SPECS to their paths, with : between them"
        )
    return create_fastapi_app(
        lambda: InftoolEnvironment(named, count=count, seed=seed),
        ChatAction,
        ChatObservation,
        max_concurrent_envs=sessions,
    )
