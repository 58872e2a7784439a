"""The template says how a model's conversations are put into tokens."""

from __future__ import annotations

import pytest

from inftool.training.tokenization.slots.vocabulary import SLOT_TEMPLATE
from inftool.training.tokenization.tokens import tokenization_for


@pytest.mark.parametrize(
    ("template", "name"),
    [(SLOT_TEMPLATE, "slots"), ("{{ messages }}", "chat-template"), (None, "chat-template")],
)
def test_the_template_picks_the_tokenization(template: str | None, name: str) -> None:
    assert tokenization_for(template).name == name
