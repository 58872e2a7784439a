"""Settings of endpoints: what they refuse to hold."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from inftool.core.types import JsonObject
from inftool.llm.config import Endpoint


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_url": "http://me:key@host/v1"},
        {"base_url": "host/v1"},
        {"base_url": "http://h/v1?key=1"},
        {"extra": {"model": "x"}},
    ],
)
def test_an_address_holds_no_secret_and_settings_no_nonsense(wrong: JsonObject) -> None:
    with pytest.raises(ValidationError):
        Endpoint(model="m", **wrong)
