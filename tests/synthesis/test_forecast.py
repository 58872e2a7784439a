"""Forecasts hold as often as they say, and who plays follows from what was set."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from inftool.core.errors import UsageError
from inftool.core.settings import load_settings
from inftool.llm.usage import Caps
from inftool.synthesis.cast_builder import cast_settings, reply_cache, role_endpoint
from inftool.synthesis.forecast import Interval, PilotSample, forecast
from inftool.synthesis.role_flags import parse_role_flags


def played(
    rng: random.Random, share: float, at_once: int, count: int
) -> tuple[list[PilotSample], float]:
    """So many plays, long ones rarer than short ones, and how long they take side by side."""
    plays = []
    for _ in range(count):
        tokens = int(rng.lognormvariate(8, 0.6))
        plays.append(
            PilotSample(
                category="simple",
                kept=rng.random() < share,
                seconds=tokens / 2000,
                tokens=tokens,
                cost=tokens * 2e-6,
            )
        )
    busy = [0.0] * at_once
    for play in plays:
        first = busy.index(min(busy))
        busy[first] += play.seconds
    return plays, max(busy)


@pytest.mark.parametrize(
    ("share", "count", "at_once"), [(0.95, 400, 16), (0.6, 400, 4), (0.8, 60, 32)]
)
def test_the_interval_covers_the_truth_in_nine_of_ten_trials(
    share: float, count: int, at_once: int
) -> None:
    rng = random.Random(7)
    trials, held = 120, dict.fromkeys(("kept", "cost", "tokens", "seconds"), 0)
    for _ in range(trials):
        plays, _ = played(rng, share, at_once, 20)
        rest, rest_seconds = played(rng, share, at_once, count - 20)
        busy = [0.0] * at_once
        for play in plays:
            busy[busy.index(min(busy))] += play.seconds
        said = forecast(plays, count, seconds=max(busy), at_once=at_once)
        every = [*plays, *rest]
        truth = {
            "kept": sum(play.kept for play in every),
            "cost": sum(play.cost for play in every),
            "tokens": sum(play.tokens for play in every),
            "seconds": max(busy) + rest_seconds,
        }
        for name, value in truth.items():
            interval = getattr(said, name)
            held[name] += interval.low <= value <= interval.high
    assert all(times >= 0.9 * trials for times in held.values()), held


def test_a_pilot_that_is_the_whole_run_is_certain() -> None:
    plays, seconds = played(random.Random(1), 0.5, 4, 10)
    said = forecast(plays, 10, seconds=seconds, at_once=4)
    kept = sum(play.kept for play in plays)
    assert said.kept == Interval(expected=kept, low=kept, high=kept)
    assert said.cost.low == said.cost.high


def test_each_role_has_its_own_and_shares_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inftool.toml").write_text(
        'model = "from-file"\n[roles.assistant]\nbase_url = "http://127.0.0.1:1/v1"\nkey_env = '
        '"A"\ntool_calls = "hermes"\n'
        '[roles.user]\nmodel = "small"\nprice_in = 0.5\ntemperature = 0.7\n[roles.judge]\nmodel = '
        '"big"\nbase_url = "http://127.0.0.1:2/v1"\n'
    )
    monkeypatch.setenv("INFTOOL_ROLES__USER__MAX_TOKENS", "77")
    made = cast_settings(load_settings(model="from-flag"))
    assert made.assistant is not None
    assert made.user is not None
    assert made.judge is not None
    assert (made.assistant.model, made.assistant.base_url, made.assistant.tool_calls) == (
        "from-flag",
        "http://127.0.0.1:1/v1",
        "hermes",
    )
    assert (made.user.model, made.user.base_url, made.user.key_env, made.user.max_tokens) == (
        "small",
        "http://127.0.0.1:1/v1",
        "A",
        77,
    )
    assert (made.user.price_in, made.user.temperature, made.user.tool_calls) == (0.5, 0.7, "native")
    assert (made.judge.model, made.judge.base_url, made.judge.key_env) == (
        "big",
        "http://127.0.0.1:2/v1",
        "A",
    )
    assert made.writer is None
    words = cast_settings(load_settings(model="m", verbalise=True))
    assert list(words.endpoints()) == ["judge", "writer"]


def test_a_flag_sets_anything_of_a_role(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inftool.toml").write_text(
        '[roles.judge]\nmodel = "big"\nprice_in = 2.0\n[roles.world]\nmodel = "w"\n'
    )
    told = [
        "judge.base_url=http://127.0.0.1:2/v1",
        "judge.temperature=0.2",
        'judge.extra={"top_k": 3}',
        "user.model=7b",
    ]
    made = cast_settings(load_settings(model="m", roles=parse_role_flags(told)))
    assert made.judge is not None
    assert made.user is not None
    assert (made.judge.model, made.judge.base_url, made.judge.temperature) == (
        "big",
        "http://127.0.0.1:2/v1",
        0.2,
    )
    assert (made.judge.extra, made.judge.price_in, made.user.model) == ({"top_k": 3}, 2.0, "7b")
    world = role_endpoint("world", ["world.seed=4"], base_url="http://127.0.0.1:3/v1")
    assert world is not None
    assert (world.model, world.seed, world.base_url) == ("w", 4, "http://127.0.0.1:3/v1")
    assert role_endpoint("merger") is None
    for wrong in ("judge", "judge.model", ".model=x", "judge=x"):
        with pytest.raises(UsageError, match=r"ROLE.SETTING=VALUE"):
            parse_role_flags([wrong])
    with pytest.raises(UsageError, match="cook"):
        role_endpoint("judge", ["cook.model=x"])


@pytest.mark.parametrize(
    "wrong",
    [
        {"verbalise": True},
        {"model": "m", "base_url": "http://me:secret@h/v1"},
        {"roles": {"user": {"modell": "x"}}},
        {"roles": {"cook": {}}},
    ],
)
def test_wrong_settings_are_named_and_secrets_are_not(
    wrong: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError) as refused:
        cast_settings(load_settings(**wrong))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("temperature", "asked", "kept"),
    [
        (0.0, None, True),
        (None, None, False),
        (0.7, None, False),
        (0.7, True, True),
        (0.0, False, False),
    ],
)
def test_replies_are_kept_where_nobody_samples_or_where_it_is_asked_for(
    temperature: float | None,
    asked: bool | None,
    kept: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(
        model="m", base_url="http://127.0.0.1:1/v1", temperature=temperature, cache=asked
    )
    assert (reply_cache(settings, cast_settings(settings)) is not None) == kept


def test_caps_say_which_one_is_reached() -> None:
    caps = Caps(cost=1.0, tokens=100, seconds=60)
    assert caps.reached(cost=0.5, tokens=99, seconds=59) is None
    assert "--max-cost" in str(caps.reached(cost=1.0, tokens=0, seconds=0))
    assert "--max-tokens" in str(caps.reached(cost=0, tokens=100, seconds=0))
    assert "--max-time" in str(caps.reached(cost=0, tokens=0, seconds=61))
