"""What each role does when it is called: the API as its spec implies it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from inftool.records import JsonObject, Result, Tool
from inftool.servers import answers, elements, lifecycle, listing, refusals, removing, ruling, updating, writing
from inftool.servers.resources import Resource, Role
from inftool.servers.routes import is_silent
from inftool.servers.seeding import Entry, nested
from inftool.servers.shapes import Canonical, Shape, canonical
from inftool.servers.words import bag, split, squash
from inftool.servers.writing import Refused

if TYPE_CHECKING:
    from inftool.servers.world import World

Handler = Callable[["World", Tool, Role, JsonObject], Result]


def play(world: World, tool: Tool, arguments: JsonObject) -> Result:
    """Play one call on a world."""
    role = world.resources.roles[tool.name]
    try:
        return HANDLERS[role.role](world, tool, role, arguments)
    except Refused as refused:
        return refusals.failure(world.base, tool, refused.status, refused.message, field=refused.field)


class Absent(Exception):
    """What an upsert names does not exist yet."""


def find(world: World, resource: Resource, prop: str, wanted: Any, argument: str = "") -> Entry | None:
    """The entity of a resource whose key (or other property) has a value; `argument`: where a key lies deeper (`metadata.name`), its last word."""
    collection = world.collection(resource.name)
    entry = collection.get(str(wanted))
    if entry is not None and (not prop or prop == resource.identifier or str(entry.value.get(prop, entry.key)) == str(wanted)):
        return entry
    if prop and prop != resource.identifier:
        return next((other for other in collection.values() if str(other.value.get(prop)) == str(wanted)), None)
    if not prop and argument:
        word = split(argument)[-1:]
        for other in collection.values():
            for _, inner in nested(other.value, 2):
                if any(split(name)[-1:] == word and str(item) == str(wanted) for name, item in inner.items() if isinstance(item, str | int)):
                    return other
    return None


def scope(world: World, role: Role, arguments: JsonObject) -> dict[str, str]:
    """The keys of the parents that a call's path names; Refused (404) where one does not exist."""
    found: dict[str, str] = {}
    for name, argument in role.scope:
        resource = world.resources.resources[name]
        if argument is None:
            entry = next(iter(world.collection(name).values()), None)
            if entry is not None:
                found[name] = entry.key
            continue
        wanted = arguments.get(argument)
        entry = find(world, resource, role.keys.get(argument, ("", ""))[1], wanted, argument)
        if entry is not None:
            found[name] = entry.key
        elif resource.virtual:
            found[name] = str(wanted)
        else:
            raise Refused(404, f"No {name} with {argument} {wanted!r} exists.", argument)
    return found


def target(world: World, role: Role, arguments: JsonObject, above: dict[str, str]) -> Entry:
    """The entity that a call works on; Refused (404) where there is none, or it lies under another parent."""
    resource = world.resources.resources[str(role.resource)]
    collection = world.collection(resource.name)
    if resource.singleton:
        key = above.get(role.parent, "") if role.parent else ""
        entry = collection.get(key) or collection.get(next(iter(above.values()), ""))
        if entry is None:
            entry = writing.new_singleton(world, resource, key, above)
        return entry
    if role.mine or role.target is None:
        entry = next((other for other in collection.values() if _under(other, above)), None)
        if entry is None:
            raise Refused(404, f"No {resource.name} exists.")
        return entry
    wanted = arguments.get(role.target)
    prop = role.keys[role.target][1]
    entry = find(world, resource, prop, wanted, role.target)
    if prop and not resource.natural and (entry is None or not _under(entry, above)):
        # A name may be in use under another parent, or twice under this one.
        entry = next((other for other in collection.values() if str(other.value.get(prop)) == str(wanted) and _under(other, above)), entry)
    if entry is None and resource.virtual and wanted is not None:
        prop = resource.identifier or "id"
        return Entry(str(wanted), {prop: wanted}, above, (1, str(wanted)))
    if role.upsert and (entry is None or not _under(entry, above)):
        raise Absent
    if entry is None or not _under(entry, above):
        raise Refused(404, f"No {resource.name} with {role.target} {wanted!r} exists.", role.target)
    return entry


def _under(entry: Entry, above: dict[str, str]) -> bool:
    return all(entry.parents.get(name, key if name not in entry.parents and entry.rank[0] == 0 else None) == key for name, key in above.items())


def show(world: World, tool: Tool, role: Role, entry: Entry, usual: int = 200) -> Result:
    """A success that shows one entity the way the tool does."""
    status = answers.success_status(tool, usual)
    if is_silent(tool):
        return Result(status=status, body=entry.value)
    if tool.output_schema is None:
        return Result(status=status)
    kept = entry.views.get(tool.name)
    if kept is None:
        kept = entry.views[tool.name] = _shown(world, tool, role, entry)
    return Result(status=status, body=kept, fallback=role.fallback)


def _shown(world: World, tool: Tool, role: Role, entry: Entry) -> Any:
    views = world.views
    words = (role.resource, entry.key)
    if role.item is not None:
        shape = views.inside(tool, role.item, item=False)
        value = views.fit(shape, entry.value, *words) if shape is not None else entry.value
        body = views.wrap(tool, role.item, value, answers.plain)
    elif role.items is not None:
        shape = views.inside(tool, role.items, item=True)
        value = views.fit(shape, entry.value, *words) if shape is not None else entry.value
        body = views.wrap(tool, role.items, [value], answers.plain)
    else:
        body = views.fit(views.output(tool), _relevant(views.output(tool), entry.value), *words, tool.name)
        body = _flags(views.output(tool), body)
    return views.check(tool, body, *words)


def _relevant(shape: Shape, value: JsonObject) -> JsonObject:
    return {name: item for name, item in value.items() if name in shape.properties}


def _flags(shape: Shape, body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    out = dict(body)
    for name, sub in shape.properties.items():
        known, content = answers.plain(name, sub)
        if known and (name in out or name in shape.required):
            out[name] = content
    return out


def do_get(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Result:
    """Show one entity."""
    return show(world, tool, role, target(world, role, arguments, scope(world, role, arguments)))


def do_list(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Result:
    """Show one page of the entities under the parents that meet the filters."""
    above = scope(world, role, arguments)
    if role.items is None and tool.output_schema is not None and not is_silent(tool):
        return do_compute(world, tool, role, arguments)
    resource = world.resources.resources[str(role.resource)]
    entries = _ordered(world, resource.name)
    if above:
        entries = [entry for entry in entries if _under(entry, above)]
    query = arguments.get(role.paging.search) if role.paging.search else None
    if role.filters or query:
        mask = listing.keep([entry.value for entry in entries], role.filters, arguments, query if isinstance(query, str) else None)
        entries = [entry for entry, kept in zip(entries, mask, strict=True) if kept]
    if role.paging.sort and arguments.get(role.paging.sort):
        entries = [entry for _, entry in listing.arrange([(entry.value, entry) for entry in entries], role.paging, arguments)]
    page = listing.page(role.paging, arguments, len(entries), [entry.key for entry in entries])
    shown = entries[page.start : page.start + page.size]
    status = answers.success_status(tool)
    if is_silent(tool):
        return Result(status=status, body={squash(resource.plural) or "items": [entry.value for entry in shown], "total": page.total})
    if tool.output_schema is None:
        return Result(status=status)
    shape = world.views.inside(tool, str(role.items), item=True)
    values = [_item(world, tool, shape, resource, entry) for entry in shown]
    array = world.views.inside(tool, str(role.items), item=False)
    if array is not None and (whole := array.array()) is not None:
        values = _sized(world, tool, whole, shape, values)
    body = world.views.wrap(tool, str(role.items), values, answers.page_filler(page, len(values)))
    return Result(status=status, body=world.views.check(tool, body, Canonical(arguments)))


def _sized(world: World, tool: Tool, array: Shape, item: Shape | None, values: list[Any]) -> list[Any]:
    least, most = array.node.get("minItems"), array.node.get("maxItems")
    if isinstance(most, int) and len(values) > most:
        values = values[:most]
    if isinstance(least, int) and len(values) < least and item is not None:
        maker = world.base.sampler(world.base.rng("pad", tool.name))
        values = values + [maker.value(item, str(tool.name)) for _ in range(least - len(values))]
    return values


def _item(world: World, tool: Tool, shape: Shape | None, resource: Resource, entry: Entry) -> Any:
    kept = entry.views.get(tool.name)
    if kept is None:
        kept = world.views.fit(shape, entry.value, resource.name, entry.key) if shape is not None else entry.value
        entry.views[tool.name] = kept
    return kept


def _ordered(world: World, name: str) -> list[Entry]:
    entries = list(world.collection(name).values())
    if any(entry.rank[0] for entry in entries):
        entries.sort(key=lambda entry: entry.rank)
    return entries


def do_create(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Result:
    """Add an entity (or several)."""
    above = scope(world, role, arguments)
    _still_open(world, tool, role, above)
    ruling.permit(world, tool, role, arguments, None)
    made = writing.create(world, tool, role, arguments, above)
    ruling.follow_up(world, tool, role, arguments, None)
    if role.body_list and made and role.items is not None and tool.output_schema is not None:
        views = world.views
        shape = views.inside(tool, role.items, item=True)
        values = [views.fit(shape, entry.value, role.resource, entry.key) if shape is not None else entry.value for entry in made]
        body = views.check(tool, views.wrap(tool, role.items, values, answers.plain), Canonical(arguments))
        return Result(status=answers.success_status(tool, 201), body=body)
    if not made:
        return Result(status=answers.success_status(tool, 201), body=_sampled(world, tool, role, arguments), fallback=True)
    return show(world, tool, role, made[0], 201)


_AFTERWARDS = bag("refund comment note review message event attachment log dispute appeal complaint rating feedback audit tag return claim invoice")


def _still_open(world: World, tool: Tool, role: Role, above: dict[str, str]) -> None:
    """Refused (409) where something is added to a parent that is over: no seat on a cancelled booking, but a comment on a closed issue."""
    if role.parent is None or role.parent == role.resource or set(split(str(role.resource))) & _AFTERWARDS:
        return
    resource, made = world.resources.resources[role.parent], world.resources.resources[str(role.resource)]
    entry = world.collection(role.parent).get(above.get(role.parent, ""))
    if resource.status is None or entry is None or made.unique or not any(answer.status == "409" for answer in tool.responses):
        return
    state = entry.value.get(resource.status.property)
    if lifecycle.is_over("add", state):
        raise Refused(409, f"The {role.parent} is {state}: no {role.resource} can be added to it.", resource.status.property)


def do_replace(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Result:
    """Put a whole new value in an entity's place."""
    return _changed(world, tool, role, arguments, whole=True)


def do_patch(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Result:
    """Change some of an entity's properties."""
    return _changed(world, tool, role, arguments, whole=False)


def _changed(world: World, tool: Tool, role: Role, arguments: JsonObject, *, whole: bool) -> Result:
    above = scope(world, role, arguments)
    try:
        entry = target(world, role, arguments, above)
    except Absent:
        made = writing.create(world, tool, role, arguments, above, key=arguments.get(str(role.target)))
        return show(world, tool, role, made[0], 201)
    ruling.permit(world, tool, role, arguments, entry)
    changed = updating.update(world, tool, role, arguments, entry, whole=whole)
    ruling.follow_up(world, tool, role, arguments, entry)
    return show(world, tool, role, changed)


def do_delete(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Result:
    """Take an entity out, with what hangs on it."""
    entry = target(world, role, arguments, scope(world, role, arguments))
    ruling.permit(world, tool, role, arguments, entry)
    status = answers.success_status(tool, 204)
    removing.delete(world, tool, str(role.resource), entry)
    ruling.follow_up(world, tool, role, arguments, entry)
    if tool.output_schema is None:
        return Result(status=status, body={"deleted": True} if is_silent(tool) else None)
    shape = world.views.output(tool)
    body = _flags(shape, world.views.fit(shape, _relevant(shape, entry.value), role.resource, entry.key, tool.name))
    return Result(status=status, body=world.views.check(tool, body, entry.key))


def do_action(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Result:
    """Do something to an entity: move its state, set what the body says, and leave a record where nothing shows."""
    above = scope(world, role, arguments)
    if role.resource is None or (role.target is None and not role.mine):
        writing.record(world, tool, arguments)
        return Result(status=answers.success_status(tool), body=_sampled(world, tool, role, arguments), fallback=True)
    entry = target(world, role, arguments, above)
    ruling.permit(world, tool, role, arguments, entry)
    act = elements.change if role.part else updating.act
    changed = act(world, tool, role, arguments, entry)
    # Effects come in the order of the file: a freed slot before a taken one, where both are the same.
    ruling.follow_up(world, tool, role, arguments, entry)
    if tool.output_schema is not None and role.item is None and role.items is None:
        return Result(status=answers.success_status(tool), body=_sampled(world, tool, role, arguments, changed), fallback=True)
    return show(world, tool, role, changed)


def do_compute(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Result:
    """Answer what cannot be inferred from the schema alone: a pure function of the call and of which entities exist."""
    scope(world, role, arguments)
    if tool.effect != "read" and role.role == "action":
        writing.record(world, tool, arguments)
    return Result(status=answers.success_status(tool), body=_sampled(world, tool, role, arguments), fallback=True)


def _sampled(world: World, tool: Tool, role: Role, arguments: JsonObject, entry: Entry | None = None) -> Any:
    if tool.output_schema is None:
        return {"status": "ok"} if is_silent(tool) else None
    key = ("sampled", tool.name, canonical(arguments), entry.key if entry else "")
    memory = world.base.memory
    if key in memory:
        return memory[key]
    base, views = world.base, world.views
    maker = base.sampler(base.rng("answer", tool.name, canonical(arguments)), refer=writing.referrer(world, tool))
    shape = views.output(tool)
    body = maker.value(shape, role.resource or "")
    if isinstance(body, dict):
        echo = {squash(name): value for name, value in arguments.items()}
        for name, sub in shape.properties.items():
            if squash(name) in echo and name in body:
                body[name] = views.fit(sub, echo[squash(name)], tool.name)
            elif entry is not None and name in entry.value and name in body:
                body[name] = entry.value[name]
    body = views.check(tool, _flags(shape, body), canonical(arguments))
    if len(memory) < 50_000:
        memory[key] = body
    return body


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
