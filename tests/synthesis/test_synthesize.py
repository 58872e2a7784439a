"""The main job as a function: where its settings come from."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inftool import synthesize
from inftool.core.errors import UsageError
from inftool.core.settings import Settings
from tests.conftest import SPECS


def test_keyword_arguments_go_over_settings(tmp_path: Path) -> None:
    base = Settings(seed=5, count=3, categories=("simple",))
    summary = synthesize([SPECS / "bookshop.yaml"], out=tmp_path / "run", settings=base, count=4)
    stored = json.loads((tmp_path / "run" / "run.json").read_text("utf-8"))["settings"]
    assert (stored["seed"], stored["count"], stored["categories"]) == (5, 4, ["simple"])
    assert summary.attempted == 4


def test_settings_of_a_resumed_run_may_be_given_again_but_not_changed(tmp_path: Path) -> None:
    run = tmp_path / "run"
    whole = synthesize([SPECS / "bookshop.yaml"], out=run, settings=Settings(seed=5, count=3))
    again = synthesize(out=run, resume=True, settings=Settings(seed=5, concurrency=1))
    assert again.kept == whole.kept
    with pytest.raises(UsageError, match="begun with seed = 5, not 6"):
        synthesize(out=run, resume=True, settings=Settings(seed=6))
