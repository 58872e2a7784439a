"""Records used while resources are inferred: path templates, groups of operations, candidate roles."""

from __future__ import annotations

from dataclasses import dataclass, field

from inftool.world.resources.models import RoleName
from inftool.world.resources.routes import Route
from inftool.world.schema.shape import Shape

Template = tuple[str, ...]


READS = {"get", "head"}


@dataclass
class Group:
    """One resource in the making: its collection paths, the tools that show its entity, and where its parents are."""

    name: str
    templates: list[Template] = field(default_factory=list)
    shapes: list[tuple[int, Shape]] = field(default_factory=list)
    inputs: list[Shape] = field(default_factory=list)
    parents: list[Template] = field(default_factory=list)
    key_parameters: list[tuple[str, Shape]] = field(default_factory=list)
    singleton: bool = False
    named: bool = False
    aliases: set[str] = field(default_factory=set)
    # Where its things live inside those of another group: that group's path, and the property that holds them.
    inside: tuple[Template, str] | None = None

    @property
    def best(self) -> Shape | None:
        """The fullest view of an entity."""
        return max(self.shapes, key=lambda pair: pair[0])[1] if self.shapes else None


@dataclass
class Grouping:
    """All routes of an API and the groups that they fall into; `home` maps a collection path to its group."""

    routes: list[Route]
    groups: list[Group]
    home: dict[Template, Group]
    spoken: dict[str, Group]


@dataclass
class RoleCandidate:
    """A role in the making."""

    role: RoleName
    group: Group | None = None
    target: str | None = None
    mine: bool = False
    fallback: bool = False
    why: str = ""
    upsert: bool = False
    part: str = ""
    element: str | None = None
