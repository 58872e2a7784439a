"""A violation: one thing that is wrong with the arguments of a call."""

from __future__ import annotations

from typing import Literal

from inftool.core.json_pointer import escape
from inftool.core.types import Record

Code = Literal[
    "unknown_argument",
    "missing_required",
    "wrong_type",
    "bad_enum",
    "bad_format",
    "out_of_range",
    "too_long",
    "too_short",
    "bad_pattern",
    "not_unique",
    "no_match",
    "other",
]
Path = tuple[str | int, ...]
"""Keys and indices from the whole value to a part of it."""


class Violation(Record):
    """One thing that is wrong with a call."""

    argument: str
    """The name of the argument; empty for the call itself."""
    pointer: str
    """The JSON pointer to the part of the call that is wrong."""
    code: Code
    expected: str
    """What was expected, in words: "an integer", "one of: limit, offset"."""
    message: str
    """A sentence that says what is wrong and what was expected."""


def violation_at(path: Path, code: Code, expected: str, message: str) -> Violation:
    """A violation at a path inside the call."""
    return Violation(
        argument=str(path[0]) if path else "",
        pointer="".join(f"/{escape(str(token))}" for token in path),
        code=code,
        expected=expected,
        message=message,
    )
