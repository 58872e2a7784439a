"""The schema that the parts of an `allOf` are merged into."""

from __future__ import annotations

from dataclasses import dataclass, field

from inftool.specs.documents.node import Node


@dataclass
class MergedSchema:
    """The conjunction of several schemas, whose inner schemas are not converted yet."""

    node: Node
    """The outermost part, where losses are recorded."""
    parts: list[Node] = field(default_factory=list)
    types: list[str] | None = None
    """The types that are allowed; None allows any."""
    types_beside_reference: bool = False
    """Whether the types stand beside a reference, where OpenAPI 3.0 has nothing else count, so that
    the types of what is referred to win."""
    implied_format: str = ""
    """The format that a word for a type implied."""
    nullable: bool = False
    choices: list[object] | None = None
    """The values of the enum."""
    properties: dict[str, list[Node]] = field(default_factory=dict)
    """Name -> the schemas that must all hold for the property."""
    required: dict[str, None] = field(default_factory=dict)
    """The required names, in their order."""
    extra: list[Node] = field(default_factory=list)
    """The schemas that `additionalProperties` gives."""
    closed: bool = False
    """Whether a part has `additionalProperties: false`."""
    opened: bool = False
    """Whether a part has `additionalProperties: true`."""
    patterns: dict[str, list[Node]] = field(default_factory=dict)
    """Pattern -> the schemas of `patternProperties`."""
    items: list[Node] = field(default_factory=list)
    """The schemas that must all hold for every item."""
    prefix: Node | None = None
    """The list of `prefixItems`."""
    unions: list[tuple[str, Node]] = field(default_factory=list)
    """("oneOf" or "anyOf", the list of branches)."""
    conditions: list[Node] = field(default_factory=list)
    """The parts that have `if`."""
    singles: dict[str, Node] = field(default_factory=dict)
    """Keyword -> the value of a rarer keyword, of which the first part that has it counts."""
    also: list[dict[str, object]] = field(default_factory=list)
    """Converted schemas that must hold as well and cannot be merged."""
    plain: dict[str, object] = field(default_factory=dict)
    """Keywords that are complete: limits, pattern, format, const, ..."""
    discriminator: Node | None = None

    @property
    def is_object(self) -> bool:
        """Whether it says anything about the members of an object."""
        return bool(
            self.properties
            or self.extra
            or self.patterns
            or self.closed
            or self.opened
            or (self.types is not None and "object" in self.types)
        )
