"""Which handler plays a call, by the role of its tool."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from inftool.core.tools import Result, Tool
from inftool.core.types import Arguments
from inftool.world.operations.calls import Call
from inftool.world.operations.checks import Refused
from inftool.world.operations.computed import handle_compute
from inftool.world.operations.reads import handle_get, handle_list
from inftool.world.operations.writes import (
    handle_action,
    handle_create,
    handle_delete,
    handle_patch,
    handle_replace,
)
from inftool.world.rendering import errors
from inftool.world.resources.models import RoleKind
from inftool.world.state import WorldState

HANDLERS: Mapping[RoleKind, Callable[[Call], Result]] = {
    "list": handle_list,
    "search": handle_list,
    "get": handle_get,
    "create": handle_create,
    "replace": handle_replace,
    "patch": handle_patch,
    "delete": handle_delete,
    "action": handle_action,
    "singleton_get": handle_get,
    "singleton_update": handle_patch,
    "compute": handle_compute,
}
"""Kind of role -> the function that plays it; raises Refused where the call cannot be done."""


def play(world: WorldState, tool: Tool, arguments: Arguments) -> Result:
    """Play one call, whose arguments are valid, on a world."""
    role = world.resources.roles[tool.name]
    # A refusal may come from deep inside a write, which has stored nothing by then.
    try:
        return HANDLERS[role.kind](Call(world, tool, role, arguments))
    except Refused as refused:
        return errors.failure(
            world.base, tool, refused.status, refused.message, field=refused.field
        )
