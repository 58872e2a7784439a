"""The cast of a run: who plays the user and the assistant."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import TYPE_CHECKING

from inftool.agents.cards import Card, load_card
from inftool.agents.mistakes import Mistake
from inftool.agents.scripted import ScriptedAssistant, ScriptedUser
from inftool.records import Blueprint, Record, Tool

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

# openai waits 600 s by default, and its connect timeout of 5 s loses conversations under load.
DEADLINE = 120.0


class Endpoint(Record):
    """Where a model is and how it is sampled. The key is read from the environment variable `key_env` when it is used, and never stored."""

    model: str
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    temperature: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    timeout: float = DEADLINE


class CastSettings(Record):
    """Who plays: an endpoint a role, or the scripted cast (None); `mistakes` is the share of plays in which the scripted assistant makes one."""

    user: Endpoint | None = None
    assistant: Endpoint | None = None
    mistakes: float = 0.0


class Cast:
    """Hands out a model client a role and play. Endpoints are shared by all plays, scripted clients belong to one."""

    def __init__(self, settings: CastSettings, *, seed: int, cards: Mapping[str, str] | None = None) -> None:
        from inftool.agents.endpoint import EndpointClient

        self.settings = settings
        self.seed = seed
        self.cards: dict[str, Card] = {role: load_card((cards or {}).get(role, role)) for role in ("user", "assistant")}
        self._user = EndpointClient(settings.user) if settings.user else None
        self._assistant = EndpointClient(settings.assistant) if settings.assistant else None

    def user(self, blueprint: Blueprint) -> ChatCompletionClient:
        """The user's client for one play."""
        return self._user or ScriptedUser(blueprint, stop=self.cards["user"].stop)

    def assistant(self, blueprint: Blueprint, tools: Mapping[str, Tool]) -> tuple[ChatCompletionClient, Mistake | None]:
        """The assistant's client for one play, and the mistake it will make, if any."""
        if self._assistant:
            return self._assistant, None
        rng = random.Random(f"{self.seed}/{blueprint.id}/mistake")
        mistake = Mistake(blueprint, rng) if rng.random() < self.settings.mistakes else None
        return ScriptedAssistant(blueprint, tools, mistake), mistake

    def names(self) -> dict[str, str]:
        """Who plays, as results must say it."""
        return {
            role: endpoint.model if endpoint else "scripted"
            for role, endpoint in (("user", self.settings.user), ("assistant", self.settings.assistant))
        }

    async def close(self) -> None:
        """Close the endpoints' connections."""
        for client in (self._user, self._assistant):
            if client:
                await client.close()
