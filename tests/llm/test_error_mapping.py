"""HTTP statuses become the errors that say whether to ask again."""

from __future__ import annotations

import pytest

from inftool.core.errors import (
    AddressError,
    FatalError,
    RetryableError,
    StructuralError,
)
from inftool.llm.config import Endpoint
from inftool.llm.error_mapping import refusal, wait_asked


@pytest.mark.parametrize(
    ("status", "body", "headers", "kind"),
    [
        (429, "slow down", {}, RetryableError),
        (500, "", {}, RetryableError),
        (503, "", {}, RetryableError),
        (408, "", {}, RetryableError),
        (400, '{"error": {"message": "context_length_exceeded"}}', {}, StructuralError),
        (422, "", {}, StructuralError),
        (501, "", {}, StructuralError),
        (401, "", {}, FatalError),
        (403, "", {}, FatalError),
        (404, "no such model", {}, AddressError),
        (302, "", {}, AddressError),
        (402, "", {}, FatalError),
        (429, '{"error": {"code": "insufficient_quota"}}', {}, FatalError),
        (500, "", {"x-should-retry": "false"}, StructuralError),
        (400, "", {"x-should-retry": "true"}, RetryableError),
    ],
)
def test_every_status_has_its_class(
    status: int, body: str, headers: dict[str, str], kind: type[Exception]
) -> None:
    error = refusal(Endpoint(model="m"), status, headers, body, "sk-secret")
    assert type(error) is kind
    assert error.fatal == issubclass(kind, FatalError)


def test_a_key_that_comes_back_is_blotted_out() -> None:
    assert "sk-secret" not in str(
        refusal(
            Endpoint(model="m"),
            400,
            {},
            '{"error": {"message": "Incorrect: sk-secret"}}',
            "sk-secret",
        )
    )


def test_waits_are_read_as_openai_reads_them() -> None:
    assert wait_asked({"retry-after-ms": "1500"}) == 1.5
    assert wait_asked({"retry-after": "3"}) == 3
    assert wait_asked({"retry-after": "Wed, 21 Oct 2099 07:28:00 GMT"}) == 120
    for nonsense in (
        {},
        {"retry-after": "soon"},
        {"retry-after": "-1"},
        {"retry-after": "Wed, 21 Oct 1999 07:28:00 GMT"},
        {"retry-after-ms": "x"},
    ):
        assert wait_asked(nonsense) is None
