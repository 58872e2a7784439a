"""What each role does when it is called: the API as its spec implies it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.core.json_values import Canonical
from inftool.core.tools import Result, Tool
from inftool.core.types import Arguments
from inftool.language.identifiers import squash
from inftool.world import queries
from inftool.world.operations.computed import handle_compute
from inftool.world.operations.entity_bodies import show
from inftool.world.operations.targets import scope, target, under
from inftool.world.rendering.envelopes import page_filler
from inftool.world.rendering.statuses import success_status
from inftool.world.resources.models import Resource, Role
from inftool.world.resources.routes.responses import has_undescribed_answer
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def handle_get(world: WorldState, tool: Tool, role: Role, arguments: Arguments) -> Result:
    """Show one entity."""
    return show(world, tool, role, target(world, role, arguments, scope(world, role, arguments)))


def handle_list(world: WorldState, tool: Tool, role: Role, arguments: Arguments) -> Result:
    """Show one page of the entities under the parents that meet the filters."""
    above = scope(world, role, arguments)
    if (
        role.response.items is None
        and tool.output_schema is not None
        and not has_undescribed_answer(tool)
    ):
        return handle_compute(world, tool, role, arguments)
    resource = world.resources.resources[str(role.target.resource)]
    entries = _ordered(world, resource.name)
    if above:
        entries = [entry for entry in entries if under(entry, above)]
    query = arguments.get(role.listing.paging.search) if role.listing.paging.search else None
    if role.listing.filters or query:
        mask = queries.keep(
            [entry.value for entry in entries],
            role.listing.filters,
            arguments,
            query if isinstance(query, str) else None,
        )
        entries = [entry for entry, kept in zip(entries, mask, strict=True) if kept]
    if role.listing.paging.sort and arguments.get(role.listing.paging.sort):
        entries = [
            entry
            for _, entry in queries.arrange(
                [(entry.value, entry) for entry in entries], role.listing.paging, arguments
            )
        ]
    page = queries.page(
        role.listing.paging, arguments, len(entries), [entry.key for entry in entries]
    )
    shown = entries[page.start : page.start + page.size]
    status = success_status(tool)
    if has_undescribed_answer(tool):
        return Result(
            status=status,
            body={
                squash(resource.plural) or "items": [entry.value for entry in shown],
                "total": page.total,
            },
        )
    if tool.output_schema is None:
        return Result(status=status)
    shape = world.views.inside(tool, str(role.response.items), item=True)
    values = [_item(world, tool, shape, resource, entry) for entry in shown]
    array = world.views.inside(tool, str(role.response.items), item=False)
    if array is not None and (whole := array.array()) is not None:
        values = _sized(world, tool, whole, shape, values)
    body = world.views.wrap(tool, str(role.response.items), values, page_filler(page, len(values)))
    return Result(status=status, body=world.views.check(tool, body, Canonical(arguments)))


def _sized(
    world: WorldState, tool: Tool, array: Shape, item: Shape | None, values: list[Any]
) -> list[Any]:
    least, most = array.node.get("minItems"), array.node.get("maxItems")
    if isinstance(most, int) and len(values) > most:
        values = values[:most]
    if isinstance(least, int) and len(values) < least and item is not None:
        maker = world.base.sampler(world.base.rng("pad", tool.name))
        values = values + [maker.value(item, str(tool.name)) for _ in range(least - len(values))]
    return values


def _item(
    world: WorldState, tool: Tool, shape: Shape | None, resource: Resource, entry: Entry
) -> Any:
    kept = entry.views.get(tool.name)
    if kept is None:
        kept = (
            world.views.fit(shape, entry.value, resource.name, entry.key)
            if shape is not None
            else entry.value
        )
        entry.views[tool.name] = kept
    return kept


def _ordered(world: WorldState, name: str) -> list[Entry]:
    entries = list(world.collection(name).values())
    if any(entry.rank[0] for entry in entries):
        entries.sort(key=lambda entry: entry.rank)
    return entries
