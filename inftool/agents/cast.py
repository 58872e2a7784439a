"""The cast of a run: the model client of each role in each conversation."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from inftool.agents.role_cards import CARD_NAMES, Card, chosen_card
from inftool.agents.scripted.clients import ScriptedAssistant, ScriptedUser
from inftool.agents.scripted.mistakes import Mistake
from inftool.core.blueprints import Blueprint
from inftool.core.tools import Tool
from inftool.core.types import RoleName
from inftool.llm.config import CastSettings, Endpoint

if TYPE_CHECKING:
    from autogen_core.models import ChatCompletionClient

    from inftool.llm.chat_protocol import Schemas
    from inftool.llm.circuit_breaker import CircuitBreaker
    from inftool.llm.client import EndpointClient
    from inftool.llm.rate_limiter import AdaptiveLimiter
    from inftool.llm.response_cache import ReplyCache
    from inftool.llm.tracing import Tracer
    from inftool.llm.transport import EndpointTransport


__all__ = ["Cast", "CastSettings", "Endpoint", "RoleName"]
CONVERSATION_ROLES: tuple[RoleName, ...] = ("user", "assistant")
JUDGE_CARDS = tuple(name for name in CARD_NAMES if name.startswith("judge-"))
# More than most endpoints answer at once; the rate limiter goes below it where one pushes back.
_MOST_IN_FLIGHT = 256


class Cast:
    """Makes the clients of a run: one for each role and conversation.

    `settings` names the endpoints; the user and the assistant are scripted without one. `cards` are
    files of the user's own, by the name of the card. `most` is how many requests may be in flight
    at once; with `fixed` the limit starts there instead of climbing. `replies` is the file of the
    response cache.

    Transports are shared by all conversations. Roles with the same address, key and model share a
    rate limit and a circuit breaker too.
    """

    def __init__(
        self,
        settings: CastSettings,
        *,
        seed: int,
        cards: Mapping[str, str] | None = None,
        most: int = _MOST_IN_FLIGHT,
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
        # Cards are read before anything is played, so that a bad one is reported at once. Cards of
        # roles that do not take part are left out, since the cards are recorded by their hashes.
        names = [
            *CONVERSATION_ROLES,
            *(["writer"] if "writer" in self.endpoints else []),
            *(JUDGE_CARDS if "judge" in self.endpoints else []),
        ]
        self.cards: dict[str, Card] = {name: chosen_card(name, cards or {}) for name in names}
        self.transports: dict[str, EndpointTransport] = {}
        self._schemas: Schemas | None = None
        self._replies: ReplyCache | None = None
        if self.endpoints:
            self._connect(most, fixed, replies)

    def _connect(self, most: int, fixed: bool, replies: Path | None) -> None:
        # aiohttp is not imported unless a model takes part: the scripted cast starts faster.
        from inftool.llm.chat_protocol import Schemas
        from inftool.llm.rate_limiter import AdaptiveLimiter
        from inftool.llm.response_cache import ReplyCache
        from inftool.llm.transport import EndpointTransport

        self._schemas = Schemas()
        self._replies = ReplyCache(replies) if replies is not None else None
        shared: dict[tuple[str | None, str, str], tuple[AdaptiveLimiter, CircuitBreaker]] = {}
        for role in self.endpoints:
            endpoint = self.endpoints[role] = self._with_card_temperature(role)
            address = (endpoint.base_url, endpoint.key_env, endpoint.model)
            limits = shared.get(address)
            transport = EndpointTransport(
                endpoint,
                limiter=limits[0] if limits else AdaptiveLimiter(most, fixed=fixed),
                replies=self._replies,
                tracer=self.tracer,
            )
            if limits:
                # A server that is down is down for every role that it plays.
                transport.breaker = limits[1]
            shared[address] = (transport.limiter, transport.breaker)
            self.transports[role] = transport

    def _with_card_temperature(self, role: str) -> Endpoint:
        """A role's endpoint with the temperature of its card, unless the endpoint sets one."""
        endpoint, card = self.endpoints[role], self.cards.get(role)
        if card is None or card.temperature is None or endpoint.temperature is not None:
            return endpoint
        return endpoint.model_copy(update={"temperature": card.temperature})

    def client(self, role: RoleName) -> EndpointClient | None:
        """A role's client for one conversation; None if the role has no endpoint."""
        if (transport := self.transports.get(role)) is None:
            return None
        # Imported here for the same reason as in `_connect`.
        from inftool.llm.client import EndpointClient

        return EndpointClient(transport, schemas=self._schemas)

    def user(self, blueprint: Blueprint) -> ChatCompletionClient:
        """The user's client for one conversation."""
        return self.client("user") or ScriptedUser(blueprint, stop=self.cards["user"].stop)

    def assistant(
        self, blueprint: Blueprint, tools: Mapping[str, Tool]
    ) -> tuple[ChatCompletionClient, Mistake | None]:
        """The assistant's client for one conversation, and the mistake that it will make, if any.

        Only the scripted assistant makes mistakes on purpose.
        """
        if (client := self.client("assistant")) is not None:
            return client, None
        # Seeded by run and blueprint, so that the order of conversations changes nothing.
        rng = random.Random(f"{self.seed}/{blueprint.id}/mistake")
        mistake = Mistake(blueprint, rng) if rng.random() < self.settings.mistakes else None
        return ScriptedAssistant(blueprint, tools, mistake), mistake

    def names(self) -> dict[str, str]:
        """The model of each role, as results record it; "scripted" for a script."""
        conversation = {
            role: self.endpoints[role].model if role in self.endpoints else "scripted"
            for role in CONVERSATION_ROLES
        }
        others = {
            role: endpoint.model
            for role, endpoint in self.endpoints.items()
            if role not in CONVERSATION_ROLES
        }
        return conversation | others

    async def room(self) -> None:
        """Wait until no request is queued at any endpoint: then a new conversation may begin."""
        for transport in self.transports.values():
            await transport.limiter.room()

    async def close(self) -> None:
        """Close the endpoints' connections, the response cache and the tracer."""
        for transport in self.transports.values():
            await transport.close()
        if self._replies is not None:
            self._replies.close()
        if self.tracer is not None:
            self.tracer.close()
