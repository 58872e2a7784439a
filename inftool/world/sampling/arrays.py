"""Sampled arrays: a few items, distinct where the schema or the meaning asks for it."""

from __future__ import annotations

from inftool.core.json_values import canonical
from inftool.language.identifiers import noun, singular, split
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.context import FieldPosition, SamplingContext
from inftool.world.sampling.examples import examples_of
from inftool.world.sampling.named_values.facts import Facts
from inftool.world.schema.shape import Shape, integer_keyword

_KEYS = word_sets("object")["keys"]
# An array gets up to three items if its schema does not ask for more.
_USUAL_ITEMS = 3
# Deeper than this, arrays get only the items that the schema requires.
_FEW_ITEMS_DEPTH = 4
_FEW_OBJECTS_DEPTH = 3
# Duplicates are drawn again, up to this many draws per item.
_TRIES_PER_ITEM = 4


def sample_array(
    context: SamplingContext, shape: Shape, position: FieldPosition, facts: Facts
) -> list[object]:
    """An array of a shape; `facts` are those of the object that it belongs to."""
    # A tuple (draft 2020-12): one schema for each item.
    prefix = shape.node.get("prefixItems")
    if isinstance(prefix, list):
        item_position = position.item(position.name)
        return [context.value_at(Shape(item, shape.root), item_position, facts) for item in prefix]
    if shape.items is None:
        return _untyped_array(context, shape, position, facts)
    return _items(context, shape, shape.items, position, facts)


def _untyped_array(
    context: SamplingContext, shape: Shape, position: FieldPosition, facts: Facts
) -> list[object]:
    """An array whose schema does not describe its items: its example, else strings."""
    for example in examples_of(shape.node):
        if isinstance(example, list):
            return list(example)
    text = Shape({"type": "string"}, shape.root)
    item_position = position.item(singular(position.name))
    least = integer_keyword(shape.node, "minItems", 0)
    return [context.value_at(text, item_position, facts) for _ in range(least)]


def _items(
    context: SamplingContext, shape: Shape, item: Shape, position: FieldPosition, facts: Facts
) -> list[object]:
    is_object = item.object() is not None
    least = integer_keyword(shape.node, "minItems", 0)
    count = _item_count(context, shape, is_object, position.depth)
    unique = bool(shape.node.get("uniqueItems"))
    item_position = position.item(noun(position.name))
    items: list[object] = []
    seen_keys: set[str] = set()
    seen_texts: set[str] = set()
    for _ in range(count * _TRIES_PER_ITEM):
        if len(items) >= count:
            break
        # Objects get fresh facts; other items describe the object around the array.
        item_value = context.value_at(item, item_position, None if is_object else facts)
        key = _own_key(item_value)
        if key is not None:
            # With references to existing entities, the same entity may be picked twice.
            if context.settings.refer is None and key in seen_keys:
                continue
            seen_keys.add(key)
        # Repeated strings look made up, such as the tags `["urgent", "urgent"]`. They are accepted
        # only to reach `minItems`.
        if unique or isinstance(item_value, str):
            text = canonical(item_value)
            if text in seen_texts and (unique or len(items) >= least):
                continue
            seen_texts.add(text)
        items.append(item_value)
    return items


def _item_count(context: SamplingContext, shape: Shape, is_object: bool, depth: int) -> int:
    least = integer_keyword(shape.node, "minItems", 0)
    most = integer_keyword(shape.node, "maxItems", max(_USUAL_ITEMS, least))
    is_deep = depth > _FEW_ITEMS_DEPTH or (is_object and depth > _FEW_OBJECTS_DEPTH)
    if is_deep or context.budget < 0:
        return least
    lowest = max(least, 1)
    count = context.rng.randint(lowest, max(lowest, min(most, max(least, _USUAL_ITEMS))))
    # If maxItems is below minItems, no array is valid, and the caller notices.
    return min(count, most) if most >= least else least


def _own_key(value: object) -> str | None:
    """The value that identifies an object, such as its `id` or `orderNumber`, or None."""
    if not isinstance(value, dict):
        return None
    for prop, item in value.items():
        if isinstance(item, str | int) and _KEYS.intersection(split(prop)[-1:]):
            return str(item)
    return None
