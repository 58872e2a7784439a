"""The response body that shows an entity in a tool's output schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject
from inftool.world.rendering.envelopes import plain
from inftool.world.rendering.statuses import success_status
from inftool.world.resources.models import Role
from inftool.world.resources.routes.responses import has_undescribed_answer
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def show(world: WorldState, tool: Tool, role: Role, entry: Entry, usual: int = 200) -> Result:
    """A success that shows one entity the way the tool does."""
    status = success_status(tool, usual)
    if has_undescribed_answer(tool):
        return Result(status=status, body=entry.value)
    if tool.output_schema is None:
        return Result(status=status)
    kept = entry.views.get(tool.name)
    if kept is None:
        kept = entry.views[tool.name] = _shown(world, tool, role, entry)
    return Result(status=status, body=kept, fallback=role.fallback is not None)


def _shown(world: WorldState, tool: Tool, role: Role, entry: Entry) -> Any:
    views = world.views
    words = (role.target.resource, entry.key)
    if role.response.item is not None:
        shape = views.inside(tool, role.response.item, item=False)
        value = views.fit(shape, entry.value, *words) if shape is not None else entry.value
        body = views.wrap(tool, role.response.item, value, plain)
    elif role.response.items is not None:
        shape = views.inside(tool, role.response.items, item=True)
        value = views.fit(shape, entry.value, *words) if shape is not None else entry.value
        body = views.wrap(tool, role.response.items, [value], plain)
    else:
        body = views.fit(
            views.output(tool), relevant(views.output(tool), entry.value), *words, tool.name
        )
        body = flags(views.output(tool), body)
    return views.check(tool, body, *words)


def relevant(shape: Shape, value: JsonObject) -> JsonObject:
    """The properties of an entity that a shape declares."""
    return {name: item for name, item in value.items() if name in shape.properties}


def flags(shape: Shape, body: Any) -> Any:
    """A body in which the success flags and status texts of a shape say that the call succeeded."""
    if not isinstance(body, dict):
        return body
    out = dict(body)
    for name, sub in shape.properties.items():
        known, content = plain(name, sub)
        if known and (name in out or name in shape.required):
            out[name] = content
    return out
