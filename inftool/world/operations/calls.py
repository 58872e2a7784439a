"""A call as the handlers see it: the world, the tool with its role, and the arguments."""

from __future__ import annotations

from typing import NamedTuple

from inftool.core.json_pointer import find_at
from inftool.core.tools import Tool
from inftool.core.types import Arguments
from inftool.world.resources.models import Resource, Role
from inftool.world.state import WorldState


class Call(NamedTuple):
    """One call of one tool on one world."""

    world: WorldState
    """The state that the call reads and changes."""
    tool: Tool
    """What is called."""
    role: Role
    """What the tool does to the world."""
    arguments: Arguments
    """The arguments; the tool's schema has accepted them."""

    @property
    def resource(self) -> Resource:
        """The resource that the tool is about; only for roles that have one."""
        return self.world.resources.resources[str(self.role.target.resource)]

    def body(self) -> object:
        """The request body as it was sent."""
        return body_of(self.tool, self.role, self.arguments)

    def entity_body(self) -> object:
        """The part of the request body that holds the properties of one or more entities."""
        return find_at(self.body(), self.role.body.pointer)

    def documents(self, *statuses: str) -> bool:
        """Whether the tool documents one of some statuses, such as "409"."""
        return any(answer.status in statuses for answer in self.tool.responses)


def body_of(tool: Tool, role: Role, arguments: Arguments) -> object:
    """The request body that arguments make up.

    Where the tool has no HTTP request, it is everything but the keys. A write without a body whose
    properties travel in the query (`POST /orders?item=Tea`) has those.
    """
    keys = role.target.keys
    if not tool.parameters:
        return {name: value for name, value in arguments.items() if name not in keys}
    body: dict[str, object] = {}
    for parameter in tool.parameters:
        if parameter.argument not in arguments:
            continue
        # A list, a text or an open object: the body is one argument.
        if parameter.location == "whole_body":
            return arguments[parameter.argument]
        if parameter.location in {"body", "form"}:
            body[parameter.name] = arguments[parameter.argument]
    # GET and DELETE take query parameters that are not properties: filters, flags.
    if body or tool.method.lower() not in {"post", "put", "patch"}:
        return body
    return {
        parameter.name: arguments[parameter.argument]
        for parameter in tool.parameters
        if parameter.location == "query"
        and parameter.argument in arguments
        and parameter.argument not in keys
    }
