"""Settings: keyword arguments mirror the model, and each source goes over the next."""

from __future__ import annotations

from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_type_hints

import pytest

from inftool.core.errors import UsageError
from inftool.core.settings import Settings, SettingsOverrides, load_settings, settings_of

# Where any sequence or mapping will do as an argument, and the model makes its own of it.
WIDER = {"categories", "weights", "roles", "cards"}


def without_none(annotation: Any) -> set[Any]:
    return set(get_args(annotation) or (annotation,)) - {NoneType}


def test_overrides_mirror_the_fields_of_the_model() -> None:
    overrides = get_type_hints(SettingsOverrides)
    fields = get_type_hints(Settings)
    assert list(overrides) == list(Settings.model_fields)
    for name, annotation in overrides.items():
        assert NoneType in get_args(annotation), name
        if name not in WIDER:
            assert without_none(annotation) == without_none(fields[name]), name
    assert not SettingsOverrides.__required_keys__


def test_what_is_wider_is_made_into_what_the_model_holds() -> None:
    settings = load_settings(
        categories=["simple"], roles={"judge": {"temperature": 0}}, cards={"judge": "mine.md"}
    )
    assert settings.categories == ("simple",)
    assert settings.roles["judge"].given() == {"temperature": 0.0}


def test_arguments_go_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "inftool.toml").write_text('seed = 1\ncount = 1\nmodel = "file"\n', "utf-8")
    monkeypatch.setenv("INFTOOL_COUNT", "2")
    monkeypatch.setenv("INFTOOL_SEED", "2")
    settings = load_settings(seed=3, model=None)
    assert (settings.seed, settings.count, settings.model) == (3, 2, "file")


def test_every_wrong_setting_is_named() -> None:
    with pytest.raises(UsageError, match=r"count: .*; nonsense: "):
        settings_of({"count": 0, "nonsense": 1})
