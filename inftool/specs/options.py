"""How to compile, and what compiling has in common for every kind of document."""

from __future__ import annotations

from dataclasses import dataclass

# Characters of a tool's description: the limit of OpenAI's function calling is 1,024.
MAX_DESCRIPTION = 1000
# The input schema of one tool in bytes, some 4,000 tokens. More shows a model more of an API, and
# leaves less of its context for other tools and for the conversation.
MAX_SCHEMA_BYTES = 16_384
CUT_WORDS = {
    "cut_text": "{count} descriptions were left out to fit {budget} bytes",
    "cut_optional": "{count} optional properties were left out to fit {budget} bytes: {names}",
    "cut_enum": "{count} long enums were left out to fit {budget} bytes: {names}",
    "cut_required": (
        "the inside of {count} required properties was opened to fit {budget} bytes: {names}"
    ),
}
"""Loss code -> the message about what was cut from a schema."""


@dataclass(frozen=True)
class CompileOptions:
    """How to compile."""

    max_schema_bytes: int = MAX_SCHEMA_BYTES
    """The budget of an input schema, in bytes of compact JSON."""
    closed: bool = True
    """Whether nested objects refuse members that they do not declare."""
    allow_remote: bool = False
    """Whether references to other machines are fetched."""

    @property
    def max_output_bytes(self) -> int:
        """The budget of a success body: answers may be larger than arguments."""
        return self.max_schema_bytes * 2
