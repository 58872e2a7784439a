"""Writes: create, update, delete and act, as pure functions of the state, the seed and the arguments."""

from __future__ import annotations

import random
from functools import cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from inftool.records import JsonObject, Tool
from inftool.servers import coherence, identifiers, lifecycle, references
from inftool.servers.fields import day, stamp
from inftool.servers.resources import Resource, Role, at, each, parts
from inftool.servers.sample import Refer
from inftool.servers.seeding import Collection, Draw, Entry, copy_down, inherited, nested, put, shared, tell_apart
from inftool.servers.shapes import Shape, canonical
from inftool.servers.words import bag, row, split, squash

if TYPE_CHECKING:
    from inftool.servers.world import World

_MADE = bag("created placed added submitted opened issued registered joined posted ordered booked uploaded requested logged recorded enrolled")
CHANGED = {"updated", "modified", "changed", "edited"}
LOG = "~log"
_ZERO = {"count", "views", "likes", "votes", "followers", "uses", "attempts", "replies", "paid", "version"}


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
        out = {
            parameter.name: arguments[parameter.argument]
            for parameter in tool.parameters
            if parameter.location == "query" and parameter.argument in arguments and parameter.argument not in role.keys
        }
    return out


def check_references(world: World, role: Role, arguments: JsonObject, *, but: set[str]) -> None:
    """Refused (422) where an argument refers to what does not exist; `but`: arguments that others look after."""
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
            if str(wanted) in collection or (
                prop != resource.identifier and any(str(entry.value.get(prop)) == str(wanted) for entry in collection.values())
            ):
                continue
            raise refuse(422, f"{pointer[1:].replace('/', '.')}: no {name} {wanted!r} exists.", pointer[1:].replace("/", "."))


def check_unique(world: World, resource: Resource, value: JsonObject, me: str | None = None) -> None:
    """Refused (409) where another entity than `me` has a value that must be unique."""
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
    check_references(world, role, arguments, but=set())
    body = at(body_of(tool, role, arguments), role.body)
    bodies = body if isinstance(body, list) else [body]
    values = [item if isinstance(item, dict) else {} for item in bodies][:1000]
    # Several things are made together or not at all.
    start = world.snapshot() if len(values) > 1 else None
    try:
        return [_add(world, resource, value, above, key) for value in values]
    except Refused:
        if start is not None:
            world.restore(start)
        raise


def _add(world: World, resource: Resource, value: JsonObject, above: dict[str, str], key: Any) -> Entry:
    if key is not None and resource.identifier is not None:
        value = {**value, resource.identifier: identifiers.typed(world.base.shapes[resource.name], resource.identifier, str(key))}
    check_unique(world, resource, value)
    made = new_entity(world, resource, value, above)
    world.put(resource.name, made)
    return made


def new_entity(world: World, resource: Resource, given: JsonObject, above: dict[str, str]) -> Entry:
    """A new entity out of what was sent, with all that the server adds to it."""
    base, shape = world.base, world.base.shapes[resource.name]
    collection = world.collection(resource.name)
    content = canonical([given, above])
    seed = blake2b(f"{base.seed}\x1f{resource.name}\x1f{content}".encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
    rng = cache(lambda: random.Random(seed))
    value = copied(given)
    identifier = resource.identifier
    if identifier is not None and value.get(identifier) in (None, "") and (lent := _lent(world, resource, above, collection)) is not None:
        value[identifier] = identifiers.typed(shape, identifier, lent)
    if (
        identifier is not None
        and isinstance(value.get(identifier), str | int)
        and not isinstance(value[identifier], bool)
        and value[identifier] != ""
    ):
        key = str(value[identifier])
        elsewhere = key in collection and any(collection[key].parents.get(name, above_key) != above_key for name, above_key in above.items())
        if elsewhere and not resource.natural:
            # The same name under another parent is another thing.
            key, _ = identifiers.created(base, resource, content, collection)
        elif key in collection:
            raise refuse(409, f"A {resource.name} with {identifier} {key!r} exists already.", identifier)
    else:
        key, made = identifiers.created(base, resource, content, collection)
        if identifier is not None:
            value[identifier] = made if made is not None else identifiers.typed(shape, identifier, key)
    for name in resource.key_names:
        value[name] = value[str(identifier)]
    for name, other in sorted(referred(world, resource, value).values(), key=lambda pair: -shared(shape, pair[1].value)):
        if name != resource.name:
            value.update(inherited(resource, shape, other.value, skip=value))
    value = _default(world, resource, shape, value, rng)
    for prop in base.lookups.get(resource.name, ()):
        if prop not in given:
            tell_apart(value, prop, shape, {str(entry.value.get(prop)) for entry in collection.values()})
    point(world, resource, value, given, rng)
    parents_of(resource, value, above, fill=True, world=world)
    for pattern, (name, _) in resource.references.items():
        copies(world, resource, value, pattern, name)
    for _, inner in nested(value):
        coherence.add_up(inner)
    coherence.add_up(value)
    overlay(value, {name: item for name, item in given.items() if name != identifier})
    parents = parents_of(resource, value, above, fill=True, world=world)
    return Entry(key, value, parents, (1, key))


def _lent(world: World, resource: Resource, above: dict[str, str], taken: Collection) -> str | None:
    """The key of a thing that is known by another's: its parent's, else the first that is free."""
    lender = resource.references.get(f"/{resource.identifier}")
    if lender is None:
        return None
    return above.get(lender[0]) or next((key for key in world.collection(lender[0]) if key not in taken), None)


def overlay(value: Any, sent: Any) -> None:
    """Put what was sent back where something derived took its place (a total, a copied name), in place: what is written is what is read."""
    if isinstance(value, dict) and isinstance(sent, dict):
        for name, item in sent.items():
            if isinstance(item, dict | list) and isinstance(value.get(name), dict | list):
                overlay(value[name], item)
            elif item is not None and name in value:
                value[name] = item
    elif isinstance(value, list) and isinstance(sent, list) and len(value) == len(sent):
        for index, item in enumerate(sent):
            if isinstance(item, dict | list):
                overlay(value[index], item)


def referred(world: World, resource: Resource, value: JsonObject) -> dict[str, tuple[str, Entry]]:
    """What an entity's own properties refer to: property -> (resource, entry)."""
    out: dict[str, tuple[str, Entry]] = {}
    for own, name, prop in resource.links:
        if not isinstance(value.get(own), str | int):
            continue
        wanted = str(value[own])
        collection = world.collection(name)
        entry = collection.get(wanted)
        if entry is None or prop != world.resources.resources[name].identifier:
            entry = next((other for other in collection.values() if str(other.value.get(prop, other.key)) == wanted), None)
        if entry is not None:
            out[own] = (name, entry)
    return out


def point(world: World, resource: Resource, value: JsonObject, given: JsonObject, rng: Draw) -> None:
    """References that the schema wants and nobody gave point at what exists, in place."""
    for pattern, (name, prop) in resource.references.items():
        first = parts(pattern)[0]
        # What was sent stands: it has been looked at already.
        if first not in value or (first in given and value[first] == given[first]):
            continue
        if pattern == f"/{resource.identifier}":
            # The key is settled already: what shares it with another thing has been given that one's.
            continue
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
            entry = pool[sorted(pool)[rng().randrange(len(pool))]]
            put(value, pointer, entry.value.get(prop, entry.key))


def _default(world: World, resource: Resource, shape: Shape, value: JsonObject, rng: Draw) -> JsonObject:
    """What the server sets itself: moments, the first state, counters, documented defaults, and what the schema demands."""
    now = world.now
    for name, kind in _server_sets(world, resource, shape):
        if name in value:
            continue
        if kind == "zero":
            value[name] = 0
        elif kind == "empty":
            value[name] = []
        elif kind == "null":
            value[name] = None
        elif kind == "default":
            value[name] = copied(shape.properties[name].node["default"])
        elif kind == "state":
            value[name] = initial_state(resource)
        else:
            value[name] = int(now.timestamp()) if kind == "seconds" else day(now) if kind == "day" else stamp(now)
    filled: JsonObject = complete(world, shape, value, rng, resource.name)
    return filled


def _server_sets(world: World, resource: Resource, shape: Shape) -> tuple[tuple[str, str], ...]:
    """The properties of a resource that its server sets where its sender does not, and how; found once."""
    memory, key = world.base.memory, ("server sets", resource.name)
    if key not in memory:
        memory[key] = tuple((name, kind) for name, sub in shape.properties.items() if (kind := _server_set(resource, shape, name, sub)))
    found: tuple[tuple[str, str], ...] = memory[key]
    return found


def _server_set(resource: Resource, shape: Shape, name: str, sub: Shape) -> str:
    said = split(name)
    moment = sub.node.get("format") in {"date-time", "date"} or (sub.has("string") and said[-1:] == ("at",))
    if moment and set(said) & (_MADE | CHANGED) and sub.has("string"):
        return "day" if sub.node.get("format") == "date" else "moment"
    if sub.has("integer") and set(said) & (_MADE | CHANGED) and set(said) & {"at", "time", "timestamp", "date", "on"}:
        return "seconds"
    if resource.status is not None and name == resource.status.property:
        return "state"
    if sub.node.get("default") is not None and name in resource.writable:
        return "default"
    if name not in shape.required:
        return ""
    if sub.has("integer") and said and said[-1] in _ZERO and "minimum" not in sub.node:
        return "zero"
    if (array := sub.array()) is not None and not array.node.get("minItems") and name not in resource.references:
        return "empty"
    return "null" if sub.may_be_null else ""


def initial_state(resource: Resource) -> Any:
    """The state that a new thing starts in: the schema's default, a word for a start, else the first that is no end."""
    status = resource.status
    if status is None:
        return None
    if status.initial is not None:
        return status.initial
    starts = row(
        "draft pending new open created placed todo to_do scheduled booked active requested submitted queued received planned "
        "unpaid backlog confirmed registered valid available"
    )
    by_name = {squash(str(item)): item for item in status.values}
    first = status.values[0]
    if lifecycle.normal(first) not in lifecycle.TERMINAL:
        if squash(str(first)) in {"inactive", "disabled", "closed", "all", "unknown", "any", "none", "paused", "blocked"}:
            return next((by_name[squash(word)] for word in starts if squash(word) in by_name), first)
        return first
    return next(
        (by_name[squash(word)] for word in starts if squash(word) in by_name),
        next((item for item in status.values if lifecycle.normal(item) not in lifecycle.TERMINAL), first),
    )


def complete(world: World, shape: Shape, value: Any, rng: Draw, name: str, *, depth: int = 0) -> Any:
    """A value with the required parts that its sender left to the server, at any depth."""
    view = shape.object() if isinstance(value, dict) else None
    if view is not None and view.properties and depth < 6:
        missing = [prop for prop in view.required if prop not in value and prop in view.properties]
        if missing:
            facts = world.base.sampler(rng(), optional=0.0)
            inner = facts.facts(split(name))
            for prop in missing:
                value[prop] = facts.value(view.properties[prop], prop, f"/{prop}", depth + 1, inner)
        for prop, item in value.items():
            if isinstance(item, dict | list) and prop in view.properties:
                value[prop] = complete(world, view.properties[prop], item, rng, prop, depth=depth + 1)
        return value
    if isinstance(value, list) and (array := shape.array()) is not None and array.items is not None and depth < 6:
        return [complete(world, array.items, item, rng, name, depth=depth + 1) if isinstance(item, (dict, list)) else item for item in value]
    return value


def parents_of(resource: Resource, value: JsonObject, above: dict[str, str], *, fill: bool, world: World | None = None) -> dict[str, str]:
    """The parents' keys of an entity: the path's, and those that its own properties name; what names a parent on the path is set to it."""
    found = dict(above)
    for own, name, prop in resource.links:
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
        entry = (
            collection.get(str(wanted))
            if prop == other.identifier
            else next((item for item in collection.values() if str(item.value.get(prop)) == str(wanted)), None)
        )
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
        return {name: copied(item) if isinstance(item, (dict, list)) else item for name, item in value.items()}
    if isinstance(value, list):
        return [copied(item) if isinstance(item, (dict, list)) else item for item in value]
    return value


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
        pool = list(world.collection(name).values())
        if not pool:
            return None
        turn["next"] += 1
        entry = pool[(turn["next"] * 7) % len(pool)]
        return entry.value.get(prop, entry.key)

    return refer
