"""Blueprints as YAML: played as they are written, and wrong ones named with their line."""

from __future__ import annotations

from pathlib import Path

import pytest

from inftool.agents.role_cards import load_personas
from inftool.core.errors import ScenarioError, UsageError
from inftool.scenarios.authoring.loader import read_blueprint
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.single_play import play_file
from tests.conftest import SPECS

GOOD = """\
api: bookshop
persona: brisk-manager
category: multi_step
turns:
  - want: see our authors
    tell:
      name of the first author: {$from: s1, at: /data/0/name}
    calls:
      - tool: listAuthors
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_file_is_played_and_judged(tmp_path: Path) -> None:
    trajectory = play_file(written(tmp_path, GOOD), [SPECS / "bookshop.yaml"])
    assert trajectory.verdict is not None
    assert trajectory.verdict.passed
    assert trajectory.blueprint is not None
    assert trajectory.blueprint.persona.name == "brisk-manager"
    with pytest.raises(UsageError, match="which specs"):
        play_file(written(tmp_path, GOOD))


@pytest.mark.parametrize(
    ("change", "line", "about"),
    [
        (("listAuthors", "burnAuthors"), 9, "no such tool"),
        (("/data/0/name", "/data/0/nose"), 7, "nothing at"),
        (("api: bookshop", "api: bakery"), 1, "there is no API"),
        (("brisk-manager", "nobody"), 2, "there is no persona"),
        (("multi_step", "many_steps"), 3, "category"),
        (("want:", "wish:"), 5, "want"),
        (
            ("tool: listAuthors", "tool: getAuthor\n        arguments: {authorId: 17}"),
            10,
            "authorId",
        ),
        (("turns:", "turns: ["), 5, "no YAML"),
    ],
)
def test_errors_name_the_line(
    stage: WorldPool, tmp_path: Path, change: tuple[str, str], line: int, about: str
) -> None:
    path = written(tmp_path, GOOD.replace(*change))
    with pytest.raises(ScenarioError, match=about) as caught:
        read_blueprint(path, stage, load_personas())
    assert f"mine.yaml:{line}:" in str(caught.value)
