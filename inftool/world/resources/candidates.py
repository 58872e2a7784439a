"""Records used while resources are inferred: path templates, groups of operations, candidate roles."""

from __future__ import annotations

from dataclasses import dataclass, field

from inftool.world.resources.models import ElementTarget, RoleKind
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
    """What a tool is taken to do, before resources are built; the fields become those of `Role`."""

    kind: RoleKind
    """What the tool does."""

    group: Group | None = None
    """The group of the entities it is about, None if no group is known."""

    target: str | None = None
    """The argument that names the entity."""

    of_caller: bool = False
    """The entity is the caller's own (`/users/me`)."""

    upsert: bool = False
    """Whether the tool creates an entity that does not exist."""

    element: ElementTarget | None = None
    """The elements of the entity that the tool works on, their key left open."""

    fallback: str | None = None
    """Why its effect is unknown, None if it is known."""
