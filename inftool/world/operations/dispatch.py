"""Which handler plays a call, by the role of its tool."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject
from inftool.world.operations.checks import Refused
from inftool.world.operations.computed import do_compute
from inftool.world.operations.reads import do_get, do_list
from inftool.world.operations.writes import do_action, do_create, do_delete, do_patch, do_replace
from inftool.world.rendering import errors
from inftool.world.resources.models import Role

if TYPE_CHECKING:
    from inftool.world.state import WorldState


Handler = Callable[["WorldState", Tool, Role, JsonObject], Result]


def play(world: WorldState, tool: Tool, arguments: JsonObject) -> Result:
    """Play one call on a world."""
    role = world.resources.roles[tool.name]
    try:
        return HANDLERS[role.role](world, tool, role, arguments)
    except Refused as refused:
        return errors.failure(
            world.base, tool, refused.status, refused.message, field=refused.field
        )


HANDLERS: dict[str, Handler] = {
    "list": do_list,
    "search": do_list,
    "get": do_get,
    "create": do_create,
    "replace": do_replace,
    "patch": do_patch,
    "delete": do_delete,
    "action": do_action,
    "singleton_get": do_get,
    "singleton_update": do_patch,
    "compute": do_compute,
}
