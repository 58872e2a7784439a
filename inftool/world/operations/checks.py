"""What refuses a write: bodies that are not objects, dangling references, values that must be unique."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.core.json_pointer import find_all
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonObject
from inftool.world.resources.models import Resource, Role

if TYPE_CHECKING:
    from inftool.world.state import WorldState


class Refused(Exception):
    """The call cannot be done: a status and a message, answered in the shape that the spec declares."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field


def refuse(status: int, message: str, field: str = "") -> Refused:
    """The refusal that `play` turns into an answer."""
    return Refused(status, message, field)


def body_of(tool: Tool, role: Role, arguments: Arguments) -> Any:
    """The request body that the arguments make up (everything but the keys, where the tool has no HTTP request)."""
    if not tool.parameters:
        return {name: value for name, value in arguments.items() if name not in role.target.keys}
    out: JsonObject = {}
    for parameter in tool.parameters:
        if parameter.argument not in arguments:
            continue
        if parameter.location == "whole_body":
            return arguments[parameter.argument]
        if parameter.location in {"body", "form"}:
            out[parameter.name] = arguments[parameter.argument]
    if not out and tool.method.lower() in {"post", "put", "patch"}:
        out = {
            parameter.name: arguments[parameter.argument]
            for parameter in tool.parameters
            if parameter.location == "query"
            and parameter.argument in arguments
            and parameter.argument not in role.target.keys
        }
    return out


def check_references(world: WorldState, role: Role, arguments: Arguments, *, but: set[str]) -> None:
    """Refused (422) where an argument refers to what does not exist; `but`: arguments that others look after."""
    for pattern, (name, prop) in role.references.items():
        if pattern[1:] in but or (pattern.count("/") == 1 and pattern[1:] in role.target.keys):
            continue
        resource = world.resources.resources[name]
        if resource.virtual:
            continue
        collection = world.collection(name)
        for pointer, wanted in find_all(arguments, pattern):
            if isinstance(wanted, dict | list) or wanted == "":
                continue
            if str(wanted) in collection or (
                prop != resource.identifier
                and any(str(entry.value.get(prop)) == str(wanted) for entry in collection.values())
            ):
                continue
            raise refuse(
                422,
                f"{pointer[1:].replace('/', '.')}: no {name} {wanted!r} exists.",
                pointer[1:].replace("/", "."),
            )


def check_unique(
    world: WorldState, resource: Resource, value: JsonObject, me: str | None = None
) -> None:
    """Refused (409) where another entity than `me` has a value that must be unique."""
    for prop in resource.unique:
        wanted = value.get(prop)
        if wanted is None:
            continue
        text = str(wanted).casefold()
        for entry in world.collection(resource.name).values():
            if entry.key != me and str(entry.value.get(prop)).casefold() == text:
                raise refuse(409, f"A {resource.name} with {prop} {wanted!r} exists already.", prop)
