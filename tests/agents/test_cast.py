"""Role cards of one's own: they are played, recorded by hash, and refused where they cannot be
used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from inftool import synthesize
from inftool.agents.cast import Cast
from inftool.agents.role_cards import CARD_NAMES, load_card
from inftool.core.errors import CastError, UsageError
from inftool.core.package_data import data_folder
from inftool.llm.config import CastSettings, Endpoint
from inftool.synthesis.cast_builder import judges, own_cards
from inftool.synthesis.role_flags import parse_card_flags
from tests.conftest import SPECS


def own(folder: Path, name: str, more: str) -> Path:
    """A copy of a card with something added."""
    file = folder / f"my-{name}.txt"
    file.write_text((data_folder("agents") / f"{name}.md").read_text("utf-8") + more, "utf-8")
    return file


def test_every_card_has_its_file_and_a_file_its_card() -> None:
    assert {file.stem for file in data_folder("agents").glob("*.md")} == set(CARD_NAMES)
    assert all(load_card(name).name == name for name in CARD_NAMES)


@pytest.mark.cpu_limit(180)
def test_a_card_of_ones_own_is_played_and_recorded_by_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = own(tmp_path, "assistant", "\nEnd every answer with a wish.\n")
    (tmp_path / "inftool.toml").write_text(f'[cards]\nassistant = "{file.name}"\n')
    summary = synthesize([SPECS / "bookshop.yaml"], out=tmp_path / "run", count=6)
    rows = [
        json.loads(line)
        for path in (tmp_path / "run" / "kept").glob("*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert len(rows) == summary.kept == 6
    for row in rows:
        assert "End every answer with a wish." in row["messages"][0]["content"]
        assert (
            row["provenance"]["cards"]["assistant"]
            == hashlib.sha256(file.read_bytes()).hexdigest()[:16]
        )
        assert row["provenance"]["cards"]["user"] == load_card("user").sha256[:16]
    # A run is resumed with the cards that it was begun with, from anywhere.
    monkeypatch.chdir(SPECS)
    assert synthesize(out=tmp_path / "run", resume=True).kept == 6
    with pytest.raises(UsageError, match="begun with cards"):
        synthesize(out=tmp_path / "run", resume=True, cards={"user": str(file)})


def test_the_judges_cards_are_recorded_where_it_judges(tmp_path: Path) -> None:
    file = own(tmp_path, "judge-honesty", "\nBe strict.\n")
    judge = Endpoint(model="big", base_url="http://127.0.0.1:1/v1")
    cast = Cast(CastSettings(judge=judge), seed=0, cards={"judge-honesty": str(file)})
    assert sorted(cast.cards) == [
        "assistant",
        "judge-consistency",
        "judge-grounding",
        "judge-honesty",
        "user",
    ]
    assert cast.cards["judge-honesty"].sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert "Be strict." in judges([f"judge-honesty={file}"])["judge-honesty"].prompt
    assert own_cards() == {}


def test_cards_that_cannot_be_used_are_named_before_anything_is_played(tmp_path: Path) -> None:
    blind = tmp_path / "blind.md"
    blind.write_text("---\nname: user\n---\nYou are somebody. Say $stop.\n")
    for cards, said in (
        ({"cook": "x.md"}, "no card 'cook'"),
        ({"user": str(blind)}, r"no \$wishes"),
        ({"user": str(tmp_path / "none")}, "no role card"),
    ):
        with pytest.raises(CastError, match=said):
            Cast(CastSettings(), seed=0, cards=cards)
    with pytest.raises(UsageError, match="CARD=FILE"):
        parse_card_flags(["assistant"])
