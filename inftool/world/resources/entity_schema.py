"""The schema of a resource's entities, merged from the views that tools give of them."""

from __future__ import annotations

from collections.abc import Sequence

from inftool.core.json_values import canonical
from inftool.core.types import Schema
from inftool.language.identifiers import squash
from inftool.world.resources.candidates import Group
from inftool.world.schema.shape import VARIANTS, Shape


def merged_schema(group: Group) -> dict[str, object]:
    """One schema for an entity, {} if no tool shows it.

    It is the fullest view, with what other views add as optional properties. A view whose `$defs`
    contradict those that are there already adds only properties that refer to none.
    """
    views = [view.shape for view in sorted(group.views, key=lambda view: -view.weight)]
    if not views:
        return {}
    fullest, *others = views
    schema: dict[str, object] = dict(fullest.schema())
    # An object with properties of its own is made of those; its variants only narrow them.
    if fullest.properties and fullest.variants:
        for keyword in ("oneOf", "anyOf"):
            schema.pop(keyword, None)
    # Kept for seeding, where entities take turns in the alternatives.
    if fullest.merged_variants:
        schema[VARIANTS] = [variant.node for variant in fullest.merged_variants]
    schema.setdefault("type", "object")
    properties = _mapping(schema, "properties")
    definitions = _mapping(schema, "$defs")
    for view in others:
        added = _mapping(view.root, "$defs")
        # Two documents may use one name for two schemas; references to it would change meaning.
        contradicts = any(
            name in definitions
            and definitions[name] is not definition
            and canonical(definitions[name]) != canonical(definition)
            for name, definition in added.items()
        )
        for name, sub in view.properties.items():
            if name in properties:
                continue
            if not contradicts:
                definitions.update(added)
                properties[name] = view.node["properties"][name]
            elif "$ref" not in canonical(sub.node):
                properties[name] = sub.node
    schema["properties"] = properties
    if definitions:
        schema["$defs"] = definitions
    # Other views have properties that the fullest one would forbid.
    schema.pop("additionalProperties", None)
    schema.pop("unevaluatedProperties", None)
    return schema


def _mapping(schema: Schema, keyword: str) -> dict[str, object]:
    """A copy of the mapping under a keyword, empty if there is none."""
    value = schema.get(keyword)
    return dict(value) if isinstance(value, dict) else {}


def schema_from_inputs(group: Group, keys: Sequence[str]) -> dict[str, object]:
    """The schema of an entity that is written and never shown: what is written, and a key.

    `keys` are the parameters that pick an entity.
    """
    squashed = squash(group.name)
    own_keys = {f"{squashed}{suffix}" for suffix in ("id", "uuid", "key")}
    properties: dict[str, object] = {}
    definitions: dict[str, object] = {}
    required: list[str] = []
    for shape in group.inputs:
        # The key is not written again: `orderId` beside the properties of an update.
        for name, sub in shape.properties.items():
            if name not in keys and squash(name) not in own_keys:
                properties.setdefault(name, sub.node)
        definitions.update(_mapping(shape.root, "$defs"))
        required += [name for name in shape.required if name not in required]
    identifier = next((key for key in keys if key), "id")
    key_node = properties.get(identifier, {"type": "string"})
    properties = {identifier: key_node, **properties}
    others = [name for name in required if name != identifier and name in properties]
    return {
        "type": "object",
        "properties": properties,
        "required": [identifier, *others],
        "$defs": definitions,
    }


def is_scalar(shape: Shape | None) -> bool:
    """Whether a shape is a string or a number, which could be a key."""
    if shape is None or shape.object() is not None or shape.array() is not None:
        return False
    if shape.has("string") or shape.has("integer"):
        return True
    return shape.has("number") and not shape.properties
