"""What schema conversion passes around: the variant, the definitions, and the converter as its helpers see it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from inftool.core.types import JsonObject
from inftool.specs.documents.library import Library, Node
from inftool.specs.losses import LossLog

# closed: members that nothing declares are refused. part: the same, but somebody around it does the refusing. open: as written.
Variant = Literal["closed", "part", "open"]


@dataclass
class Definition:
    """A schema that others refer to by name, and the names that it refers to itself."""

    name: str
    schema: JsonObject = field(default_factory=dict)
    uses: frozenset[str] = frozenset()


class SchemaContext(Protocol):
    """What the conversion of unions needs of the converter."""

    library: Library
    ledger: LossLog
    names: dict[tuple[Any, ...], str]
    """The names of the definitions made so far, by what they were made from."""
    children: dict[int, dict[str, list[str]]]
    """Which named schemas extend which, by document and pointer; filled on first use."""

    def schema(self, node: Node, variant: Variant) -> JsonObject:
        """Convert a schema in the middle of another one."""

    def named(
        self, key: tuple[Any, ...], base: str, sources: list[Node], variant: Variant
    ) -> JsonObject:
        """A `$ref` to the definition of `key`, which is made from `sources` at its first use."""
