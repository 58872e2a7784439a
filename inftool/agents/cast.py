"""The cast of a run: who plays each role."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from inftool.agents.role_cards import NAMES, Card, chosen_card
from inftool.agents.scripted.clients import ScriptedAssistant, ScriptedUser
from inftool.agents.scripted.mistakes import Mistake
from inftool.core.blueprints import Blueprint
from inftool.core.tools import Tool
from inftool.core.types import RoleName
from inftool.llm.config import CastSettings, Endpoint

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

    from inftool.llm.chat_protocol import Schemas
    from inftool.llm.client import EndpointClient
    from inftool.llm.response_cache import ReplyCache
    from inftool.llm.tracing import Tracer
    from inftool.llm.transport import EndpointTransport


__all__ = ["Cast", "CastSettings", "Endpoint", "RoleName"]
CARDS: tuple[RoleName, ...] = ("user", "assistant")
JUDGES = tuple(name for name in NAMES if name.startswith("judge-"))


class Cast:
    """Hands out a model client a role and play. Lines to endpoints are shared by all plays, clients
    belong to one.

    Roles at the same address under the same key and model share one line: its pace, its circuit
    breaker, its connections. `most` is how many
    requests may be under way at once; `fixed` starts there instead of climbing. `replies` is the
    file of the reply cache.
    """

    def __init__(
        self,
        settings: CastSettings,
        *,
        seed: int,
        cards: Mapping[str, str] | None = None,
        most: int = 256,
        fixed: bool = True,
        replies: Path | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self.settings = settings
        self.seed = seed
        self.tracer = tracer
        self.endpoints: dict[str, Endpoint] = {
            str(role): endpoint for role, endpoint in settings.endpoints().items()
        }
        carded = [
            *CARDS,
            *(["writer"] if "writer" in self.endpoints else []),
            *(JUDGES if "judge" in self.endpoints else []),
        ]
        self.cards: dict[str, Card] = {name: chosen_card(name, cards or {}) for name in carded}
        self.transports: dict[str, EndpointTransport] = {}
        self._schemas: Schemas | None = None
        self._replies: ReplyCache | None = None
        if self.endpoints:
            self._connect(most, fixed, replies)

    def _connect(self, most: int, fixed: bool, replies: Path | None) -> None:
        # aiohttp and the rest are for those who play with a model.
        from inftool.llm.chat_protocol import Schemas
        from inftool.llm.circuit_breaker import CircuitBreaker
        from inftool.llm.rate_limiter import AdaptiveLimiter
        from inftool.llm.response_cache import ReplyCache
        from inftool.llm.transport import EndpointTransport

        self._schemas = Schemas()
        self._replies = ReplyCache(replies) if replies is not None else None
        shared: dict[tuple[str | None, str, str], tuple[AdaptiveLimiter, CircuitBreaker]] = {}
        for role, endpoint in self.endpoints.items():
            if (
                (card := self.cards.get(role))
                and card.temperature is not None
                and endpoint.temperature is None
            ):
                endpoint = self.endpoints[role] = endpoint.model_copy(
                    update={"temperature": card.temperature}
                )
            pace = shared.get((endpoint.base_url, endpoint.key_env, endpoint.model))
            link = EndpointTransport(
                endpoint,
                limiter=pace[0] if pace else AdaptiveLimiter(most, fixed=fixed),
                replies=self._replies,
                tracer=self.tracer,
            )
            if pace:
                link.breaker = pace[1]
            shared[endpoint.base_url, endpoint.key_env, endpoint.model] = (
                link.limiter,
                link.breaker,
            )
            self.transports[role] = link

    def client(self, role: RoleName) -> EndpointClient | None:
        """A client for one play of a role that has an endpoint."""
        if (link := self.transports.get(role)) is None:
            return None
        from inftool.llm.client import EndpointClient

        return EndpointClient(link, schemas=self._schemas)

    def user(self, blueprint: Blueprint) -> ChatCompletionClient:
        """The user's client for one play."""
        return self.client("user") or ScriptedUser(blueprint, stop=self.cards["user"].stop)

    def assistant(
        self, blueprint: Blueprint, tools: Mapping[str, Tool]
    ) -> tuple[ChatCompletionClient, Mistake | None]:
        """The assistant's client for one play, and the mistake it will make, if any."""
        if (client := self.client("assistant")) is not None:
            return client, None
        rng = random.Random(f"{self.seed}/{blueprint.id}/mistake")
        mistake = Mistake(blueprint, rng) if rng.random() < self.settings.mistakes else None
        return ScriptedAssistant(blueprint, tools, mistake), mistake

    def names(self) -> dict[str, str]:
        """Who plays, as results must say it."""
        others = {
            role: endpoint.model for role, endpoint in self.endpoints.items() if role not in CARDS
        }
        return {
            role: self.endpoints[role].model if role in self.endpoints else "scripted"
            for role in CARDS
        } | others

    async def room(self) -> None:
        """Wait until no play waits for an endpoint: then another one may begin."""
        for link in self.transports.values():
            await link.limiter.room()

    async def close(self) -> None:
        """Close the endpoints' connections, the reply cache and the traces."""
        for link in self.transports.values():
            await link.close()
        if self._replies is not None:
            self._replies.close()
        if self.tracer is not None:
            self.tracer.close()
