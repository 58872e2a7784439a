"""One group of views made into one resource: its entity's schema, identifier, label and status."""

from __future__ import annotations

from typing import Any

from inftool.core.json_values import canonical
from inftool.core.types import JsonObject
from inftool.language.identifiers import nouns, row, split, squash
from inftool.world.resources.candidates import Group
from inftool.world.resources.models import Resource, Status
from inftool.world.resources.spoken_names import bare
from inftool.world.schema.shape import VARIANTS, Shape

_IDENTIFIERS = ("id", "_id", "uuid", "sid", "guid", "uid", "gid")
_LATER = (
    "key",
    "code",
    "slug",
    "reference",
    "ref",
    "number",
    "identifier",
    "handle",
    "username",
    "symbol",
    "iata",
    "isbn",
    "sku",
    "urn",
)
_LABELS = row(
    "name title displayname fullname subject label summary headline caption friendlyname reference number code username "
    "email question topic filename symbol slug text description"
)
_STATUS = ("status", "state", "phase", "stage", "lifecycle", "lifecyclestate")


def scalar(shape: Shape | None) -> bool:
    """Whether a shape is a string or a number that could be a key."""
    return (
        shape is not None
        and (
            shape.has("string")
            or shape.has("integer")
            or (shape.has("number") and not shape.properties)
        )
        and shape.object() is None
        and shape.array() is None
    )


def entity_schema(group: Group) -> JsonObject:
    """One schema for an entity: its fullest view and, optional, what other views add; definitions that disagree are left out."""
    ordered = [shape for _, shape in sorted(group.shapes, key=lambda pair: -pair[0])]
    if not ordered:
        return {}
    base = dict(ordered[0].schema())
    if ordered[0].properties and ordered[0].variants:
        base = {key: value for key, value in base.items() if key not in {"oneOf", "anyOf"}}
    if ordered[0].of_variants:
        base[VARIANTS] = [variant.node for variant in ordered[0].of_variants]
    base.setdefault("type", "object")
    properties: dict[str, Any] = dict(base.get("properties") or {})
    definitions: dict[str, Any] = dict(base.get("$defs") or {})
    for other in ordered[1:]:
        theirs = other.root.get("$defs") or {}
        if any(
            name in definitions
            and definitions[name] is not value
            and canonical(definitions[name]) != canonical(value)
            for name, value in theirs.items()
        ):
            theirs_used = False
        else:
            theirs_used = True
        for name, sub in other.properties.items():
            if name in properties:
                continue
            if theirs_used:
                definitions.update(theirs)
                properties[name] = other.node["properties"][name]
            elif "$ref" not in canonical(sub.node):
                properties[name] = sub.node
    base["properties"] = properties
    if definitions:
        base["$defs"] = definitions
    base.pop("additionalProperties", None)
    base.pop("unevaluatedProperties", None)
    return base


def _from_inputs(group: Group, keys: list[str]) -> JsonObject:
    properties: JsonObject = {}
    definitions: JsonObject = {}
    required: list[str] = []
    for shape in group.inputs:
        for name, sub in shape.properties.items():
            if name in keys or squash(name) in {
                f"{squash(group.name)}{suffix}" for suffix in ("id", "uuid", "key")
            }:
                continue
            properties.setdefault(name, sub.node)
        definitions.update(shape.root.get("$defs") or {})
        required += [name for name in shape.required if name not in required]
    key = next((name for name in keys if name), "")
    identifier = key if key else "id"
    properties = {identifier: properties.get(identifier, {"type": "string"}), **properties}
    return {
        "type": "object",
        "properties": properties,
        "required": [
            identifier,
            *(name for name in required if name != identifier and name in properties),
        ],
        "$defs": definitions,
    }


def identify(shape: Shape, name: str, parameters: list[tuple[str, Shape]]) -> str | None:
    """The property that carries an entity's key: what the path's parameter is called, else `id` and its like."""
    names = {squash(prop): prop for prop, sub in reversed(shape.properties.items()) if scalar(sub)}
    lower = {prop.lower(): prop for prop, sub in shape.properties.items() if scalar(sub)}
    for parameter, _ in parameters:
        if squash(parameter) in names and squash(parameter) not in {"name"}:
            return names[squash(parameter)]
    for parameter, _ in parameters:
        rest = split(parameter)[-1:] if bare(parameter) else split(parameter)
        if rest and rest[-1] in {"id", "sid", "uuid", "guid", "uid"}:
            found = lower.get(rest[-1]) or next(
                (lower[word] for word in _IDENTIFIERS if word in lower), None
            )
            if found:
                return found
        if rest and rest[-1] in names:
            return names[rest[-1]]
    for word in _IDENTIFIERS:
        if word in lower:
            return lower[word]
    short = split(name)[-1] if split(name) else ""
    for base in (name, short):
        for suffix in ("id", "uuid", "sid", "key", "code", "number", "no", "ref", "reference"):
            if base and squash(f"{base} {suffix}") in names:
                return names[squash(f"{base} {suffix}")]
    for parameter, _ in parameters:
        tail = split(parameter)[-1:]
        for prop in names.values():
            same = (
                bool(tail)
                and tail[0] in {"id", "key", "code", "number"}
                and split(prop)[-1:] == tail
            )
            if same and squash(bare(parameter)).endswith(squash(bare(prop) or "~")):
                return prop
    for word in _LATER:
        if word in names:
            return names[word]
    if parameters and "name" in names:
        return names["name"]
    return None


def label_of(shape: Shape, name: str, identifier: str | None) -> str | None:
    """The property that a person would name an entity by."""
    texts = {
        squash(prop): prop
        for prop, sub in shape.properties.items()
        if sub.has("string")
        and sub.array() is None
        and "enum" not in sub.node
        and prop != identifier
        and sub.node.get("format") not in {"date", "date-time", "uuid"}
    }
    short = split(name)[-1] if name else ""
    for word in (
        "name",
        "title",
        "displayname",
        "fullname",
        f"{squash(name)}name",
        f"{short}name",
        f"{short}title",
        *_LABELS[4:],
    ):
        if word in texts:
            return texts[word]
    if "lastname" in texts:
        return texts["lastname"]
    return next((prop for key, prop in texts.items() if key.endswith(("name", "title"))), None)


def status_of(shape: Shape) -> Status | None:
    """The property with a closed list of states, its states and (where the schema says) the first of them."""
    found: tuple[str, Shape] | None = None
    for prop, sub in shape.properties.items():
        values = [value for value in sub.node.get("enum") or () if isinstance(value, str)]
        if len(values) < 2:
            continue
        word = squash(prop)
        if word in _STATUS:
            found = (prop, sub)
            break
        if found is None and word.endswith(_STATUS):
            found = (prop, sub)
    if found is None:
        return None
    prop, sub = found
    states = tuple(value for value in sub.node["enum"] if isinstance(value, str))
    default = sub.node.get("default")
    return Status(property=prop, values=states, initial=default if default in states else None)


def _same_key(shape: Shape, name: str, identifier: str | None) -> tuple[str, ...]:
    """Properties that are the key under another name (`id` in a list, `portalId` in an item)."""
    own = shape.properties.get(identifier) if identifier else None
    if own is None:
        return ()
    short = split(name)[-1] if split(name) else name
    words = {"id", *(squash(f"{base} id") for base in (name, short))}
    if squash(str(identifier)) not in words:
        return ()
    return tuple(
        prop
        for prop, sub in shape.properties.items()
        if prop != identifier and squash(prop) in words and scalar(sub) and sub.types == own.types
    )


def build(group: Group, parents: tuple[str, ...]) -> Resource:
    """The resource that a group describes."""
    shape = Shape.of(entity_schema(group))
    keys = [parameter for parameter, _ in group.key_parameters]
    made_up = not shape.properties and bool(group.inputs)
    schema = _from_inputs(group, keys) if made_up else shape.schema() if shape.properties else {}
    shape = Shape.of(schema)
    key_schema = next((sub.schema() for _, sub in group.key_parameters), {})
    virtual = not shape.properties
    if virtual:
        identifier: str | None = keys[0] if keys else "id"
        schema = {
            "type": "object",
            "properties": {str(identifier): key_schema or {"type": "string"}},
            "required": [str(identifier)],
        }
        shape = Shape.of(schema)
    else:
        identifier = identify(shape, group.name, group.key_parameters)
    if group.singleton:
        identifier = None
    writable: dict[str, None] = {}
    for entry in group.inputs:
        for _, sub in entry.walk(2):
            writable.update(dict.fromkeys(sub.properties))
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
        key_names=_same_key(shape, group.name, identifier),
        aliases=tuple(sorted(group.aliases - {group.name})),
        natural=identifier != "name" or any(split(key)[-1:] == ("name",) for key in keys),
        singleton=group.singleton,
        key_schema=key_schema,
    )
