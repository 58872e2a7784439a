"""Who plays, out of the settings of a run."""

from __future__ import annotations

from pathlib import Path

import pytest

from inftool.core.errors import CastError, FatalError, UsageError
from inftool.core.settings import load_settings, settings_of
from inftool.synthesis.cast_builder import (
    ENDPOINT_CONCURRENCY,
    SCRIPTED_CONCURRENCY,
    cast_of,
    cast_settings,
    endpoint_of,
    judges,
    own_cards,
    player_of,
    reply_cache,
)

HERE = "http://127.0.0.1:1/v1"


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No inftool.toml and no environment of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "OPENAI_API_KEY",
        "INFTOOL_CACHE",
        "XDG_CACHE_HOME",
        "INFTOOL_MODEL",
        "INFTOOL_BASE_URL",
    ):
        monkeypatch.delenv(name, raising=False)


def test_without_a_model_the_script_plays_both_and_nothing_is_connected() -> None:
    cast, at_once = cast_of(load_settings(mistakes=0.3))
    assert cast.names() == {"user": "scripted", "assistant": "scripted"}
    assert (cast.transports, cast.endpoints, cast.settings.mistakes) == ({}, {}, 0.3)
    assert at_once == SCRIPTED_CONCURRENCY
    assert cast.client("assistant") is None


async def test_with_a_model_the_pace_starts_low_and_may_climb_to_the_ceiling() -> None:
    cast, at_once = cast_of(load_settings(model="m", base_url=HERE))
    assert at_once == ENDPOINT_CONCURRENCY
    assert cast.transports["assistant"].limiter.most == ENDPOINT_CONCURRENCY
    assert cast.transports["assistant"].limiter.limit < ENDPOINT_CONCURRENCY
    await cast.close()


async def test_a_concurrency_that_is_asked_for_is_where_the_pace_starts_and_ends() -> None:
    for settings in (
        load_settings(model="m", base_url=HERE, concurrency=5),
        load_settings(concurrency=5),
    ):
        cast, at_once = cast_of(settings)
        assert at_once == 5
        assert {(link.limiter.limit, link.limiter.most) for link in cast.transports.values()} <= {
            (5, 5)
        }
        await cast.close()


async def test_roles_with_one_model_at_one_address_share_its_pace_and_its_breaker() -> None:
    cast, _ = cast_of(load_settings(model="m", user_model="m", judge_model="other", base_url=HERE))
    user, assistant, judge = (cast.transports[role] for role in ("user", "assistant", "judge"))
    assert user.limiter is assistant.limiter
    assert user.breaker is assistant.breaker
    assert judge.limiter is not assistant.limiter
    assert judge.breaker is not assistant.breaker
    assert cast.names() == {"user": "m", "assistant": "m", "judge": "other"}
    await cast.close()


def test_a_hosted_model_without_a_key_is_refused_before_anything_is_played() -> None:
    with pytest.raises(FatalError, match="OPENAI_API_KEY is not set"):
        cast_of(load_settings(model="m"))


def test_a_role_without_a_model_has_no_endpoint_whatever_else_is_said_of_it() -> None:
    settings = load_settings(base_url=HERE, temperature=0.1, roles={"judge": {"temperature": 0.5}})
    assert all(endpoint_of(settings, role) is None for role in ("user", "assistant", "judge"))


@pytest.mark.parametrize(
    ("given", "model", "base_url", "temperature"),
    [
        # The flag of the role over its table, its table over what it shares with the assistant; a
        # plain flag wins over all tables.
        ({"user_model": "u"}, "u", HERE, None),
        ({"user_model": "u", "user_base_url": "http://h/v1"}, "u", "http://h/v1", None),
        (
            {"user_model": "u", "roles": {"user": {"model": "t", "temperature": 0.2}}},
            "u",
            HERE,
            0.2,
        ),
        ({"roles": {"user": {"model": "t", "base_url": "http://t/v1"}}}, "t", "http://t/v1", None),
        (
            {"roles": {"user": {"model": "t", "temperature": 0.2}}, "temperature": 0.9},
            "t",
            HERE,
            0.9,
        ),
    ],
)
def test_a_flag_beats_a_table_and_a_table_beats_the_assistants(
    given: dict[str, object], model: str, base_url: str, temperature: float | None
) -> None:
    made = cast_settings(settings_of({"model": "m", "base_url": HERE, **given})).user
    assert made is not None
    assert (made.model, made.base_url, made.temperature) == (model, base_url, temperature)


def test_a_user_is_not_given_the_assistants_model() -> None:
    assert cast_settings(load_settings(model="m", base_url=HERE)).user is None


def test_where_a_writer_writes_the_words_nobody_speaks_and_no_mistake_is_made() -> None:
    made = cast_settings(
        load_settings(model="m", user_model="u", base_url=HERE, verbalise=True, mistakes=0.5)
    )
    assert made.writer is not None
    assert (made.writer.model, made.writer.base_url) == ("m", HERE)
    assert (made.user, made.assistant, made.mistakes) == (None, None, 0.0)


def test_settings_that_do_not_fit_are_named_with_their_role() -> None:
    settings = load_settings(
        model="m", base_url=HERE, roles={"judge": {"model": "j", "top_p": 3.0}}
    )
    with pytest.raises(UsageError, match=r"the judge's model cannot be used: top_p"):
        cast_settings(settings)


def test_kept_replies_lie_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(model="m", base_url=HERE, cache=True)
    chosen = cast_settings(settings)
    assert reply_cache(load_settings(cache=True), cast_settings(load_settings())) is None
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert reply_cache(settings, chosen) == tmp_path / "xdg" / "inftool" / "replies.sqlite"
    monkeypatch.setenv("INFTOOL_CACHE", str(tmp_path / "own"))
    assert reply_cache(settings, chosen) == tmp_path / "own" / "replies.sqlite"


def card(file: Path, temperature: str = "") -> Path:
    file.write_text(f"---\nname: world\n{temperature}---\nYou are $service at $now.\n")
    return file


def test_a_card_of_ones_own_takes_the_place_of_the_shipped_one(tmp_path: Path) -> None:
    own = card(tmp_path / "mine.md")
    assert own_cards([f"judge-honesty={own}"]) == {"judge-honesty": str(own)}
    assert (
        judges([f"judge-honesty={own}"])["judge-honesty"].prompt.strip()
        == "You are $service at $now."
    )
    assert judges()["judge-honesty"].prompt.strip() != "You are $service at $now."
    with pytest.raises(UsageError, match="CARD=FILE"):
        own_cards(["judge-honesty"])


def test_a_card_that_is_not_there_stops_the_run_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(CastError, match="no role card"):
        cast_of(load_settings(cards={"assistant": str(tmp_path / "none.md")}))


async def test_a_world_is_played_by_a_model_only_where_one_is_named(tmp_path: Path) -> None:
    assert player_of(None, None, {}) is None
    own = {"world": str(card(tmp_path / "world.md", "temperature: 0.4\n"))}
    for given, sampled in (({}, 0.4), ({"temperature": 0.0}, 0.0)):
        endpoint = endpoint_of(
            load_settings(
                base_url=HERE, roles={"world": {"model": "w", "base_url": HERE, **given}}
            ),
            "world",
        )
        player = player_of(endpoint, tmp_path / "recordings.jsonl", own)
        assert player is not None
        assert player._client.endpoint.temperature == sampled  # type: ignore[union-attr]
