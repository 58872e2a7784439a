"""Changes to what exists: replace, patch and act, as pure functions of the state, the seed and the arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inftool.core.json_pointer import find_all, find_at, replace_at, split_pointer
from inftool.core.json_values import Canonical, canonical, copied
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonObject
from inftool.language.identifiers import bag, split
from inftool.world.lexicon import lifecycle
from inftool.world.operations.checks import body_of, check_references, check_unique, refuse
from inftool.world.operations.defaults import CHANGED, complete
from inftool.world.operations.propagation import copies, overlay, parents_of, point, referred
from inftool.world.resources.models import Resource, Role
from inftool.world.sampling.coherence.totals import reconcile_totals
from inftool.world.sampling.named_values.moments import format_date, format_timestamp
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid, validator
from inftool.world.seeding.derivation import inherited_properties, nested_objects
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


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
            out[name] = (
                merged(out.get(name), item, sub)
                if isinstance(item, dict) and isinstance(out.get(name), dict)
                else copied(item)
            )
    return out


def _operations(value: JsonObject, steps: list[Any]) -> JsonObject:
    """JSON Patch (RFC 6902): add, replace and remove; others and paths that lead nowhere change nothing."""
    out: JsonObject = copied(value)
    for step in steps:
        if (
            not isinstance(step, dict)
            or not isinstance(step.get("path"), str)
            or not step["path"].startswith("/")
        ):
            continue
        pointer = step["path"]
        above = find_at(out, pointer.rsplit("/", 1)[0])
        last = split_pointer(pointer)[-1]
        kind = step.get("op")
        if kind in {"add", "replace"} and isinstance(above, dict):
            above[last] = copied(step.get("value"))
        elif kind == "add" and isinstance(above, list) and last == "-":
            above.append(copied(step.get("value")))
        elif (
            kind in {"add", "replace"}
            and isinstance(above, list)
            and last.isdigit()
            and int(last) < len(above)
        ):
            replace_at(out, pointer, copied(step.get("value")))
        elif kind == "remove" and isinstance(above, dict):
            above.pop(last, None)
    return out


def update(
    world: WorldState, tool: Tool, role: Role, arguments: Arguments, entry: Entry, *, whole: bool
) -> Entry:
    """Change an entity as the call says and give it back as it is then; a change of nothing writes nothing."""
    resource = world.resources.resources[str(role.target.resource)]
    shape = world.base.shapes[resource.name]
    check_references(world, role, arguments, but=set(role.target.keys))
    sent = body_of(tool, role, arguments)
    body = find_at(sent, role.body.pointer)
    status = resource.status
    conflict = any(answer.status == "409" for answer in tool.responses) and not resource.unique
    if (
        conflict
        and status is not None
        and lifecycle.is_negative(entry.value.get(status.property))
        and status.property not in (body or {})
    ):
        raise refuse(
            409,
            f"The {resource.name} is {entry.value[status.property]} and can no longer be changed.",
            status.property,
        )
    steps = sent if isinstance(sent, list) else None
    if isinstance(sent, dict):
        lists = (item for item in sent.values() if isinstance(item, list))
        steps = next(
            (
                item
                for item in lists
                if item and isinstance(item[0], dict) and {"op", "path"} <= set(item[0])
            ),
            None,
        )
    if steps is not None and steps and isinstance(steps[0], dict) and "op" in steps[0]:
        new = _operations(entry.value, steps)
    elif not isinstance(body, dict):
        new = dict(entry.value)
    elif whole:
        kept = {
            name: item
            for name, item in entry.value.items()
            if name not in resource.writable or name == resource.identifier
        }
        new = {**kept, **copied(body)}
        new = complete(
            world,
            shape,
            new,
            world.base.lazy_rng("replace", resource.name, entry.key),
            resource.name,
        )
    else:
        new = merged(entry.value, body, shape)
    if resource.identifier is not None and resource.identifier in entry.value:
        new[resource.identifier] = entry.value[resource.identifier]
    return store(world, resource, entry, new, unique=True, sent=body)


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values are the same; unlike `==`, 1 is neither 1.0 nor true."""
    return bool(left == right) and canonical(left) == canonical(right)


def store(
    world: WorldState,
    resource: Resource,
    entry: Entry,
    new: JsonObject,
    *,
    unique: bool = False,
    sent: Any = None,
) -> Entry:
    """Put an entity's new value in its place, with what follows from it but for what was sent; the entry as it is then."""
    if same(new, entry.value) and entry.key in world.collection(resource.name):
        return entry
    if unique:
        check_unique(world, resource, new, entry.key)
    shape = world.base.shapes[resource.name]
    rng = world.base.lazy_rng("update", resource.name, entry.key, Canonical(new))
    new = copied(new)
    before = referred(world, resource, entry.value)
    for own, (_, other) in referred(world, resource, new).items():
        if own in before and before[own][1].key != other.key and before[own][0] != resource.name:
            taken = inherited_properties(
                resource,
                shape,
                other.value,
                skip={name for name in new if new[name] != entry.value.get(name)},
            )
            new.update(
                {
                    name: item
                    for name, item in taken.items()
                    if new.get(name) == before[own][1].value.get(name)
                }
            )
    if validator(resource.entity) is None or not is_valid(resource.entity, new):
        new = complete(world, shape, new, rng, resource.name)
    point(world, resource, new, entry.value, rng)
    for pattern, (name, _) in resource.references.items():
        first = split_pointer(pattern)[0]
        if new.get(first) != entry.value.get(first) and any(
            entry_value != find_at(entry.value, pointer)
            for pointer, entry_value in find_all(new, pattern)
        ):
            copies(world, resource, new, pattern, name)
    if any(isinstance(item, list) and item != entry.value.get(name) for name, item in new.items()):
        for _, inner in nested_objects(new):
            reconcile_totals(inner)
        reconcile_totals(new)
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
                new[name] = format_date(world.now)
            elif sub.has("string") and not sub.node.get("enum") and "by" not in said:
                new[name] = format_timestamp(world.now)
            elif sub.has("integer") and "by" not in said:
                new[name] = int(world.now.timestamp())
    changed = Entry(
        entry.key,
        new,
        {**entry.parents, **parents_of(resource, new, {}, fill=False, world=world)},
        entry.rank,
    )
    world.put(resource.name, changed)
    return changed
