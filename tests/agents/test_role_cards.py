"""Role cards and personas: files that a user may replace."""

from __future__ import annotations

from pathlib import Path

import pytest

from inftool.agents.role_cards import load_card, load_personas
from inftool.core.errors import CastError


def test_cards_are_files_that_a_user_may_replace(tmp_path: Path) -> None:
    own = tmp_path / "terse.md"
    own.write_text("---\nname: terse\nmax_tool_iterations: 3\n---\nServe $service. It is $now.\n")
    card = load_card(str(own))
    assert card.render(service="Books", now="noon") == "Serve Books. It is noon."
    assert card.max_tool_iterations == 3
    assert len(card.sha256) == 64
    with pytest.raises(CastError, match="placeholder"):
        card.render(service="Books")
    (tmp_path / "bad.md").write_text("no front matter")
    with pytest.raises(CastError, match="between two lines"):
        load_card(str(tmp_path / "bad.md"))
    with pytest.raises(CastError, match="no role card"):
        load_card(str(tmp_path / "none.md"))


def test_personas_differ() -> None:
    people = load_personas()
    assert len({person.name for person in people}) == len(people) >= 16
    for person in people:
        assert all("{intent}" in request for request in person.requests)
        assert all("{reply}" in reply or "{Reply}" in reply for reply in person.replies)
