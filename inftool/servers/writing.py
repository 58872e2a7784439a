"""Writes: create, update, delete and act, as pure functions of the state, the seed and the arguments."""

from __future__ import annotations

import random
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from inftool.records import JsonObject, Tool
from inftool.servers import coherence, identifiers, lifecycle, references
from inftool.servers.fields import day, stamp
from inftool.servers.resources import Resource, Role, at, each, parts
from inftool.servers.sample import Refer
from inftool.servers.seeding import Entry, copy_down, inherited, nested, put, shared
from inftool.servers.shapes import Shape, canonical
from inftool.servers.words import split, squash, stem

if TYPE_CHECKING:
    from inftool.servers.world import World

_MADE = {"created", "placed", "added", "submitted", "opened", "issued", "registered", "joined", "posted", "ordered", "booked", "uploaded", "requested", "logged", "recorded", "enrolled"}
_CHANGED = {"updated", "modified", "changed", "edited"}
LOG = "~log"
_ZERO = {"count", "views", "likes", "votes", "followers", "uses", "attempts", "replies", "paid", "version"}


class Refused(Exception):  # noqa: N818 - a control flow word, not an error that leaves this package
    """The call cannot be done: a status and a message, answered in the shape that the spec declares."""

    def __init__(self, status: int, message: str, field: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.field = field


def refuse(status: int, message: str, field: str = "") -> Refused:
    """The refusal that `play` turns into an answer."""
    return Refused(status, message, field)


def body_of(tool: Tool, role: Role, arguments: JsonObject) -> Any:
    """The request body that the arguments make up (everything but the keys, where the tool has no HTTP request)."""
    if not tool.parameters:
        return {name: value for name, value in arguments.items() if name not in role.keys}
    out: JsonObject = {}
    for parameter in tool.parameters:
        if parameter.argument not in arguments:
            continue
        if parameter.location == "whole_body":
            return arguments[parameter.argument]
        if parameter.location in {"body", "form"}:
            out[parameter.name] = arguments[parameter.argument]
    if not out and tool.method.lower() in {"post", "put", "patch"}:
        out = {parameter.name: arguments[parameter.argument] for parameter in tool.parameters if parameter.location == "query" and parameter.argument in arguments and parameter.argument not in role.keys}
    return out


def _check_references(world: World, role: Role, arguments: JsonObject, *, but: set[str]) -> None:
    for pattern, (name, prop) in role.references.items():
        if pattern[1:] in but or (pattern.count("/") == 1 and pattern[1:] in role.keys):
            continue
        resource = world.resources.resources[name]
        if resource.virtual:
            continue
        collection = world.collection(name)
        for pointer, wanted in each(arguments, pattern):
            if isinstance(wanted, dict | list) or wanted == "":
                continue
            if str(wanted) in collection or (prop != resource.identifier and any(str(entry.value.get(prop)) == str(wanted) for entry in collection.values())):
                continue
            raise refuse(422, f"{pointer[1:].replace('/', '.')}: no {name} {wanted!r} exists.", pointer[1:].replace("/", "."))


def _check_unique(world: World, resource: Resource, value: JsonObject, me: str | None = None) -> None:
    for prop in resource.unique:
        wanted = value.get(prop)
        if wanted is None:
            continue
        text = str(wanted).casefold()
        for entry in world.collection(resource.name).values():
            if entry.key != me and str(entry.value.get(prop)).casefold() == text:
                raise refuse(409, f"A {resource.name} with {prop} {wanted!r} exists already.", prop)


def create(world: World, tool: Tool, role: Role, arguments: JsonObject, above: dict[str, str], *, key: Any = None) -> list[Entry]:
    """Add what the call describes, under a key where one is given; Refused on an unknown reference or a value that must be unique and is taken."""
    resource = world.resources.resources[str(role.resource)]
    _check_references(world, role, arguments, but=set())
    body = at(body_of(tool, role, arguments), role.body)
    bodies = body if isinstance(body, list) else [body]
    values = [item if isinstance(item, dict) else {} for item in bodies][:1000]
    made: list[Entry] = []
    for value in values:
        if key is not None and resource.identifier is not None:
            value = {**value, resource.identifier: identifiers.typed(world.base.shapes[resource.name], resource.identifier, str(key))}
        _check_unique(world, resource, value)
        made.append(_new(world, resource, value, above))
        world.put(resource.name, made[-1])
    return made


def _new(world: World, resource: Resource, given: JsonObject, above: dict[str, str]) -> Entry:
    base, shape = world.base, world.base.shapes[resource.name]
    collection = world.collection(resource.name)
    content = canonical([given, above])
    rng = random.Random(blake2b(f"{base.seed}\x1f{resource.name}\x1f{content}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())
    value = copied(given)
    identifier = resource.identifier
    if identifier is not None and isinstance(value.get(identifier), str | int) and not isinstance(value[identifier], bool) and value[identifier] != "":
        key = str(value[identifier])
        if key in collection and not resource.natural:
            key, _ = identifiers.created(base, resource, content, collection)
        elif key in collection:
            raise refuse(409, f"A {resource.name} with {identifier} {key!r} exists already.", identifier)
    else:
        key, made = identifiers.created(base, resource, content, collection)
        if identifier is not None:
            value[identifier] = made if made is not None else identifiers.typed(shape, identifier, key)
    for name, other in sorted(_referred(world, resource, value).values(), key=lambda pair: -shared(shape, pair[1].value)):
        if name != resource.name:
            value.update(inherited(resource, shape, other.value, skip=value))
    value = _default(world, resource, shape, value, rng)
    _point(world, resource, value, given, rng)
    parents = _parents(resource, value, above, fill=True, world=world)
    for pattern, (name, _) in resource.references.items():
        copies(world, resource, value, pattern, name)
    for _, inner in nested(value):
        coherence.add_up(inner)
    coherence.add_up(value)
    return Entry(key, value, parents, (1, key))


def _referred(world: World, resource: Resource, value: JsonObject) -> dict[str, tuple[str, Entry]]:
    """What an entity's own properties refer to: property -> (resource, entry)."""
    out: dict[str, tuple[str, Entry]] = {}
    for pattern, (name, prop) in resource.references.items():
        steps = parts(pattern)
        if len(steps) != 1 or not isinstance(value.get(steps[0]), str | int):
            continue
        wanted = str(value[steps[0]])
        collection = world.collection(name)
        entry = collection.get(wanted)
        if entry is None or prop != world.resources.resources[name].identifier:
            entry = next((other for other in collection.values() if str(other.value.get(prop, other.key)) == wanted), None)
        if entry is not None:
            out[steps[0]] = (name, entry)
    return out


def _point(world: World, resource: Resource, value: JsonObject, given: JsonObject, rng: random.Random) -> None:
    """References that the schema wants and nobody gave point at what exists, in place."""
    for pattern, (name, prop) in resource.references.items():
        first = parts(pattern)[0]
        pool = world.collection(name)
        if world.resources.resources[name].virtual or not pool:
            continue
        for pointer, found in each(value, pattern):
            if isinstance(found, dict | list) or at(given, pointer) is not None:
                continue
            if str(found) in pool or (first in given and at(given, pointer) == found):
                continue
            if any(str(entry.value.get(prop)) == str(found) for entry in pool.values()):
                continue
            entry = pool[sorted(pool)[rng.randrange(len(pool))]]
            put(value, pointer, entry.value.get(prop, entry.key))


def _default(world: World, resource: Resource, shape: Shape, value: JsonObject, rng: random.Random) -> JsonObject:
    """What the server sets itself: moments, the first state, counters, documented defaults, and what the schema demands."""
    now = world.now
    for name, sub in shape.properties.items():
        if name in value:
            continue
        said = split(name)
        moment = sub.node.get("format") in {"date-time", "date"} or (sub.has("string") and said[-1:] == ("at",))
        if moment and set(said) & (_MADE | _CHANGED) and sub.has("string"):
            value[name] = day(now) if sub.node.get("format") == "date" else stamp(now)
        elif sub.has("integer") and set(said) & (_MADE | _CHANGED) and set(said) & {"at", "time", "timestamp", "date", "on"}:
            value[name] = int(now.timestamp())
        elif resource.status is not None and name == resource.status.property:
            value[name] = initial_state(resource)
        elif "default" in sub.node and name in resource.writable and sub.node["default"] is not None:
            value[name] = copied(sub.node["default"])
        elif name in shape.required and sub.has("integer") and said and said[-1] in _ZERO and "minimum" not in sub.node:
            value[name] = 0
        elif name in shape.required and sub.has("array") and sub.array() is not None and not sub.array().node.get("minItems") and name not in resource.references:  # type: ignore[union-attr]
            value[name] = []
        elif name in shape.required and sub.may_be_null:
            value[name] = None
    return complete(world, shape, value, rng, resource.name)


def initial_state(resource: Resource) -> Any:
    """The state that a new thing starts in: the schema's default, a word for a start, else the first that is no end."""
    status = resource.status
    if status is None:
        return None
    if status.initial is not None:
        return status.initial
    starts = ("draft", "pending", "new", "open", "created", "placed", "todo", "to_do", "scheduled", "booked", "active", "requested", "submitted", "queued", "received", "planned", "unpaid", "backlog", "confirmed", "registered", "valid", "available")
    by_name = {squash(str(item)): item for item in status.values}
    first = status.values[0]
    if lifecycle.normal(first) not in lifecycle.TERMINAL:
        if squash(str(first)) in {"inactive", "disabled", "closed", "all", "unknown", "any", "none", "paused", "blocked"}:
            return next((by_name[squash(word)] for word in starts if squash(word) in by_name), first)
        return first
    return next((by_name[squash(word)] for word in starts if squash(word) in by_name), next((item for item in status.values if lifecycle.normal(item) not in lifecycle.TERMINAL), first))


def complete(world: World, shape: Shape, value: Any, rng: random.Random, name: str, depth: int = 0) -> Any:
    """A value with the required parts that its sender left to the server, at any depth."""
    view = shape.object() if isinstance(value, dict) else None
    if view is not None and view.properties and depth < 6:
        missing = [prop for prop in view.required if prop not in value and prop in view.properties]
        if missing:
            facts = world.base.sampler(rng, optional=0.0)
            inner = facts.facts(split(name))
            for prop in missing:
                value[prop] = facts.value(view.properties[prop], prop, f"/{prop}", depth + 1, inner)
        for prop, item in value.items():
            if isinstance(item, dict | list) and prop in view.properties:
                value[prop] = complete(world, view.properties[prop], item, rng, prop, depth + 1)
        return value
    if isinstance(value, list) and (array := shape.array()) is not None and array.items is not None and depth < 6:
        return [complete(world, array.items, item, rng, name, depth + 1) if isinstance(item, dict | list) else item for item in value]
    return value


def _parents(resource: Resource, value: JsonObject, above: dict[str, str], *, fill: bool, world: World | None = None) -> dict[str, str]:
    """The parents' keys of an entity: the path's, and those that its own properties name; what names a parent on the path is set to it."""
    found = dict(above)
    for pattern, (name, prop) in resource.references.items():
        if pattern.count("/") != 1:
            continue
        own = parts(pattern)[0]
        if name in above and fill:
            other = world.collection(name).get(above[name]) if world is not None else None
            value[own] = other.value.get(prop, above[name]) if other is not None else above[name]
        elif name in resource.parents and isinstance(value.get(own), str | int):
            key = str(value[own])
            if world is not None and key not in world.collection(name):
                key = next((entry.key for entry in world.collection(name).values() if str(entry.value.get(prop)) == key), key)
            found[name] = key
    return found


def copies(world: World, resource: Resource, value: JsonObject, pattern: str, name: str) -> None:
    """Bring what repeats a referred thing (`customerName`, `unitPrice`) up to date, in place."""
    other = world.resources.resources[name]
    collection = world.collection(name)
    prop = resource.references[pattern][1]
    for pointer, wanted in each(value, pattern):
        entry = collection.get(str(wanted)) if prop == other.identifier else next((item for item in collection.values() if str(item.value.get(prop)) == str(wanted)), None)
        if entry is not None:
            copy_down(value, pointer, name, entry.value, other)


def new_singleton(world: World, resource: Resource, key: str, above: dict[str, str]) -> Entry:
    """The single thing under a parent that was created after the start: a function of the seed and its place, not written until changed."""
    base, shape = world.base, world.base.shapes[resource.name]
    maker = base.sampler(base.rng("singleton", resource.name, key))
    return Entry(key, maker.object(shape, resource.name), dict(above), (1, key))


def copied(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if isinstance(value, dict):
        return {name: copied(item) for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) for item in value]
    return value


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
    _check_references(world, role, arguments, but=set(role.keys))
    sent = body_of(tool, role, arguments)
    body = at(sent, role.body)
    steps = sent if isinstance(sent, list) else next((item for item in (sent or {}).values() if isinstance(item, list) and item and isinstance(item[0], dict) and {"op", "path"} <= set(item[0])), None)
    if steps is not None and steps and isinstance(steps[0], dict) and "op" in steps[0]:
        new = _operations(entry.value, steps)
    elif not isinstance(body, dict):
        new = dict(entry.value)
    elif whole:
        kept = {name: item for name, item in entry.value.items() if name not in resource.writable or name == resource.identifier}
        new = {**kept, **copied(body)}
        new = complete(world, shape, new, world.base.rng("replace", resource.name, entry.key), resource.name)
    else:
        new = merged(entry.value, body, shape)
    if resource.identifier is not None and resource.identifier in entry.value:
        new[resource.identifier] = entry.value[resource.identifier]
    return store(world, resource, entry, new, unique=True)


def store(world: World, resource: Resource, entry: Entry, new: JsonObject, *, unique: bool = False) -> Entry:
    """Put an entity's new value in its place, with what follows from it; the entry as it is then."""
    if new == entry.value and canonical(new) == canonical(entry.value) and entry.key in world.collection(resource.name):
        return entry
    if unique:
        _check_unique(world, resource, new, entry.key)
    shape = world.base.shapes[resource.name]
    rng = world.base.rng("update", resource.name, entry.key, canonical(new))
    new = copied(new)
    before = _referred(world, resource, entry.value)
    for own, (_, other) in _referred(world, resource, new).items():
        if own in before and before[own][1].key != other.key and before[own][0] != resource.name:
            taken = inherited(resource, shape, other.value, skip={name for name in new if new[name] != entry.value.get(name)})
            new.update({name: item for name, item in taken.items() if new.get(name) == before[own][1].value.get(name)})
    new = complete(world, shape, new, rng, resource.name)
    _point(world, resource, new, entry.value, rng)
    for pattern, (name, _) in resource.references.items():
        if any(entry_value != at(entry.value, pointer) for pointer, entry_value in each(new, pattern)):
            copies(world, resource, new, pattern, name)
    if any(isinstance(item, list) and item != entry.value.get(name) for name, item in new.items()):
        for _, inner in nested(new):
            coherence.add_up(inner)
        coherence.add_up(new)
    for name, sub in shape.properties.items():
        said = set(split(name))
        if said & _CHANGED and said & {"at", "on", "time", "date", "timestamp", "updated", "modified"} and (name in entry.value or name in shape.required) and new.get(name) == entry.value.get(name):
            if sub.node.get("format") == "date":
                new[name] = day(world.now)
            elif sub.has("string") and not sub.node.get("enum") and "by" not in said:
                new[name] = stamp(world.now)
            elif sub.has("integer") and "by" not in said:
                new[name] = int(world.now.timestamp())
    changed = Entry(entry.key, new, {**entry.parents, **_parents(resource, new, {}, fill=False, world=world)}, entry.rank)
    world.put(resource.name, changed)
    return changed


def delete(world: World, tool: Tool, name: str, entry: Entry) -> None:
    """Take an entity out: what lies under it goes too, and what refers to it lets go of it, goes with it or (where a 409 is documented) forbids it."""
    users = list(_users(world, name, entry))
    if users and any(answer.status == "409" for answer in tool.responses):
        resource, other, _, _ = users[0]
        raise refuse(409, f"The {name} cannot be deleted: {resource.name} {other.key!r} still refers to it.")
    _remove(world, name, entry, 0)


def _users(world: World, name: str, entry: Entry) -> list[tuple[Resource, Entry, str, str]]:
    """Who refers to an entity: (resource, entry, pointer, pattern) each; what lies under it is left out."""
    found = []
    for resource in world.resources.resources.values():
        for pattern, (target, prop) in resource.references.items():
            if target != name:
                continue
            key = str(entry.value.get(prop, entry.key))
            for other in world.collection(resource.name).values():
                if (resource.name == name and other.key == entry.key) or other.parents.get(name) == entry.key:
                    continue
                found += [(resource, other, pointer, pattern) for pointer, value in each(other.value, pattern) if str(value) == key]
    return found


def _remove(world: World, name: str, entry: Entry, depth: int) -> None:
    if entry.key not in world.collection(name) and not (entry.rank[0] == 1 and world.resources.resources[name].singleton):
        return
    users = _users(world, name, entry)
    world.drop(name, entry.key)
    if depth > 8:
        return
    for resource in world.resources.resources.values():
        if name in resource.parents:
            for other in list(world.collection(resource.name).values()):
                if other.parents.get(name) == entry.key:
                    _remove(world, resource.name, other, depth + 1)
    for resource, other, _, pattern in users:
        now = world.collection(resource.name).get(other.key)
        if now is not None:
            _let_go(world, resource, now, pattern, str(entry.value.get(resource.references[pattern][1], entry.key)), depth)


def _let_go(world: World, resource: Resource, entry: Entry, pattern: str, key: str, depth: int) -> None:
    """Take a reference to something gone out of an entity: out of an optional property or a list, else the entity goes too."""
    shape = world.base.shapes[resource.name]
    value = copied(entry.value)
    steps = parts(pattern)
    if "*" in steps:
        place = steps.index("*")
        pointer = "".join(f"/{step}" for step in steps[:place])
        items = at(value, pointer)
        rest = "".join(f"/{step}" for step in steps[place + 1 :])
        if isinstance(items, list):
            left = [item for item in items if not any(str(found) == key for _, found in each(item, rest))]
            if left:
                put(value, pointer, left)
                coherence.add_up(value)
                world.put(resource.name, Entry(entry.key, value, entry.parents, entry.rank))
                return
            if not rest:
                put(value, pointer, [])
                world.put(resource.name, Entry(entry.key, value, entry.parents, entry.rank))
                return
        _remove(world, resource.name, entry, depth + 1)
        return
    above = shape
    for step in steps[:-1]:
        view = above.object()
        above = view.properties.get(step, Shape({}, shape.root)) if view is not None else Shape({}, shape.root)
    holder = at(value, "".join(f"/{step}" for step in steps[:-1]))
    sub = above.properties.get(steps[-1])
    if not isinstance(holder, dict):
        return
    if len(steps) == 2 and steps[0] not in shape.required:
        value.pop(steps[0], None)
    elif steps[-1] not in above.required:
        holder.pop(steps[-1], None)
    elif sub is not None and sub.may_be_null:
        holder[steps[-1]] = None
    else:
        _remove(world, resource.name, entry, depth + 1)
        return
    world.put(resource.name, Entry(entry.key, value, entry.parents, entry.rank))


def act(world: World, tool: Tool, role: Role, arguments: JsonObject, entry: Entry) -> Entry:
    """Do what an action's word means to an entity; Refused (409) where its state does not allow it."""
    resource = world.resources.resources[str(role.resource)]
    if resource.virtual:
        record(world, tool, arguments)
        return entry
    _check_references(world, role, arguments, but=set(role.keys))
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
        _take_in(world, shape, new, body, about, reached)
    for pointer, extra in world.rules.after(tool.name, arguments) if world.rules is not None else ():
        _set_deep(new, pointer, extra)
    if canonical(new) == canonical(entry.value):
        record(world, tool, arguments)
        return entry
    return store(world, resource, entry, new)


def _set_deep(value: JsonObject, pointer: str, new: Any) -> None:
    node = value
    steps = parts(pointer)
    for step in steps[:-1]:
        inner = node.get(step)
        node[step] = dict(inner) if isinstance(inner, dict) else {}
        node = node[step]
    node[steps[-1]] = copied(new)


def _take_in(world: World, shape: Shape, new: JsonObject, body: JsonObject, about: str, reached: str) -> None:
    """Put an action's body where the entity has a place for it: the same property, `cancellation.reason` or `cancellationReason` for `reason`, `holdDepotCode` for `depotCode`."""
    places = {name: view for name, sub in shape.properties.items() if lifecycle.deed(name) in {about, reached} and (view := sub.object()) is not None and view.properties}
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
        tail = next((prop for prop in shape.properties if squash(prop).endswith(squash(name)) and lifecycle.deed(prop) in {about, reached}), None)
        if tail is not None:
            new[tail] = copied(item)
    for place, view in places.items():
        if isinstance(new.get(place), dict):
            # The object is written anew by this action: what an earlier one left there goes, but for what the schema wants.
            new[place] = complete(world, view, {name: item for name, item in new[place].items() if name in body or name in view.required}, world.base.rng("act", place, canonical(body)), place)


def record(world: World, tool: Tool, arguments: JsonObject) -> None:
    """Leave a trace of an effect that no entity shows, so that the state tells that it was done, and how often."""
    content = canonical([tool.name, arguments])
    collection = world.collection(LOG)
    stamp_ = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    ordinal = 0
    while f"{stamp_}-{ordinal}" in collection:
        ordinal += 1
    world.put(LOG, Entry(f"{stamp_}-{ordinal}", {"tool": tool.name, "arguments": copied(arguments)}, {}, (1, f"{stamp_}-{ordinal:06d}")))


def referrer(world: World, tool: Tool) -> Refer:
    """Keys of entities that exist, for the references inside a sampled answer."""
    memory = world.base.memory
    key = ("referrer", tool.name)
    if key not in memory:
        memory[key] = references.find(world.views.output(tool), world.resources.resources)
    linked = memory[key]
    turn = {"next": 0}

    def refer(pointer: str) -> Any:
        found = linked.get(pointer)
        if found is None:
            return None
        name, prop = found
        pool = [entry for entry in world.collection(name).values()]
        if not pool:
            return None
        turn["next"] += 1
        entry = pool[(turn["next"] * 7) % len(pool)]
        return entry.value.get(prop, entry.key)

    return refer
