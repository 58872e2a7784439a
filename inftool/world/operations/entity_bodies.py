"""The response bodies that show entities, in a tool's output schema."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inftool.core.json_values import Canonical
from inftool.core.tools import Result
from inftool.world.operations.calls import Call
from inftool.world.rendering.envelopes import plain
from inftool.world.rendering.statuses import success_status
from inftool.world.resources.routes.responses import has_undescribed_answer
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import Entry


def entity_result(call: Call, entry: Entry, usual: int = 200) -> Result:
    """A success that shows one entity the way the tool does.

    `usual` is the status where the tool documents it, or no success at all.
    """
    status = success_status(call.tool, usual)
    # Nothing says how such a tool answers: the entity itself is the best guess.
    if has_undescribed_answer(call.tool):
        return Result(status=status, body=entry.value)
    if call.tool.output_schema is None:
        return Result(status=status)
    # Entries never change, so that what one tool shows of an entry never does either.
    body = entry.views.get(call.tool.name)
    if body is None:
        body = entry.views[call.tool.name] = _entity_body(call, entry)
    return Result(status=status, body=body, fallback=call.role.fallback is not None)


def _entity_body(call: Call, entry: Entry) -> object:
    views, tool, response = call.world.views, call.tool, call.role.response
    key = (call.role.target.resource, entry.key)
    if response.item is not None:
        shape = views.inside(tool, response.item, item=False)
        value = views.fit(shape, entry.value, *key) if shape is not None else entry.value
        body = views.wrap(tool, response.item, value, plain)
    elif response.items is not None:
        # A tool that shows lists only shows a list of one.
        shape = views.inside(tool, response.items, item=True)
        value = views.fit(shape, entry.value, *key) if shape is not None else entry.value
        body = views.wrap(tool, response.items, [value], plain)
    else:
        body = entity_in_status(call, entry)
    return views.check(tool, body, *key)


def entity_in_status(call: Call, entry: Entry) -> object:
    """A body that shows no entity as such: what it declares of the entity, and that all went well.

    {"id": ..., "deleted": ...} -> {"id": "7", "deleted": true}.
    """
    shape = call.world.views.output(call.tool)
    declared = _only_declared(shape, entry.value)
    resource, tool = call.role.target.resource, call.tool.name
    return with_success_flags(
        shape, call.world.views.fit(shape, declared, resource, entry.key, tool)
    )


def _only_declared(shape: Shape, value: Mapping[str, object]) -> dict[str, object]:
    return {name: item for name, item in value.items() if name in shape.properties}


def list_body(call: Call, items: str, entries: Sequence[Entry]) -> object:
    """A body that shows several entities in the list at the pointer `items`."""
    views, resource = call.world.views, call.role.target.resource
    shape = views.inside(call.tool, items, item=True)
    values = [
        views.fit(shape, entry.value, resource, entry.key) if shape is not None else entry.value
        for entry in entries
    ]
    body = views.wrap(call.tool, items, values, plain)
    return views.check(call.tool, body, Canonical(call.arguments))


def with_success_flags(shape: Shape, body: object) -> object:
    """A body whose success flags and lists of errors say that the call succeeded."""
    if not isinstance(body, dict):
        return body
    flagged: dict[str, object] = dict(body)
    for name, sub in shape.properties.items():
        is_known, content = plain(name, sub)
        if is_known and (name in flagged or name in shape.required):
            flagged[name] = content
    return flagged
