"""The cast of a run, from its settings: which model plays which role, and where it is.

Flags win over the environment, the environment over `inftool.toml`, and all of them over the table
of a role (`[roles.judge]`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from inftool.agents.cast import JUDGE_CARDS, Cast
from inftool.agents.role_cards import Card, chosen_card
from inftool.core.errors import UsageError
from inftool.core.settings import Settings, load_settings, settings_of
from inftool.core.types import JsonObject, RoleName
from inftool.llm.config import ROLES, CastSettings, Endpoint
from inftool.llm.tracing import tracer_from_environment
from inftool.synthesis.role_flags import parse_card_flags, parse_role_flags

if TYPE_CHECKING:
    from inftool.world.model_fallback import FallbackPlayer


# The scripted cast waits for no network: more in flight gains little. Not measured.
SCRIPTED_CONCURRENCY = 8
# With a model this is a ceiling: as many are in flight as the endpoint takes.
ENDPOINT_CONCURRENCY = 256


def cast_of(settings: Settings) -> tuple[Cast, int]:
    """The cast, and how many conversations may be in flight.

    UsageError if the settings of a role do not fit together, FatalError without a key.
    """
    chosen = cast_settings(settings)
    played = bool(chosen.endpoints())
    most = settings.concurrency or (ENDPOINT_CONCURRENCY if played else SCRIPTED_CONCURRENCY)
    cast = Cast(
        chosen,
        seed=settings.seed,
        cards=settings.cards,
        most=most,
        fixed=settings.concurrency is not None,
        replies=reply_cache(settings, chosen),
        tracer=tracer_from_environment() if played else None,
    )
    return cast, most


def cast_settings(settings: Settings) -> CastSettings:
    """An endpoint for each role that has a model; the others are scripted, or nobody.

    The address and key of every role are the assistant's unless it has its own. With `verbalise`
    only the writer speaks, with the assistant's model.
    """
    made: dict[str, Endpoint] = {}
    for role in ROLES:
        # With `verbalise` the writer speaks for both, without it for nobody.
        if settings.verbalise == (role in ("user", "assistant")) and role in (
            "user",
            "assistant",
            "writer",
        ):
            continue
        if (endpoint := endpoint_of(settings, role)) is not None:
            made[role] = endpoint
    if settings.verbalise and "writer" not in made:
        raise UsageError(
            "--verbalise needs a model",
            hint="name it with --model, and --base-url where it is not hosted",
        )
    return CastSettings(**made, mistakes=0.0 if settings.verbalise else settings.mistakes)


def endpoint_of(settings: Settings, role: RoleName) -> Endpoint | None:
    """Where the model of a role is and how it is sampled, None if it has none.

    UsageError if its settings do not fit together.
    """
    merged = _merged(settings, role)
    if not merged.get("model"):
        return None
    try:
        return Endpoint(**merged)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}"
            for item in error.errors(include_input=False)
        )
        raise UsageError(
            f"the {role}'s model cannot be used: {problems}",
            hint="docs/models.md lists what may be set",
        ) from None


def role_endpoint(role: RoleName, told: Sequence[str] = (), **given: Any) -> Endpoint | None:
    """The endpoint of the one role that a verb uses.

    `given` and `told` (such as `judge.temperature=0`) win over the environment and `inftool.toml`.
    """
    tables = parse_role_flags(told)
    # A role's own flag is more exact than the verb's general one.
    tables[role] = {**_set(given), **tables.get(role, {})}
    return endpoint_of(settings_of({"roles": tables}), role)


def own_cards(told: Sequence[str] = ()) -> Mapping[str, str]:
    """The user's card files, by the name of the card.

    `told` (such as `world=mine.md`) wins over the environment and `inftool.toml`.
    """
    return load_settings(cards=parse_card_flags(told) if told else None).cards


def judges(told: Sequence[str] = ()) -> Mapping[str, Card]:
    """The judge's cards, the user's own where there are any."""
    own = own_cards(told)
    return {name: chosen_card(name, own) for name in JUDGE_CARDS}


def player_of(
    endpoint: Endpoint | None, recordings: Path | None, own: Mapping[str, str]
) -> FallbackPlayer | None:
    """The model-played part of a world, None where there is no endpoint."""
    if endpoint is None:
        return None
    from inftool.llm.client import EndpointClient
    from inftool.world.model_fallback import FallbackPlayer
    from inftool.world.recordings import Recordings

    card = chosen_card("world", own)
    if endpoint.temperature is None:
        endpoint = endpoint.model_copy(update={"temperature": card.temperature})
    return FallbackPlayer(EndpointClient(endpoint), card.prompt, recordings=Recordings(recordings))


def _merged(settings: Settings, role: RoleName) -> JsonObject:
    tables = {name: table.given() for name, table in settings.roles.items()}
    first: JsonObject = {
        "model": settings.model,
        "base_url": settings.base_url,
        "key_env": settings.key_env,
    }
    plain: JsonObject = {
        "temperature": settings.temperature,
        "timeout": settings.timeout,
        "price_in": settings.price_in,
        "price_out": settings.price_out,
    }
    if role == "assistant":
        return tables.get(role, {}) | _set(first) | _set(plain)
    # What a role does not say for itself is the assistant's: usually all models are behind one
    # address.
    above = tables.get("assistant", {}) | _set(first)
    shared = {
        key: above[key]
        for key in (
            ("model", "base_url", "key_env") if role == "writer" else ("base_url", "key_env")
        )
        if key in above
    }
    own: JsonObject = {}
    if role == "user":
        own = {
            "model": settings.user_model,
            "base_url": settings.user_base_url,
            "key_env": settings.user_key_env,
        }
    elif role == "judge":
        own = {"model": settings.judge_model}
    return shared | tables.get(role, {}) | _set(own) | _set(plain)


def _set(values: Mapping[str, Any]) -> JsonObject:
    return {key: value for key, value in values.items() if value is not None}


def reply_cache(settings: Settings, chosen: CastSettings) -> Path | None:
    """Where replies are cached; None if they are not.

    Without the setting `cache` they are if every model has temperature 0: a sampled reply is not to
    be repeated.
    """
    endpoints = chosen.endpoints()
    wanted = (
        settings.cache
        if settings.cache is not None
        else all(endpoint.temperature == 0.0 for endpoint in endpoints.values())
    )
    if not wanted or not endpoints:
        return None
    own = os.environ.get("INFTOOL_CACHE")
    return (
        Path(own)
        if own
        else Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "inftool"
    ) / "replies.sqlite"
