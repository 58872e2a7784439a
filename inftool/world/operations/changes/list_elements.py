"""Elements of a list inside an entity that have paths of their own.

`POST /carts/{cartId}/items` adds an item to a cart, PATCH and DELETE of `.../items/{itemId}` change
and remove one, and the cart shows it. For a list in the body of a PATCH see `patch_semantics`.
"""

from __future__ import annotations

import random
from hashlib import blake2b

from inftool.core.json_values import canonical, copied
from inftool.world.operations.calls import Call
from inftool.world.operations.changes.defaults import complete
from inftool.world.operations.changes.patch_semantics import merge_patch
from inftool.world.operations.changes.update import store
from inftool.world.operations.checks import Refused, check_references
from inftool.world.resources.models import ElementTarget
from inftool.world.schema.shape import Shape
from inftool.world.seeding import identifiers
from inftool.world.seeding.entries import Entry

# How many keys are tried for a new element: more than a list has elements.
_MAX_KEYS = 1000


def change(call: Call, element: ElementTarget, entry: Entry) -> Entry:
    """Add, change or remove an element of an entity's list; the entry as it is then.

    A DELETE that names no element empties the list. Refused (404) where the element named does not
    exist.
    """
    world, resource = call.world, call.resource
    check_references(call)
    shape = _element_shape(world.base.shapes[resource.name], element)
    current = entry.value.get(element.property)
    items: list[object] = copied(current) if isinstance(current, list) else []
    body = _element_body(call, element, shape)
    is_delete = call.tool.method.lower() == "delete"
    # The path ends at the list: POST adds to it, DELETE empties it.
    if element.argument is None:
        if is_delete:
            items = []
        else:
            items = [*items, _new_element(call, element, shape, entry, items, body)]
    else:
        element_key = str(call.arguments.get(element.argument))
        index = _index(items, element.key, element_key)
        if index is None:
            message = f"The {resource.name} has no {element.property} element {element_key!r}."
            raise Refused(404, message, element.argument)
        item = items[index]
        if is_delete:
            items.pop(index)
        elif isinstance(item, dict):
            # The path names the element, whatever key the body holds.
            items[index] = {**merge_patch(item, body, shape), element.key: item[element.key]}
    return store(world, resource, entry, {**entry.value, element.property: items})


def _element_shape(shape: Shape, element: ElementTarget) -> Shape | None:
    """The shape of the list's elements as objects, None where they are not described as such."""
    array = shape.properties[element.property].array()
    return array.items.object() if array is not None and array.items is not None else None


def _element_body(call: Call, element: ElementTarget, shape: Shape | None) -> dict[str, object]:
    """What the body says of the element: its properties, without the argument that names it."""
    sent = call.body()
    if not isinstance(sent, dict):
        return {}
    is_closed = shape is not None and shape.closed
    return {
        name: item
        for name, item in sent.items()
        if name != element.argument and (shape is None or not is_closed or name in shape.properties)
    }


def _index(items: list[object], key: str, element_key: str) -> int | None:
    for index, item in enumerate(items):
        if isinstance(item, dict) and str(item.get(key)) == element_key:
            return index
    return None


def _new_element(
    call: Call,
    element: ElementTarget,
    shape: Shape | None,
    entry: Entry,
    items: list[object],
    body: dict[str, object],
) -> dict[str, object]:
    """An element out of what was sent, with a key and the parts that the schema requires."""
    base = call.world.base
    name = element.property
    shape = shape or Shape({}, base.shapes[call.resource.name].root)
    # With the number of elements: the same item added twice gets two keys.
    content = canonical([entry.key, name, body, len(items)])
    text = f"{base.seed}\x1f{content}".encode("utf-8", "surrogatepass")
    rng = random.Random(blake2b(text, digest_size=16).hexdigest())
    value: dict[str, object] = copied(body)
    if element.key and element.key not in value:
        taken = {str(item.get(element.key)) for item in items if isinstance(item, dict)}
        key_shape = shape.properties.get(element.key)
        keys = (identifiers.make_key(key_shape, name, rng) for number in range(_MAX_KEYS))
        value[element.key] = next(key for key in keys if str(key) not in taken)
    complete(call.world, shape, value, lambda: rng, name)
    return value
