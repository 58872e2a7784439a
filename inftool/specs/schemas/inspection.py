"""Converted schemas, inspected and reshaped without the documents that they came from."""

from __future__ import annotations

from inftool.core.types import Schema
from inftool.specs.schemas.keywords.values import identity

DEFINITIONS = "#/$defs/"
"""What the references of a converted schema begin with."""
_COMPOUND = ("$ref", "oneOf", "anyOf", "not", "allOf", "const")
_SCALAR_TYPES = frozenset({"string", "integer", "number", "boolean", "null"})


def definition_of(reference: object) -> str:
    """The name of the definition that a `$ref` of a converted schema refers to."""
    return reference.removeprefix(DEFINITIONS) if isinstance(reference, str) else ""


def items_of(schema: Schema, keyword: str) -> list[object]:
    """The items of a keyword that holds a list (`allOf`, `required`); none if it is absent."""
    items = schema.get(keyword)
    return items if isinstance(items, list) else []


def members_of(schema: Schema, keyword: str) -> dict[str, object]:
    """The members of a keyword that holds an object (`properties`); none if it is absent."""
    members = schema.get(keyword)
    return members if isinstance(members, dict) else {}


def type_list(schema: Schema) -> list[str] | None:
    """The types of a converted schema, None if it allows any."""
    types = schema.get("type")
    if isinstance(types, str):
        return [types]
    return types if isinstance(types, list) else None


def enum_of(schema: Schema) -> list[object] | None:
    """The enum of a converted schema, None if it has none."""
    choices = schema.get("enum")
    return choices if isinstance(choices, list) else None


def referenced_definitions(schema: object) -> set[str]:
    """The names of all definitions that a schema refers to."""
    names: set[str] = set()
    stack = [schema]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            if isinstance(value.get("$ref"), str):
                names.add(definition_of(value["$ref"]))
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return names


def with_null(schema: dict[str, object]) -> dict[str, object]:
    """The schema, and null.

    {"type": "string"} -> {"type": ["string", "null"]}; {"$ref": R} -> {"anyOf": [{"$ref": R},
    {"type": "null"}]}. A schema without a type already allows null.
    """
    # Adding null to the type would not help a schema that a `$ref` or a `const` restricts as well.
    if any(keyword in schema for keyword in _COMPOUND):
        return _compound_with_null(schema)
    types, choices = type_list(schema), enum_of(schema)
    if types is None and choices is None:
        return schema
    schema = dict(schema)
    if types is not None:
        schema["type"] = types if "null" in types else [*types, "null"]
    if choices is not None and None not in choices:
        schema["enum"] = [*choices, None]
    return schema


def _compound_with_null(schema: dict[str, object]) -> dict[str, object]:
    has_null = any(
        isinstance(branch, dict) and branch.get("type") == "null"
        for keyword in ("oneOf", "anyOf")
        for branch in items_of(schema, keyword)
    )
    if has_null:
        return schema
    notes: dict[str, object] = {
        word: schema[word] for word in ("title", "description") if word in schema
    }
    rest = {keyword: value for keyword, value in schema.items() if keyword not in notes}
    return {**notes, "anyOf": [rest, {"type": "null"}]}


def declares_members(value: object) -> bool:
    """Whether a schema, or one of several, declares members of an object."""
    if isinstance(value, list):
        return any(declares_members(item) for item in value)
    if not isinstance(value, dict):
        return False
    if value.keys() & {"properties", "$ref", "patternProperties", "additionalProperties"}:
        return True
    nested = ("oneOf", "anyOf", "allOf", "then", "else")
    return any(declares_members(value.get(keyword)) for keyword in nested)


def branches_overlap(branches: list[dict[str, object]]) -> bool:
    """Whether a scalar could match two branches at once, so that a `oneOf` would refuse it.

    {"type": "string"} and {"type": "string", "enum": ["a"]} overlap. Objects and arrays are not
    compared, as documents rely on their members to distinguish them.
    """
    seen: list[tuple[set[str], dict[str, object]]] = []
    for branch in branches:
        types = set(type_list(branch) or ())
        # Every integer is a number, so these two overlap.
        if "number" in types:
            types.add("integer")
        scalar_types = types & _SCALAR_TYPES
        for earlier_types, earlier in seen:
            if scalar_types & earlier_types and not _are_disjoint(branch, earlier):
                return True
        # `{}` allows everything, what other branches allow included.
        if not branch:
            return True
        seen.append((scalar_types, branch))
    return False


def _are_disjoint(one: Schema, other: Schema) -> bool:
    """Whether both list their values and have none in common."""
    first, second = _listed(one), _listed(other)
    if first is None or second is None:
        return False
    identities = {identity(value) for value in first}
    return not any(identity(value) in identities for value in second)


def _listed(schema: Schema) -> list[object] | None:
    if "const" in schema and "enum" not in schema:
        return [schema["const"]]
    return enum_of(schema)
