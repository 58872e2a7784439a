"""How to compile, and what every kind of document shares in being compiled."""

from __future__ import annotations

from dataclasses import dataclass

MAX_DESCRIPTION = 1000
CUT_WORDS = {
    "cut_text": "{count} descriptions were left out to fit {budget} bytes",
    "cut_optional": "{count} optional properties were left out to fit {budget} bytes: {names}",
    "cut_enum": "{count} long enums were left out to fit {budget} bytes: {names}",
    "cut_required": "the inside of {count} required properties was opened to fit {budget} bytes: {names}",
}


@dataclass(frozen=True)
class CompileOptions:
    """How to compile: the budget of an input schema in bytes, whether nested objects are closed, whether to fetch remote references."""

    max_schema_bytes: int = 16_384
    closed: bool = True
    allow_remote: bool = False

    @property
    def max_output_bytes(self) -> int:
        """The budget of a success body: answers may say more than questions."""
        return self.max_schema_bytes * 2
