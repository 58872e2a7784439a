"""Makes a resource of a group of tools."""

from __future__ import annotations

from collections.abc import Sequence

from inftool.language.identifiers import nouns, split
from inftool.world.resources.candidates import Group
from inftool.world.resources.entity_schema import merged_schema, schema_from_inputs
from inftool.world.resources.key_properties import (
    identifier_of,
    label_of,
    other_key_names,
    status_of,
)
from inftool.world.resources.models import Resource
from inftool.world.schema.shape import Shape

# Properties of the arguments that write an entity lie this deep: `{"order": {"title": ...}}`.
_INPUT_DEPTH = 2


def build_resource(group: Group, parents: tuple[str, ...]) -> Resource:
    """The resource that a group is about, without its references."""
    keys = [parameter for parameter, _ in group.key_parameters]
    key_schema = next((shape.schema() for _, shape in group.key_parameters), {})
    schema = _entity_schema(group, keys)
    virtual = not Shape.of(schema).properties
    identifier: str | None
    # Nothing shows it: all that is known of an entity is its key.
    if virtual:
        identifier = keys[0] if keys else "id"
        schema = {
            "type": "object",
            "properties": {identifier: key_schema or {"type": "string"}},
            "required": [identifier],
        }
        shape = Shape.of(schema)
    else:
        shape = Shape.of(schema)
        identifier = identifier_of(shape, group.name, group.key_parameters)
    # One entity under each parent needs no key.
    if group.singleton:
        identifier = None
    writable = {
        name: None
        for arguments in group.inputs
        for _, sub in arguments.walk(_INPUT_DEPTH)
        for name in sub.properties
    }
    return Resource(
        name=group.name,
        plural=nouns(group.name),
        identifier=identifier,
        label=label_of(shape, group.name, identifier),
        entity=schema,
        status=status_of(shape),
        parents=parents,
        writable=tuple(writable),
        virtual=virtual,
        key_names=other_key_names(shape, group.name, identifier),
        aliases=tuple(sorted(group.aliases - {group.name})),
        # A name is a key only where the paths say so; else it merely is the best guess.
        natural=identifier != "name" or any(split(key)[-1:] == ("name",) for key in keys),
        singleton=group.singleton,
        key_schema=key_schema,
    )


def _entity_schema(group: Group, keys: Sequence[str]) -> dict[str, object]:
    """The schema of an entity: from what is shown, else from what is written, else {}."""
    shown = Shape.of(merged_schema(group))
    if shown.properties:
        return shown.schema()
    return schema_from_inputs(group, keys) if group.inputs else {}
