"""One settings model: arguments over environment (`INFTOOL_…`) over `inftool.toml` in the working directory over defaults."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from inftool.core.errors import UsageError
from inftool.core.types import JsonObject, Record


class RoleSettings(Record):
    """What one role's model may be told: a table `[roles.assistant]` of `inftool.toml`, or `INFTOOL_ROLES__ASSISTANT__MODEL`; docs/models.md says more."""

    model: str | None = None
    base_url: str | None = None
    key_env: str | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    stop: tuple[str, ...] | None = None
    extra: JsonObject | None = None
    tool_calls: Literal["native", "hermes"] | None = None
    parallel_tool_calls: bool | None = None
    tool_choice: Literal["auto", "required"] | None = None
    structured: Literal["schema", "object", "none"] | None = None
    send_reasoning: bool | None = None
    price_in: float | None = None
    price_out: float | None = None
    timeout: float | None = None
    retries: int | None = None
    backoff: float | None = None

    def given(self) -> JsonObject:
        """What was set."""
        return self.model_dump(exclude_none=True)


class Settings(BaseSettings):
    """What a run may be told. `model` and `base_url` are the assistant's; the user's default to the same endpoint where `user_model` is set.

    Without a model the scripted cast plays. Keys are never settings: `key_env` names the environment variable that holds one. `roles` says more of single
    roles (user, assistant, judge, world, merger, writer); the plain settings above them win where both are given. `cards` are role cards of one's own: a file by
    the name of the card that it stands for.
    """

    model_config = SettingsConfigDict(
        env_prefix="INFTOOL_",
        env_nested_delimiter="__",
        toml_file="inftool.toml",
        extra="forbid",
        frozen=True,
    )

    seed: int = 0
    count: int = Field(default=100, ge=1, le=10_000_000)
    mistakes: float = Field(default=0.0, ge=0.0, le=1.0)
    concurrency: int | None = Field(default=None, ge=1, le=4096)
    categories: tuple[str, ...] = ()
    weights: dict[str, dict[str, float]] = Field(default_factory=dict)
    model: str | None = None
    base_url: str | None = None
    key_env: str | None = None
    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    user_model: str | None = None
    user_base_url: str | None = None
    user_key_env: str | None = None
    judge_model: str | None = None
    timeout: float | None = Field(default=None, gt=0)
    roles: dict[
        Literal["user", "assistant", "judge", "world", "merger", "writer"], RoleSettings
    ] = Field(default_factory=dict)
    price_in: float | None = Field(default=None, ge=0)
    price_out: float | None = Field(default=None, ge=0)
    max_cost: float | None = Field(default=None, gt=0)
    max_tokens: int | None = Field(default=None, ge=1)
    max_time: float | None = Field(default=None, gt=0)
    conversation_timeout: float = Field(default=1800.0, gt=0)
    pilot: int | None = Field(default=None, ge=1)
    verbalise: bool = False
    direct: bool = False
    cache: bool | None = None
    max_schema_bytes: int = Field(default=16384, ge=512)
    allow_remote: bool = False
    cards: dict[str, str] = Field(default_factory=dict)

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
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def load_settings(**given: Any) -> Settings:
    """The settings with what was given on top (None counts as not given); UsageError that names each wrong one."""
    try:
        return Settings(**{key: value for key, value in given.items() if value is not None})
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()
        )
        raise UsageError(
            f"a setting is wrong: {problems}",
            hint=f"look at the flags, at INFTOOL_… in the environment and at {Path('inftool.toml')}",
        ) from error
    except ValueError as error:
        raise UsageError(f"inftool.toml cannot be read: {error}") from error


def cards_of(told: Sequence[str]) -> dict[str, str]:
    """`assistant=mine.md` and the like as card files by the name of the card. UsageError for others."""
    cards: dict[str, str] = {}
    for text in told:
        name, equals, file = text.partition("=")
        if not (name and equals and file):
            raise UsageError(f"--card {text}: it is CARD=FILE, such as assistant=mine.md")
        cards[name.strip()] = file
    return cards


def roles_of(told: Sequence[str]) -> dict[str, JsonObject]:
    """`judge.temperature=0` and the like as the tables of the roles; a value is JSON where it can be read as such, else text. UsageError for others."""
    tables: dict[str, JsonObject] = {}
    for text in told:
        where, equals, value = text.partition("=")
        role, dot, name = where.strip().partition(".")
        if not (equals and dot and role and name):
            raise UsageError(
                f"--role {text}: it is ROLE.SETTING=VALUE, such as judge.temperature=0"
            )
        try:
            tables.setdefault(role, {})[name] = json.loads(value)
        except ValueError:
            tables.setdefault(role, {})[name] = value
    return tables
