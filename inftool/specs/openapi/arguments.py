"""The arguments of an operation while they are collected, before they have their final names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from inftool.core.types import Location, Schema
from inftool.specs.documents.node import Node
from inftool.specs.schemas.inspection import members_of

MAX_ARGUMENT_DESCRIPTION = 400
"""Characters of an argument's description: a few sentences. A tool has many arguments."""


@dataclass
class Argument:
    """One argument of a tool."""

    name: str
    """Its name in the document; tools may call it otherwise."""
    location: Location
    """Where it travels in a request."""
    schema: dict[str, object]
    """Its converted schema."""
    required: bool
    """Whether a call must give it."""
    node: Node
    """Where it is declared, for losses."""
    style: str = ""
    """How lists and objects are written (OpenAPI 3, `style`); empty for the default."""
    explode: bool | None = None
    """Whether each item becomes a parameter (OpenAPI 3, `explode`); None for the default."""


@dataclass
class CollectedArguments:
    """The arguments of one operation."""

    arguments: list[Argument] = field(default_factory=list)
    """The arguments, in the order in which the tool has them."""
    uses: set[str] = field(default_factory=set)
    """The names of the definitions that their schemas refer to."""
    body: Node | None = None
    """The parameter `in: body` (Swagger 2.0)."""


@dataclass(frozen=True, slots=True)
class MemberRules:
    """Which members of a body go together, by their names in the document."""

    dependent: Mapping[str, list[str]] | None = None
    """Member -> members that must be there if it is (`dependentRequired`); None for no rule."""
    union: str = ""
    """`anyOf` or `oneOf`, if some combinations of members are required; else empty."""
    branches: tuple[tuple[str, ...], ...] = ()
    """The combinations."""

    def keywords(self, names: Mapping[str, str]) -> dict[str, object]:
        """The rules as keywords of a schema; `names` has the name of each member's argument."""
        keywords: dict[str, object] = {}
        if self.dependent is not None:
            keywords["dependentRequired"] = {
                names[member]: [names[other] for other in others]
                for member, others in self.dependent.items()
            }
        if self.union:
            keywords[self.union] = [
                {"required": [names[member] for member in branch]} for branch in self.branches
            ]
        return keywords


def member_schemas(schema: Schema) -> dict[str, dict[str, object]]:
    """The schemas of the members of a converted object schema, by their names."""
    members = members_of(schema, "properties")
    return {name: inner for name, inner in members.items() if isinstance(inner, dict)}
