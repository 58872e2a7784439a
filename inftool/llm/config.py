"""Settings of model endpoints: where they are, how they are sampled and what they cost."""

from __future__ import annotations

from typing import Literal, get_args
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from inftool.core.types import JsonObject, Record, RoleName

# Seconds. openai's client waits 600 s by default, which holds up a whole run for one lost request.
DEADLINE = 120.0
ROLES: tuple[RoleName, ...] = get_args(RoleName)
# Keys of a request that the client sets itself; another value would break the conversation.
_RESERVED = frozenset(("model", "messages", "tools", "stream", "n"))


class Endpoint(Record):
    """A model behind an OpenAI-compatible endpoint, and how it is sampled.

    `Endpoint(model="qwen3-8b", base_url="http://localhost:8000/v1", temperature=0.7)`
    """

    model: str = Field(min_length=1)
    """The model's name, as the endpoint lists it."""

    base_url: str | None = None
    """The address, mostly ending in /v1; None: `OPENAI_BASE_URL`, or else OpenAI's own."""

    key_env: str = "OPENAI_API_KEY"
    """The environment variable with the key. It is read when it is needed, and never stored."""

    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    """None: that of the role card, or else the endpoint's default."""

    top_p: float | None = Field(default=None, gt=0.0, le=1.0)
    """The probability mass that is sampled from; None: the endpoint's default."""

    max_tokens: int | None = Field(default=None, ge=1)
    """The most tokens of one reply; None: the endpoint's default."""

    seed: int | None = None
    """The seed of the sampling, for endpoints that take one."""

    stop: tuple[str, ...] = ()
    """Texts at which a reply ends."""

    extra: JsonObject = Field(default_factory=dict)
    """Further keys of every request's body, sent as they are."""

    tool_calls: Literal["native", "hermes"] = "native"
    """`hermes`: for models that write calls as text (see `text_tool_calls`)."""

    parallel_tool_calls: bool | None = None
    """Whether a reply may hold several calls; None: the endpoint's default."""

    tool_choice: Literal["auto", "required"] = "auto"
    """`required`: for servers that call no tool unless they must."""

    structured: Literal["schema", "object", "none"] = "schema"
    """The most that an endpoint takes as `response_format`: a schema, any object, or nothing."""

    send_reasoning: bool = False
    """Whether requests repeat the reasoning of earlier replies, which some endpoints ask for."""

    price_in: float = Field(default=0.0, ge=0.0)
    """Money for a million tokens sent."""

    price_out: float = Field(default=0.0, ge=0.0)
    """Money for a million tokens received."""

    timeout: float = Field(default=DEADLINE, gt=0)
    """Seconds after which one try ends, connecting included."""

    retries: int = Field(default=30, ge=0, le=1000)
    """The most times that a failed request is sent again; waiting for a busy one is not counted."""

    backoff: float = Field(default=0.5, gt=0)
    """Seconds of the first pause between tries; each further pause is twice as long."""

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
                "an endpoint's address holds no credentials and no query;"
                " put the key into the variable that key_env names"
            )
        return value.rstrip("/")

    @field_validator("extra")
    @classmethod
    def _nothing_reserved(cls, value: JsonObject) -> JsonObject:
        if taken := sorted(_RESERVED & value.keys()):
            raise ValueError(f"{taken[0]!r} cannot be set here")
        return value

    @property
    def samples(self) -> bool:
        """Whether two equal requests may be answered differently: all but temperature 0."""
        return self.temperature != 0.0

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """The price of so many tokens, in the money of `price_in` and `price_out`."""
        return (prompt_tokens * self.price_in + completion_tokens * self.price_out) / 1e6


class CastSettings(Record):
    """The endpoint of each role; None is the scripted one, or nobody where there is no script."""

    user: Endpoint | None = None
    """Plays the user."""

    assistant: Endpoint | None = None
    """Plays the assistant."""

    judge: Endpoint | None = None
    """Judges what rules cannot see in a conversation."""

    world: Endpoint | None = None
    """Answers calls whose result a spec does not determine."""

    merger: Endpoint | None = None
    """Says which tools are the same, for the tool tree."""

    writer: Endpoint | None = None
    """Rewrites the user's messages (`--verbalise`)."""

    mistakes: float = 0.0
    """The share of conversations in which the scripted assistant makes a mistake on purpose."""

    def endpoints(self) -> dict[RoleName, Endpoint]:
        """The endpoints that are set, by role."""
        return {role: endpoint for role in ROLES if (endpoint := getattr(self, role)) is not None}
