"""Resources and roles: what an API's tools read and write, found from paths, methods, names and schemas alone."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Literal

from pydantic import Field

from inftool.core.json_pointer import parts
from inftool.core.types import JsonObject, Record
from inftool.world.resources.satisfiability import Kept

RoleName = Literal[
    "list",
    "search",
    "get",
    "create",
    "replace",
    "patch",
    "delete",
    "action",
    "singleton_get",
    "singleton_update",
    "compute",
]
Target = tuple[str, str]
Style = Literal["none", "page", "offset", "cursor"]


class Status(Record):
    """The property that says which state a thing is in, and its states in the order of the schema's enum."""

    property: str
    values: tuple[Any, ...]
    initial: Any = None


class Resource(Record):
    """One kind of thing that the world holds.

    `name` is a singular noun in words; `schema` (attribute `shape_schema`) the JSON Schema of one entity, all views of it together;
    `references` maps a pointer pattern inside the entity (`/lines/*/bookId`) to (resource, property).
    `key_names`: other properties that carry the same key in some views. `virtual`: no tool shows it; it is known by its keys only, and any key exists. `singleton`: one a parent (or one in all).
    """

    name: str
    plural: str
    identifier: str | None
    label: str | None = None
    entity: JsonObject = Field(default_factory=dict)
    references: dict[str, Target] = Field(default_factory=dict)
    status: Status | None = None
    parents: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    writable: tuple[str, ...] = ()
    virtual: bool = False
    natural: bool = True
    aliases: tuple[str, ...] = ()
    key_names: tuple[str, ...] = ()
    singleton: bool = False
    key_schema: JsonObject = Field(default_factory=dict)

    @cached_property
    def links(self) -> tuple[tuple[str, str, str], ...]:
        """The references that lie at the top of an entity: (property, resource, its property) each."""
        return tuple(
            (parts(pattern)[0], name, prop)
            for pattern, (name, prop) in self.references.items()
            if pattern.count("/") == 1
        )


class Paging(Record):
    """How a list is paged and sorted: the style and the arguments that carry each part (None where there is none)."""

    style: Style = "none"
    page: str | None = None
    size: str | None = None
    offset: str | None = None
    cursor: str | None = None
    first: int = 1
    default_size: int = 20
    sort: str | None = None
    direction: str | None = None
    search: str | None = None


class Filter(Record):
    """One filtering argument: the pointer of the property that it looks at and how it compares."""

    pointer: str
    compare: Literal["eq", "min", "max", "contains", "before", "after"] = "eq"


class Role(Record):
    """What one tool does to the world.

    `keys`: arguments that identify an entity -> (resource, property). `references`: pointer patterns into the arguments -> (resource, property), keys
    included. `scope`: the parents on the path in order, (resource, argument or None for "me"). `target`: the argument that names the entity itself.
    `items`/`item`: JSON pointers into the success body. `body`: pointer into the request body where the entity's properties lie.
    `part`: it works on the elements in this property of the entity; `element` is the argument that names one by its `element_key` (None: a new one).
    `upsert`: what it names is made where it does not exist. `answers`: whether the declared answers stand, or accept nothing and were loosened or
    dropped. `fallback`: nothing better than a schema-valid answer is known, and `why`.
    """

    tool: str
    role: RoleName
    resource: str | None = None
    parent: str | None = None
    keys: dict[str, Target] = Field(default_factory=dict)
    references: dict[str, Target] = Field(default_factory=dict)
    scope: tuple[tuple[str, str | None], ...] = ()
    target: str | None = None
    mine: bool = False
    items: str | None = None
    item: str | None = None
    body: str = ""
    body_list: bool = False
    filters: dict[str, Filter] = Field(default_factory=dict)
    paging: Paging = Field(default_factory=Paging)
    verb: str = ""
    leads_to: Any = None
    upsert: bool = False
    part: str = ""
    element: str | None = None
    element_key: str = ""
    fallback: bool = False
    why: str = ""
    answers: Kept = "declared"


class ResourceMap(Record):
    """All resources and roles of one API, by name."""

    api: str
    resources: dict[str, Resource] = Field(default_factory=dict)
    roles: dict[str, Role] = Field(default_factory=dict)

    def tools(self, resource: str, *roles: RoleName) -> tuple[str, ...]:
        """The tools that play one of some roles for a resource (all its tools where no role is named), in order of name."""
        return tuple(
            sorted(
                name
                for name, role in self.roles.items()
                if role.resource == resource and (not roles or role.role in roles)
            )
        )

    @cached_property
    def _users(self) -> dict[str, tuple[tuple[Resource, str, str], ...]]:
        found: dict[str, list[tuple[Resource, str, str]]] = {}
        for resource in self.resources.values():
            for pattern, (target, prop) in resource.references.items():
                found.setdefault(target, []).append((resource, pattern, prop))
        return {name: tuple(users) for name, users in found.items()}

    def users(self, resource: str) -> tuple[tuple[Resource, str, str], ...]:
        """Who refers to a resource: (resource, pointer pattern, property that is referred to) each."""
        return self._users.get(resource, ())

    def producers(self, resource: str) -> tuple[str, ...]:
        """The tools whose answers show keys of a resource: lists, searches, reads and creates."""
        return self.tools(resource, "list", "search", "get", "create", "singleton_get")
