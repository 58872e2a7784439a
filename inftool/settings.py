"""One settings model: arguments over environment (`INFTOOL_…`) over `inftool.toml` in the working directory over defaults."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from inftool.errors import UsageError


class Settings(BaseSettings):
    """What a run may be told. `model` and `base_url` are the assistant's; the user's default to the same endpoint where `user_model` is set.

    Without a model the scripted cast plays. Keys are never settings: `key_env` names the environment variable that holds one.
    """

    model_config = SettingsConfigDict(env_prefix="INFTOOL_", toml_file="inftool.toml", extra="forbid", frozen=True)

    seed: int = 0
    count: int = Field(default=100, ge=1, le=10_000_000)
    mistakes: float = Field(default=0.0, ge=0.0, le=1.0)
    concurrency: int | None = Field(default=None, ge=1, le=4096)
    categories: tuple[str, ...] = ()
    model: str | None = None
    base_url: str | None = None
    key_env: str = "OPENAI_API_KEY"
    temperature: float | None = Field(default=None, ge=0.0, le=2.0)
    user_model: str | None = None
    user_base_url: str | None = None
    user_key_env: str | None = None
    timeout: float = Field(default=120.0, gt=0)
    max_schema_bytes: int = Field(default=16384, ge=512)
    allow_remote: bool = False
    user_card: str | None = None
    assistant_card: str | None = None

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
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise UsageError(
            f"a setting is wrong: {problems}", hint=f"look at the flags, at INFTOOL_… in the environment and at {Path('inftool.toml')}"
        ) from error
    except ValueError as error:
        raise UsageError(f"inftool.toml cannot be read: {error}") from error
