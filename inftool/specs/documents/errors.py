"""The errors of reading documents: an unreadable text, and a reference that leads nowhere."""

from __future__ import annotations

from inftool.core.errors import SpecError


class UnreadableText(SpecError):
    """A text is neither JSON nor YAML; `line` is the 1-based line of the flaw, if it is known."""

    def __init__(self, problem: str, *, line: int | None = None, hint: str = "") -> None:
        super().__init__(f"line {line}: {problem}" if line else problem, hint=hint)
        self.line = line


class NestedTooDeeply(UnreadableText):
    """A JSON text is nested more deeply than it can be read, so reading it as YAML is no use."""


class RefError(SpecError):
    """A reference that cannot be followed; `code` is its loss code."""

    def __init__(self, code: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.code = code
