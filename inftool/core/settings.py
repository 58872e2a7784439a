"""The settings of a run, and where they come from.

Arguments go over the environment (`INFTOOL_…`), the environment over `inftool.toml` in the working
directory, and that over the defaults.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypedDict, Unpack

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from inftool.core.errors import UsageError
from inftool.core.types import JsonObject, Record, RoleName


class RoleSettings(Record):
    """The model of one role: a table `[roles.judge]`, or `INFTOOL_ROLES__JUDGE__MODEL`.

    What is None is not set: then the assistant's address and key, and the defaults of
    `inftool.llm.config.Endpoint`, are used. docs/models.md explains each.
    """

    model: str | None = None
    """The model's name at its endpoint."""

    base_url: str | None = None
    """The endpoint's address, such as `http://127.0.0.1:8000/v1`."""

    key_env: str | None = None
    """The environment variable that holds the key."""

    temperature: float | None = None
    """Sampling temperature; 0 makes replies repeatable, and cached by default."""

    top_p: float | None = None
    """Nucleus sampling: the share of probability to sample from."""

    max_tokens: int | None = None
    """The most tokens of one reply."""

    seed: int | None = None
    """The endpoint's seed, where it takes one."""

    stop: tuple[str, ...] | None = None
    """Texts that end a reply."""

    extra: JsonObject | None = None
    """Keys that are added to the body of every request."""

    tool_calls: Literal["native", "hermes"] | None = None
    """`hermes` for models that write their calls as text."""

    parallel_tool_calls: bool | None = None
    """Whether a reply may hold several calls; the endpoint decides where this is not set."""

    tool_choice: Literal["auto", "required"] | None = None
    """Whether a reply has to be a call."""

    structured: Literal["schema", "object", "none"] | None = None
    """How an endpoint can be asked for JSON: by a schema, as any object, or not at all."""

    send_reasoning: bool | None = None
    """Whether the model's earlier reasoning is sent back with the conversation."""

    price_in: float | None = None
    """Money for a million prompt tokens."""

    price_out: float | None = None
    """Money for a million completion tokens."""

    timeout: float | None = None
    """Seconds after which one request is given up."""

    retries: int | None = None
    """How often a failed request is sent again at most."""

    backoff: float | None = None
    """Seconds to wait before the first retry; the wait doubles with each further one."""

    def given(self) -> JsonObject:
        """What was set, by name."""
        return self.model_dump(exclude_none=True)


class Settings(BaseSettings):
    """The settings of a run: what is played, by whom, and where it stops.

    Without a model the scripted cast plays. Keys are never settings, so that none is stored with a
    run: `key_env` names the environment variable that holds one.
    """

    model_config = SettingsConfigDict(
        env_prefix="INFTOOL_",
        env_nested_delimiter="__",
        toml_file="inftool.toml",
        # A misspelled setting must not be ignored in silence.
        extra="forbid",
        frozen=True,
    )

    seed: int = 0
    """The same seed draws the same blueprints."""

    count: int = Field(default=100, ge=1, le=10_000_000)
    """How many conversations are played, those that are rejected included."""

    mistakes: float = Field(default=0.0, ge=0.0, le=1.0)
    """The share of plays in which the scripted assistant makes a named mistake."""

    concurrency: int | None = Field(default=None, ge=1, le=4096)
    """Conversations in flight; None: 8 with the scripted cast, as many as it takes with a model."""

    categories: tuple[str, ...] = ()
    """The categories to draw from; empty: all of them."""

    weights: dict[str, dict[str, float]] = Field(default_factory=dict)
    """Weights of what is drawn: axis (such as `category` or `tool`) -> value -> weight."""

    model: str | None = None
    """The assistant's model."""

    base_url: str | None = None
    """The address of the assistant's endpoint; the other roles use it too if they name none."""

    key_env: str | None = None
    """The environment variable that holds the assistant's key."""

    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    """The sampling temperature of every role."""

    user_model: str | None = None
    """The user's model; None: the scripted user speaks."""

    user_base_url: str | None = None
    """The address of the user's endpoint."""

    user_key_env: str | None = None
    """The environment variable that holds the user's key."""

    judge_model: str | None = None
    """The model that judges what rules cannot see; None: no judge is asked."""

    timeout: float | None = Field(default=None, gt=0)
    """Seconds after which one request is given up, for every role."""

    roles: dict[RoleName, RoleSettings] = Field(default_factory=dict)
    """More about single roles; where a setting above says the same, that one wins."""

    price_in: float | None = Field(default=None, ge=0)
    """Money for a million prompt tokens, for every role."""

    price_out: float | None = Field(default=None, ge=0)
    """Money for a million completion tokens, for every role."""

    max_cost: float | None = Field(default=None, gt=0)
    """Nothing new is begun once this much money is spent."""

    max_tokens: int | None = Field(default=None, ge=1)
    """Nothing new is begun once this many tokens are used."""

    max_time: float | None = Field(default=None, gt=0)
    """Nothing new is begun after this many seconds."""

    conversation_timeout: float = Field(default=1800.0, gt=0)
    """Seconds after which one conversation is given up."""

    pilot: int | None = Field(default=None, ge=1)
    """Play only this many, and forecast what all of them will come to."""

    verbalise: bool = False
    """A model writes the words only; calls and results are those of the executed plan."""

    direct: bool = False
    """Call the worlds without an MCP server in between; the lines are the same."""

    cache: bool | None = None
    """Whether replies are kept by their request; None: if every model is at temperature 0."""

    max_schema_bytes: int = Field(default=16384, ge=512)
    """The largest input schema of a tool; larger ones are shortened or left out."""

    allow_remote: bool = False
    """Whether references of specs to other hosts are followed."""

    cards: dict[str, str] = Field(default_factory=dict)
    """The user's role cards: name of the card that is replaced -> file."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments first, then the environment, then the file."""
        # No dotenv file and no secrets folder: keys stay in the environment and are never settings.
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class SettingsOverrides(TypedDict, total=False):
    """The fields of `Settings` as keyword arguments; None counts as not given.

    `tests/core/test_settings.py` holds the two against each other.
    """

    seed: int | None
    count: int | None
    mistakes: float | None
    concurrency: int | None
    categories: Sequence[str] | None
    weights: Mapping[str, Mapping[str, float]] | None
    model: str | None
    base_url: str | None
    key_env: str | None
    temperature: float | None
    user_model: str | None
    user_base_url: str | None
    user_key_env: str | None
    judge_model: str | None
    timeout: float | None
    roles: Mapping[str, RoleSettings | Mapping[str, object]] | None
    price_in: float | None
    price_out: float | None
    max_cost: float | None
    max_tokens: int | None
    max_time: float | None
    conversation_timeout: float | None
    pilot: int | None
    verbalise: bool | None
    direct: bool | None
    cache: bool | None
    max_schema_bytes: int | None
    allow_remote: bool | None
    cards: Mapping[str, str] | None


def load_settings(**overrides: Unpack[SettingsOverrides]) -> Settings:
    """The settings with overrides on top; UsageError that names each wrong one."""
    return settings_of(overrides)


def settings_of(overrides: Mapping[str, Any]) -> Settings:
    """The same with overrides whose names are not known beforehand, such as those of a file."""
    try:
        return Settings(**{key: value for key, value in overrides.items() if value is not None})
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        raise UsageError(
            f"a setting is wrong: {problems}",
            hint="look at the flags, at INFTOOL_… in the environment and at inftool.toml",
        ) from error
    except ValueError as error:
        raise UsageError(f"inftool.toml cannot be read: {error}") from error
