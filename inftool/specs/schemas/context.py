"""What the conversion of schemas passes around."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from inftool.specs.documents.library import Library
from inftool.specs.documents.node import Node
from inftool.specs.losses import LossLog

Variant = Literal["closed", "part", "open"]
"""How a schema treats members that it does not declare.

closed: they are refused. part: they are refused too, but by the schema around this one. open: as
the document says.
"""


@dataclass
class Definition:
    """A schema that others refer to by name."""

    name: str
    schema: dict[str, object] = field(default_factory=dict)
    uses: frozenset[str] = frozenset()
    """The names of the definitions that it refers to itself."""


class SchemaContext(Protocol):
    """The converter as the conversion of unions sees it."""

    library: Library
    loss_log: LossLog
    names: dict[tuple[Hashable, ...], str]
    """What a definition was made from -> its name."""
    children: dict[int, dict[str, list[str]]]
    """Number of a document -> pointer of a named schema -> pointers of those that extend it.
    Filled at first use."""

    def schema(self, node: Node, variant: Variant) -> dict[str, object]:
        """Convert a schema that is a part of another one."""

    def named(
        self, key: tuple[Hashable, ...], base: str, sources: list[Node], variant: Variant
    ) -> dict[str, object]:
        """A `$ref` to the definition of `key`, which is made from `sources` at its first use."""


class WritingContext(SchemaContext, Protocol):
    """The converter as the writing of merged schemas sees it."""

    variant: Variant
    """The variant of the schemas inside of a closed one."""
    budget: int
    """The budget of a whole schema, in bytes."""
    hidden: str
    """The flag of properties that are left out: "readOnly" in inputs, "writeOnly" in outputs."""

    def simple(self, node: Node) -> dict[str, object] | None:
        """A simple schema converted; None for any other."""

    def conjunction(self, nodes: list[Node], variant: Variant) -> dict[str, object]:
        """Convert schemas that must all hold into one."""
