"""Resources and roles: the records of what an API's tools read and write."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

from pydantic import Field

from inftool.core.json_pointer import split_pointer
from inftool.core.types import JsonObject, Record
from inftool.world.resources.listing import Listing
from inftool.world.resources.satisfiability import Contract

RoleKind = Literal[
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
"""What a tool does to its resource; `compute` touches no entity: it is answered from the schema."""

ResourceProperty = tuple[str, str]
"""A property of a resource: (resource, property), such as `("order", "orderId")`."""


class Status(Record):
    """The property that says which state an entity is in (`status: open | paid | shipped`)."""

    property: str
    """The property's name."""

    values: tuple[str, ...]
    """All states, in the order of the schema's enum."""

    initial: str | None = None
    """The state of a new entity: the schema's default, None if it names none."""


class Resource(Record):
    """One kind of entity that the world holds, such as the orders of a shop."""

    name: str
    """A singular noun in words: `order line`."""

    plural: str
    """The same noun in the plural: `order lines`."""

    identifier: str | None
    """The property that holds an entity's key; None for a singleton, or if no property does."""

    label: str | None = None
    """The property that people name an entity by: a title, a name."""

    entity: JsonObject = Field(default_factory=dict)
    """The JSON Schema of one entity, merged from all the views that tools give of it."""

    references: dict[str, ResourceProperty] = Field(default_factory=dict)
    """Pointer pattern inside the entity (`/lines/*/bookId`) -> the property it holds."""

    status: Status | None = None
    """The property with the states that an entity goes through, if it has one."""

    parents: tuple[str, ...] = ()
    """The resources that it lies under on the paths: a line under an order."""

    unique: tuple[str, ...] = ()
    """Properties whose values are unique, as the conflict of a create says (an email address)."""

    writable: tuple[str, ...] = ()
    """The properties that some tool writes, those of nested objects included."""

    virtual: bool = False
    """No tool shows it: it is known by its keys only, and any key is taken to exist."""

    natural: bool = True
    """Whether a key has a meaning of its own and identifies one entity all over the API."""

    aliases: tuple[str, ...] = ()
    """Other nouns for it, from the names of its schemas."""

    key_names: tuple[str, ...] = ()
    """Properties besides `identifier` that hold the same key in some views."""

    singleton: bool = False
    """There is one under each parent, or one in all: a user's settings."""

    key_schema: JsonObject = Field(default_factory=dict)
    """The schema of the argument that carries the key, empty if no argument does."""

    @cached_property
    def links(self) -> tuple[tuple[str, str, str], ...]:
        """The references that lie at the top of an entity: (property, resource, its property)."""
        return tuple(
            (split_pointer(pattern)[0], name, prop)
            for pattern, (name, prop) in self.references.items()
            if pattern.count("/") == 1
        )


class RoleTarget(Record):
    """Which entity a tool is about, and through which arguments the caller says so."""

    resource: str | None = None
    """The resource, None if the tool is about no resource that is known."""

    argument: str | None = None
    """The argument that names the entity itself."""

    of_caller: bool = False
    """The entity is the caller's own (`/users/me`), so no argument names it."""

    scope: tuple[tuple[str, str | None], ...] = ()
    """The parents on the path, outermost first: (resource, argument; None for the caller's own)."""

    keys: dict[str, ResourceProperty] = Field(default_factory=dict)
    """Every argument that identifies an entity of the path or the target -> what it holds."""

    upsert: bool = False
    """Whether an entity that does not exist yet is created under the key that the call names."""

    @cached_property
    def parent(self) -> str | None:
        """The resource that the entity lies under, None at the top."""
        return self.scope[-1][0] if self.scope else None


class RequestBody(Record):
    """Where the entity's properties lie in the request body."""

    pointer: str = ""
    """JSON pointer into the body."""

    is_list: bool = False
    """Whether a list of entities lies there instead of one."""


class ResponseBody(Record):
    """Where entities lie in the success body; neither is set if the body shows none."""

    item: str | None = None
    """JSON pointer of the one entity that the tool is about."""

    items: str | None = None
    """JSON pointer of the list of entities."""

    contract: Contract = "declared"
    """Whether the declared schema holds, or accepts nothing and was loosened or dropped."""


class Transition(Record):
    """What an action does: a verb, and the state that it leads to."""

    verb: str = ""
    """The word of its name that says it: `cancel`; for elements `add`, `update` or `remove`."""

    leads_to: str | None = None
    """The state (one of `Status.values`) that the entity is in afterwards, None if unknown."""


class ElementTarget(Record):
    """The elements of a list inside the target's entity that a tool works on (a cart's items)."""

    property: str
    """The property of the entity that holds the list."""

    argument: str | None = None
    """The argument that names one element, None if the tool adds a new one."""

    key: str = ""
    """The property of an element that `argument` is compared with."""


class Role(Record):
    """What one tool does to the world."""

    tool: str
    """The tool's name."""

    kind: RoleKind
    """What it does."""

    target: RoleTarget = Field(default_factory=RoleTarget)
    """The entity it does it to."""

    references: dict[str, ResourceProperty] = Field(default_factory=dict)
    """Pointer pattern into the arguments -> the property whose value it holds; keys included."""

    body: RequestBody = Field(default_factory=RequestBody)
    """Where the request holds the entity."""

    response: ResponseBody = Field(default_factory=ResponseBody)
    """Where the response shows entities."""

    listing: Listing = Field(default_factory=Listing)
    """Paging and filters; empty unless it is a list or a search of a resource."""

    transition: Transition = Field(default_factory=Transition)
    """The verb and the change of state; empty unless it is an action."""

    element: ElementTarget | None = None
    """The elements it works on, None if it works on the entity itself."""

    fallback: str | None = None
    """Why nothing better than a schema-valid answer can be given, None if its effect is known."""


class ResourceMap(Record):
    """All resources and roles of one API, by name."""

    api: str
    """The API's name."""

    resources: dict[str, Resource] = Field(default_factory=dict)
    """Resource by name."""

    roles: dict[str, Role] = Field(default_factory=dict)
    """Role by the name of its tool."""

    def tools(self, resource: str, *kinds: RoleKind) -> tuple[str, ...]:
        """The tools with a role of some kinds (any if none is named) for a resource, sorted."""
        return tuple(
            sorted(
                name
                for name, role in self.roles.items()
                if role.target.resource == resource and (not kinds or role.kind in kinds)
            )
        )

    @cached_property
    def _users(self) -> dict[str, tuple[tuple[Resource, str, str], ...]]:
        users: dict[str, list[tuple[Resource, str, str]]] = {}
        for resource in self.resources.values():
            for pattern, (target, prop) in resource.references.items():
                users.setdefault(target, []).append((resource, pattern, prop))
        return {name: tuple(entries) for name, entries in users.items()}

    def users(self, resource: str) -> tuple[tuple[Resource, str, str], ...]:
        """Who refers to a resource: (resource, pointer pattern, property referred to) each."""
        return self._users.get(resource, ())

    def producers(self, resource: str) -> tuple[str, ...]:
        """The tools whose answers show keys of a resource: lists, searches, reads and creates."""
        return self.tools(resource, "list", "search", "get", "create", "singleton_get")
