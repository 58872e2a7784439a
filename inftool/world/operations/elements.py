"""Things that live inside another one: a cart's items are added, changed and removed through paths of their own, and the cart shows it."""

from __future__ import annotations

import random
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from inftool.core.json_values import canonical, copied
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonObject
from inftool.world.operations import update
from inftool.world.operations.checks import body_of, check_references, refuse
from inftool.world.operations.defaults import complete
from inftool.world.resources.models import ElementTarget, Role
from inftool.world.schema.shape import Shape
from inftool.world.seeding import identifiers
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


def change(
    world: WorldState,
    tool: Tool,
    role: Role,
    element: ElementTarget,
    arguments: Arguments,
    entry: Entry,
) -> Entry:
    """Add, change or remove an element of an entity as a call says; the entity as it is then. Refused (404) where the element does not exist."""
    resource = world.resources.resources[str(role.target.resource)]
    shape = world.base.shapes[resource.name]
    array = shape.properties[element.property].array()
    inner = array.items.object() if array is not None and array.items is not None else None
    check_references(world, role, arguments, but=set(role.target.keys))
    held = entry.value.get(element.property)
    items: list[Any] = copied(held) if isinstance(held, list) else []
    sent = body_of(tool, role, arguments)
    body = (
        {name: item for name, item in sent.items() if name != element.argument}
        if isinstance(sent, dict)
        else {}
    )
    if inner is not None and inner.closed:
        body = {name: item for name, item in body.items() if name in inner.properties}
    if element.argument is None:
        items = (
            []
            if tool.method.lower() == "delete"
            else [*items, _new(world, element, inner or Shape({}, shape.root), entry, items, body)]
        )
    else:
        wanted = str(arguments.get(element.argument))
        place = next(
            (
                number
                for number, item in enumerate(items)
                if isinstance(item, dict) and str(item.get(element.key)) == wanted
            ),
            None,
        )
        if place is None:
            raise refuse(
                404,
                f"The {resource.name} has no {element.property} element {wanted!r}.",
                element.argument,
            )
        if tool.method.lower() == "delete":
            items.pop(place)
        else:
            items[place] = {
                **update.merged(items[place], body, inner),
                element.key: items[place][element.key],
            }
    return update.store(world, resource, entry, {**entry.value, element.property: items})


def _new(
    world: WorldState,
    element: ElementTarget,
    shape: Shape,
    entry: Entry,
    items: list[Any],
    body: JsonObject,
) -> JsonObject:
    content = canonical([entry.key, element.property, body, len(items)])
    rng = random.Random(
        blake2b(
            f"{world.base.seed}\x1f{content}".encode("utf-8", "surrogatepass"), digest_size=16
        ).hexdigest()
    )
    value = copied(body)
    if element.key and element.key not in value:
        taken = {str(item.get(element.key)) for item in items if isinstance(item, dict)}
        made = (
            identifiers.make_key(
                shape.properties.get(element.key), element.property, rng, ordinal=number
            )
            for number in range(1000)
        )
        value[element.key] = next(key for key in made if str(key) not in taken)
    found: JsonObject = complete(world, shape, value, lambda: rng, element.property)
    return found
