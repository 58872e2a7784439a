"""Records used while resources are inferred: groups of tools, and what a tool may be doing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from inftool.world.resources.models import ElementTarget, RoleKind
from inftool.world.resources.routes.paths import Template
from inftool.world.resources.routes.route import Route
from inftool.world.schema.shape import Shape


class WeightedView(NamedTuple):
    """The form in which one tool shows an entity."""

    weight: int
    """How much of the entity it is expected to show; see `grouping.views`."""

    shape: Shape
    """The form."""


class Container(NamedTuple):
    """Where entities that are never read by themselves lie inside other ones."""

    template: Template
    """The collection of the entities that hold them."""

    property: str
    """The property that holds them."""


@dataclass
class Group:
    """The tools about one kind of entity, before they become a resource."""

    name: str
    """A singular noun in words."""

    templates: list[Template] = field(default_factory=list)
    """The paths of its collections; none if its tools are understood by their names."""

    views: list[WeightedView] = field(default_factory=list)
    """The forms in which tools show an entity."""

    inputs: list[Shape] = field(default_factory=list)
    """The arguments of the tools that write an entity."""

    parents: list[Template] = field(default_factory=list)
    """The collections that its own ones lie under."""

    key_parameters: list[tuple[str, Shape]] = field(default_factory=list)
    """The parameters that pick one entity: (name, schema) each."""

    singleton: bool = False
    """There is one under each parent, or one in all."""

    named_by_parameter: bool = False
    """Whether the name comes from a parameter (`orderId`), which no other parameter overrules."""

    aliases: set[str] = field(default_factory=set)
    """Other nouns for the entity, from names of schemas."""

    inside: Container | None = None
    """Where the entities lie inside other ones: the items of a cart."""

    @property
    def fullest_view(self) -> Shape | None:
        """The view with the greatest weight, the first of several; None without views."""
        return max(self.views, key=lambda view: view.weight).shape if self.views else None


@dataclass
class Grouping:
    """All tools of an API and the groups that they fall into."""

    routes: list[Route]
    """The tools in order of name."""

    groups: list[Group]
    """The groups in the order in which they become resources."""

    group_of: dict[Template, Group]
    """Collection -> its group."""

    by_noun: dict[str, Group]
    """Squashed noun -> the group that tools with this noun in their names belong to."""


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
