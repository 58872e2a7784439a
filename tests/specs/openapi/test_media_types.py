"""Which media types hold what."""

from __future__ import annotations

import pytest

from inftool.specs.openapi.media_types import is_form, is_json, plain_type


@pytest.mark.parametrize(
    "media", ["application/json", "text/json; charset=utf-8", "application/problem+json", "*/*"]
)
def test_json_under_its_names(media: str) -> None:
    assert is_json(media)
    assert not is_form(media)


def test_forms_and_others() -> None:
    assert is_form("Multipart/Form-Data; boundary=x")
    assert not is_json("application/xml")
    assert plain_type(" Text/CSV ; header=present") == "text/csv"
