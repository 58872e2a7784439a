"""Changes to what exists: replace, patch and act, as pure functions of the state, the seed and the arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.records import JsonObject, Tool
from inftool.servers import coherence, commands, lifecycle
from inftool.servers.fields import day, stamp
from inftool.servers.resources import Resource, Role, at, each, parts
from inftool.servers.ruling import set_deep
from inftool.servers.seeding import Entry, inherited, nested, put
from inftool.servers.shapes import Canonical, Shape, canonical, is_valid, validator
from inftool.servers.words import bag, split, squash, stem
from inftool.servers.writing import (
    CHANGED,
    body_of,
    check_references,
    check_unique,
    complete,
    copied,
    copies,
    overlay,
    parents_of,
    point,
    record,
    referred,
    refuse,
)

if TYPE_CHECKING:
    from inftool.servers.world import World


def merged(old: Any, new: Any, shape: Shape | None) -> Any:
    """A value after a merge patch (RFC 7396): objects merge, all else is replaced; null takes out what may not be null."""
    if not isinstance(old, dict) or not isinstance(new, dict):
        return copied(new)
    view = shape.object() if shape is not None else None
    out = dict(old)
    for name, item in new.items():
        sub = view.properties.get(name) if view is not None else None
        if item is None and sub is not None and not sub.may_be_null and sub.types:
            out.pop(name, None)
        else:
            out[name] = merged(out.get(name), item, sub) if isinstance(item, dict) and isinstance(out.get(name), dict) else copied(item)
    return out


def _operations(value: JsonObject, steps: list[Any]) -> JsonObject:
    """JSON Patch (RFC 6902): add, replace and remove; others and paths that lead nowhere change nothing."""
    out: JsonObject = copied(value)
    for step in steps:
        if not isinstance(step, dict) or not isinstance(step.get("path"), str) or not step["path"].startswith("/"):
            continue
        pointer = step["path"]
        above = at(out, pointer.rsplit("/", 1)[0])
        last = parts(pointer)[-1]
        kind = step.get("op")
        if kind in {"add", "replace"} and isinstance(above, dict):
            above[last] = copied(step.get("value"))
        elif kind == "add" and isinstance(above, list) and last == "-":
            above.append(copied(step.get("value")))
        elif kind in {"add", "replace"} and isinstance(above, list) and last.isdigit() and int(last) < len(above):
            put(out, pointer, copied(step.get("value")))
        elif kind == "remove" and isinstance(above, dict):
            above.pop(last, None)
    return out


def update(world: World, tool: Tool, role: Role, arguments: JsonObject, entry: Entry, *, whole: bool) -> Entry:
    """Change an entity as the call says and give it back as it is then; a change of nothing writes nothing."""
    resource = world.resources.resources[str(role.resource)]
    shape = world.base.shapes[resource.name]
    check_references(world, role, arguments, but=set(role.keys))
    sent = body_of(tool, role, arguments)
    body = at(sent, role.body)
    status = resource.status
    conflict = any(answer.status == "409" for answer in tool.responses) and not resource.unique
    if conflict and status is not None and lifecycle.is_off(entry.value.get(status.property)) and status.property not in (body or {}):
        raise refuse(409, f"The {resource.name} is {entry.value[status.property]} and can no longer be changed.", status.property)
    steps = sent if isinstance(sent, list) else None
    if isinstance(sent, dict):
        lists = (item for item in sent.values() if isinstance(item, list))
        steps = next((item for item in lists if item and isinstance(item[0], dict) and {"op", "path"} <= set(item[0])), None)
    if steps is not None and steps and isinstance(steps[0], dict) and "op" in steps[0]:
        new = _operations(entry.value, steps)
    elif not isinstance(body, dict):
        new = dict(entry.value)
    elif whole:
        kept = {name: item for name, item in entry.value.items() if name not in resource.writable or name == resource.identifier}
        new = {**kept, **copied(body)}
        new = complete(world, shape, new, world.base.later("replace", resource.name, entry.key), resource.name)
    else:
        new = merged(entry.value, body, shape)
    if resource.identifier is not None and resource.identifier in entry.value:
        new[resource.identifier] = entry.value[resource.identifier]
    return store(world, resource, entry, new, unique=True, sent=body)


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same; unlike `==`, 1 is neither 1.0 nor true."""
    return bool(left == right) and canonical(left) == canonical(right)


def store(world: World, resource: Resource, entry: Entry, new: JsonObject, *, unique: bool = False, sent: Any = None) -> Entry:
    """Put an entity's new value in its place, with what follows from it but for what was sent; the entry as it is then."""
    if same(new, entry.value) and entry.key in world.collection(resource.name):
        return entry
    if unique:
        check_unique(world, resource, new, entry.key)
    shape = world.base.shapes[resource.name]
    rng = world.base.later("update", resource.name, entry.key, Canonical(new))
    new = copied(new)
    before = referred(world, resource, entry.value)
    for own, (_, other) in referred(world, resource, new).items():
        if own in before and before[own][1].key != other.key and before[own][0] != resource.name:
            taken = inherited(resource, shape, other.value, skip={name for name in new if new[name] != entry.value.get(name)})
            new.update({name: item for name, item in taken.items() if new.get(name) == before[own][1].value.get(name)})
    if validator(resource.entity) is None or not is_valid(resource.entity, new):
        new = complete(world, shape, new, rng, resource.name)
    point(world, resource, new, entry.value, rng)
    for pattern, (name, _) in resource.references.items():
        first = parts(pattern)[0]
        if new.get(first) != entry.value.get(first) and any(entry_value != at(entry.value, pointer) for pointer, entry_value in each(new, pattern)):
            copies(world, resource, new, pattern, name)
    if any(isinstance(item, list) and item != entry.value.get(name) for name, item in new.items()):
        for _, inner in nested(new):
            coherence.add_up(inner)
        coherence.add_up(new)
    if isinstance(sent, dict):
        overlay(new, {name: item for name, item in sent.items() if name != resource.identifier})
    for name, sub in shape.properties.items():
        said = set(split(name))
        if (
            said & CHANGED
            and said & bag("at on time date timestamp updated modified")
            and (name in entry.value or name in shape.required)
            and new.get(name) == entry.value.get(name)
        ):
            if sub.node.get("format") == "date":
                new[name] = day(world.now)
            elif sub.has("string") and not sub.node.get("enum") and "by" not in said:
                new[name] = stamp(world.now)
            elif sub.has("integer") and "by" not in said:
                new[name] = int(world.now.timestamp())
    changed = Entry(entry.key, new, {**entry.parents, **parents_of(resource, new, {}, fill=False, world=world)}, entry.rank)
    world.put(resource.name, changed)
    return changed


def act(world: World, tool: Tool, role: Role, arguments: JsonObject, entry: Entry) -> Entry:
    """Do what an action's word means to an entity; Refused (409) where its state does not allow it."""
    resource = world.resources.resources[str(role.resource)]
    if resource.virtual:
        record(world, tool, arguments)
        return entry
    check_references(world, role, arguments, but=set(role.keys))
    shape = world.base.shapes[resource.name]
    new = copied(entry.value)
    status = resource.status
    if role.leads_to is not None and status is not None:
        now = str(new.get(status.property, ""))
        allowed = world.rules.allows(resource.name, now, str(role.leads_to)) if world.rules is not None else None
        if allowed is None:
            allowed = lifecycle.may_move(role.verb, now, str(role.leads_to), tuple(map(str, status.values)))
        if not allowed:
            raise refuse(409, f"The {resource.name} is {now} and cannot become {role.leads_to}.", status.property)
        new[status.property] = role.leads_to
    elif status is not None and refuses(tool):
        now = str(new.get(status.property, ""))
        ruled = world.rules is not None and resource.name in world.rules.transitions
        if lifecycle.is_over(role.verb, now) and not ruled:
            raise refuse(409, f"The {resource.name} is {now}: it is too late to {role.verb} it.", status.property)
    about = stem(role.verb)
    reached = stem(split(str(role.leads_to))[0]) if role.leads_to is not None and split(str(role.leads_to)) else about
    for name, sub in shape.properties.items():
        said = split(name)
        if not said:
            continue
        if sub.has("boolean") and stem(said[-1]) in {about, reached} and len(said) <= 2:
            new[name] = True
        elif sub.has("boolean") and about.startswith("un") and stem(said[-1]) == about[2:]:
            new[name] = False
        elif stem(said[0]) in {about, reached} and said[-1] in {"at", "on", "date", "time"} and sub.has("string"):
            new[name] = day(world.now) if sub.node.get("format") == "date" else stamp(world.now)
    body = at(body_of(tool, role, arguments), role.body)
    if isinstance(body, dict):
        _take_in(world, shape, new, body, {about, reached})
    for pointer, extra in commands.effects(body, shape, new):
        set_deep(new, pointer, extra)
    for pointer, extra in world.rules.after(tool.name, arguments) if world.rules is not None else ():
        set_deep(new, pointer, extra)
    if same(new, entry.value):
        record(world, tool, arguments)
        return entry
    return store(world, resource, entry, new)


def refuses(tool: Tool) -> bool:
    """Whether a tool documents that a thing's state may forbid it."""
    return any(answer.status in {"409", "412", "422", "423"} for answer in tool.responses)


def _take_in(world: World, shape: Shape, new: JsonObject, body: JsonObject, deeds: set[str]) -> None:
    """Put an action's body where the entity has a place for it, in place.

    That is the same property, else `cancellation.reason` or `cancellationReason` for a `reason`, `holdDepotCode` for a `depotCode`.
    `deeds`: the stems of what is done and of the state that it leads to.
    """
    places = {
        name: view
        for name, sub in shape.properties.items()
        if lifecycle.deed(name) in deeds and (view := sub.object()) is not None and view.properties
    }
    for name, item in body.items():
        if name in shape.properties:
            new[name] = merged(new.get(name), item, shape.properties[name]) if isinstance(item, dict) else copied(item)
            continue
        home = next((place for place, view in places.items() if name in view.properties), None)
        if home is not None:
            inner = dict(new[home]) if isinstance(new.get(home), dict) and home in new else {}
            inner[name] = copied(item)
            new[home] = inner
            continue
        tail = next((prop for prop in shape.properties if squash(prop).endswith(squash(name)) and lifecycle.deed(prop) in deeds), None)
        if tail is not None:
            new[tail] = copied(item)
    for place, view in places.items():
        if isinstance(new.get(place), dict):
            # The object is written anew by this action: what an earlier one left there goes, but for what the schema wants.
            new[place] = complete(
                world,
                view,
                {name: item for name, item in new[place].items() if name in body or name in view.required},
                world.base.later("act", place, Canonical(body)),
                place,
            )
