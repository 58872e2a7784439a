"""Handlers of the operations that read: get, list and search."""

from __future__ import annotations

from inftool.core.json_values import Canonical
from inftool.core.tools import Result
from inftool.language.identifiers import squash
from inftool.world import queries
from inftool.world.operations.calls import Call
from inftool.world.operations.computed import handle_compute
from inftool.world.operations.entity_bodies import entity_result
from inftool.world.operations.targets import lies_under, parent_keys, target_entity
from inftool.world.rendering.envelopes import page_filler
from inftool.world.rendering.statuses import success_status
from inftool.world.resources.routes.responses import has_undescribed_answer
from inftool.world.schema.shape import Shape
from inftool.world.seeding.entries import Entry


def handle_get(call: Call) -> Result:
    """Show one entity."""
    return entity_result(call, target_entity(call, parent_keys(call)))


def handle_list(call: Call) -> Result:
    """Show one page of the entities that lie under the parents and meet the filters."""
    parents = parent_keys(call)
    tool, items = call.tool, call.role.response.items
    is_undescribed = has_undescribed_answer(tool)
    # A body without a list ("count", "summary") is computed, not read.
    if items is None and tool.output_schema is not None and not is_undescribed:
        return handle_compute(call)
    entries = _in_default_order(call)
    if parents:
        entries = [entry for entry in entries if lies_under(entry, parents)]
    entries = _queried(call, entries)
    # After filtering: a cursor may be the key of the last entity that the caller saw.
    keys = [entry.key for entry in entries]
    page = queries.page(call.role.listing.paging, call.arguments, len(entries), keys)
    shown = entries[page.start : page.start + page.size]
    status = success_status(tool)
    if is_undescribed:
        name = squash(call.resource.plural) or "items"
        body = {name: [entry.value for entry in shown], "total": page.total}
        return Result(status=status, body=body)
    if tool.output_schema is None:
        return Result(status=status)
    return Result(status=status, body=_page_body(call, str(items), page, shown))


def _in_default_order(call: Call) -> list[Entry]:
    """The entities of the call's resource: seeded ones first, then by the key of the new ones."""
    entries = list(call.world.collection(call.resource.name).values())
    # Seeded entities come in order, so that sorting is needed only once some were added.
    if any(entry.rank[0] for entry in entries):
        entries.sort(key=lambda entry: entry.rank)
    return entries


def _queried(call: Call, entries: list[Entry]) -> list[Entry]:
    """The entities that meet the filters and the search text, in the order asked for."""
    listing, arguments = call.role.listing, call.arguments
    paging = listing.paging
    query = arguments.get(paging.search) if paging.search else None
    if listing.filters or query:
        mask = queries.keep(
            [entry.value for entry in entries],
            listing.filters,
            arguments,
            query if isinstance(query, str) else None,
        )
        entries = [entry for entry, is_kept in zip(entries, mask, strict=True) if is_kept]
    if paging.sort and arguments.get(paging.sort):
        pairs = [(entry.value, entry) for entry in entries]
        entries = [entry for _, entry in queries.arrange(pairs, paging, arguments)]
    return entries


def _page_body(call: Call, items: str, page: queries.Page, shown: list[Entry]) -> object:
    views, tool = call.world.views, call.tool
    item_shape = views.inside(tool, items, item=True)
    values = [_item(call, item_shape, entry) for entry in shown]
    list_shape = views.inside(tool, items, item=False)
    array = list_shape.array() if list_shape is not None else None
    if array is not None:
        values = _within_bounds(call, array, item_shape, values)
    body = views.wrap(tool, items, values, page_filler(page, len(values)))
    return views.check(tool, body, Canonical(call.arguments))


def _item(call: Call, shape: Shape | None, entry: Entry) -> object:
    """An entity as the list shows it."""
    item: object = entry.views.get(call.tool.name)
    if item is None:
        item = entry.value
        if shape is not None:
            item = call.world.views.fit(shape, entry.value, call.resource.name, entry.key)
        entry.views[call.tool.name] = item
    return item


def _within_bounds(
    call: Call, array: Shape, item_shape: Shape | None, values: list[object]
) -> list[object]:
    """The items of a page within the schema's `minItems` and `maxItems`; made-up ones fill up."""
    fewest, most = array.node.get("minItems"), array.node.get("maxItems")
    if isinstance(most, int) and len(values) > most:
        values = values[:most]
    if isinstance(fewest, int) and len(values) < fewest and item_shape is not None:
        base, tool = call.world.base, call.tool.name
        sampler = base.sampler(base.rng("pad", tool))
        missing = fewest - len(values)
        values = values + [sampler.value(item_shape, tool) for _ in range(missing)]
    return values
