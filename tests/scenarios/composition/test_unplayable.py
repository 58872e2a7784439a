"""Reasons why nothing could be composed read as sentences."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason


@pytest.mark.parametrize("reason", UnplayableReason)
def test_a_reason_is_a_sentence_once_its_names_are_filled_in(reason: UnplayableReason) -> None:
    names = {name: f"the{name}" for _, name, _, _ in Formatter().parse(reason.value) if name}
    error = Unplayable(reason, **names)
    assert error.reason is reason
    assert "{" not in str(error)
    assert all(word in str(error) for word in names.values())
    assert re.match(r"[a-z]", str(error))
    assert not str(error).endswith(".")


def test_a_name_that_is_missing_is_an_error_of_the_program() -> None:
    with pytest.raises(KeyError):
        Unplayable(UnplayableReason.NOT_REFUSED)
