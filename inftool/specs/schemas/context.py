"""Records that schema conversion passes around: the variant and the definitions made so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from inftool.core.types import JsonObject

# closed: members that nothing declares are refused. part: the same, but somebody around it does the refusing. open: as written.
Variant = Literal["closed", "part", "open"]


@dataclass
class Definition:
    """A schema that others refer to by name, and the names that it refers to itself."""

    name: str
    schema: JsonObject = field(default_factory=dict)
    uses: frozenset[str] = frozenset()
