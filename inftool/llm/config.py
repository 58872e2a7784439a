"""Where the models of a cast are, how they are sampled and what they cost: one record a role."""

from __future__ import annotations

from typing import Any, Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from inftool.core.types import JsonObject, Record, RoleName

# openai waits 600 s by default, and its connect timeout of 5 s loses conversations under load.
DEADLINE = 120.0
ROLES: tuple[RoleName, ...] = get_args(RoleName)
_RESERVED = frozenset(("model", "messages", "tools", "stream", "n"))


class Endpoint(Record):
    """Where a model is and how it is sampled. The key is read from the environment variable `key_env` when it is used, and never stored.

    `tool_calls`: `native`, or `hermes` for models that write calls as text. `structured`: what stands in for a JSON schema where the endpoint takes
    none. `price_in` and `price_out` are money a million tokens. `timeout` (seconds) ends one call, `retries` is how often one is made again at most.
    `extra` goes into every request's body as it is. `send_reasoning` gives earlier reasoning back to endpoints that ask for it.
    """

    model: str = Field(min_length=1)
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    top_p: float | None = Field(default=None, gt=0.0, le=1.0)
    max_tokens: int | None = Field(default=None, ge=1)
    seed: int | None = None
    stop: tuple[str, ...] = ()
    extra: JsonObject = Field(default_factory=dict)
    tool_calls: Literal["native", "hermes"] = "native"
    parallel_tool_calls: bool | None = None
    tool_choice: Literal["auto", "required"] = "auto"
    structured: Literal["schema", "object", "none"] = "schema"
    send_reasoning: bool = False
    price_in: float = Field(default=0.0, ge=0.0)
    price_out: float = Field(default=0.0, ge=0.0)
    timeout: float = Field(default=DEADLINE, gt=0)
    retries: int = Field(default=30, ge=0, le=1000)
    backoff: float = Field(default=0.5, gt=0)

    @field_validator("base_url")
    @classmethod
    def _no_credentials(cls, value: str | None) -> str | None:
        # Settings are written into the run folder; a key must not come along.
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                "an endpoint's address starts with http:// or https:// and names a host"
            )
        if "@" in parts.netloc or parts.query:
            raise ValueError(
                "an endpoint's address holds no credentials and no query; put the key into the variable that key_env names"
            )
        return value.rstrip("/")

    @field_validator("extra")
    @classmethod
    def _nothing_reserved(cls, value: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(_RESERVED & value.keys()):
            raise ValueError(f"{taken[0]!r} cannot be set here")
        return value

    @property
    def samples(self) -> bool:
        """Whether two equal requests may be answered differently: everything but temperature 0."""
        return self.temperature != 0.0

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.price_in + completion_tokens * self.price_out) / 1e6


class CastSettings(Record):
    """Who plays: an endpoint a role, or the scripted cast (None); `mistakes` is the share of plays in which the scripted assistant makes one.

    `writer` puts a plan's words together (`--verbalise`); `judge`, `world` and `merger` are asked by the stages of that name.
    """

    user: Endpoint | None = None
    assistant: Endpoint | None = None
    judge: Endpoint | None = None
    world: Endpoint | None = None
    merger: Endpoint | None = None
    writer: Endpoint | None = None
    mistakes: float = 0.0

    def endpoints(self) -> dict[RoleName, Endpoint]:
        """The endpoints that are set, by role."""
        return {role: endpoint for role in ROLES if (endpoint := getattr(self, role)) is not None}
