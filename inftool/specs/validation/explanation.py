"""The errors of a failed validation -> violations: which argument, and what was expected."""

from __future__ import annotations

import jsonschema_rs
from jsonschema_rs import ValidationError
from jsonschema_rs import ValidationErrorKind as Kind

from inftool.core.types import Schema
from inftool.specs.validation.json_check import first_non_json
from inftool.specs.validation.union_errors import UnionError
from inftool.specs.validation.violations import Code, Path, Violation, violation_at
from inftool.specs.validation.wording import (
    choices_text,
    length_text,
    names_text,
    place_text,
    schema_text,
    suggested_name,
    suggested_value,
    types_text,
    value_text,
)

# More say no more to who made the call, and a hostile value could have millions.
MAX_VIOLATIONS = 20
_RANGES = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
    "multipleOf": "a multiple of",
}
_LENGTHS: dict[str, tuple[Code, str, str]] = {
    "minLength": ("too_short", "at least", "characters"),
    "maxLength": ("too_long", "at most", "characters"),
    "minItems": ("too_short", "at least", "items"),
    "maxItems": ("too_long", "at most", "items"),
    "minProperties": ("too_short", "at least", "members"),
    "maxProperties": ("too_long", "at most", "members"),
}
_UNKNOWN = (Kind.AdditionalProperties, Kind.UnevaluatedProperties)
_UNIONS = (Kind.AnyOf, Kind.OneOfNotValid, Kind.OneOfMultipleValid)


def explain(
    compiled: jsonschema_rs.Draft202012Validator, schema: Schema, value: object
) -> list[Violation]:
    """Everything that is wrong with a value that failed, each at its place; never empty."""
    non_json = first_non_json(value)
    if non_json is not None:
        return [non_json]
    violations: list[Violation] = []
    try:
        for error in compiled.iter_errors(value):
            violations.extend(_violations_of(error, schema))
            if len(violations) >= MAX_VIOLATIONS:
                break
    except (ValueError, TypeError, OverflowError) as error:
        violations.append(violation_at((), "other", "a JSON object of arguments", str(error)))
    # Several branches of a schema may say the same.
    unique = {(each.pointer, each.code, each.expected): each for each in violations}
    if not unique:
        expected = "arguments that fit the schema"
        message = "the arguments do not fit the schema"
        return [violation_at((), "other", expected, message)]
    return list(unique.values())


def _violations_of(error: ValidationError, schema: Schema) -> list[Violation]:
    """What one error says. `schema` is the whole schema, in which the error tells its place."""
    kind, path = error.kind, tuple(error.instance_path)
    if isinstance(kind, _UNKNOWN):
        owner = _owner(schema, error)
        return [_unknown_argument(path, name, owner) for name in kind.unexpected]
    # `dependentRequired` gives errors of this kind, too.
    if isinstance(kind, Kind.Required):
        return [_missing_argument((*path, kind.property), kind.property, _owner(schema, error))]
    # A union has the errors of each branch; that of a branch that fits is an empty list.
    if isinstance(kind, _UNIONS) and kind.context and all(kind.context):
        union = UnionError(error, kind.context, lambda inner: _violations_of(inner, schema))
        return union.violations()
    code, expected, message = _describe_value(error, path, schema)
    return [violation_at(path, code, expected, message)]


def _describe_value(error: ValidationError, path: Path, schema: Schema) -> tuple[Code, str, str]:
    """The code, what was expected, and the message about a value that is wrong itself."""
    kind, name, place = error.kind, error.kind.name, place_text(path)
    given = value_text(error.instance)
    code: Code
    suggestion = ""
    if isinstance(kind, Kind.Type):
        # The arguments as a whole are no object; showing them would not help.
        if not path:
            return "wrong_type", "an object of arguments", f"{place}: {error.message}"
        code, expected = "wrong_type", types_text(kind.types)
    elif isinstance(kind, (Kind.Enum, Kind.Constant)):
        choices = kind.options if isinstance(kind, Kind.Enum) else [kind.expected_value]
        code, expected = "bad_enum", choices_text(choices)
        suggestion = suggested_value(error.instance, choices)
    elif isinstance(kind, Kind.Format):
        code, expected = "bad_format", f"a string in the format {kind.format}"
    elif name in _RANGES:
        limit = kind.multiple_of if isinstance(kind, Kind.MultipleOf) else _limit(kind)
        code, expected = "out_of_range", f"{_RANGES[name]} {limit}"
    elif name in _LENGTHS:
        code, bound, unit = _LENGTHS[name]
        expected = f"{bound} {_limit(kind)} {unit}"
        return code, expected, f"{place} must have {expected}, not {length_text(error.instance)}"
    # Three kinds share this name: a pattern can also fail because trying it takes too long.
    elif name == "pattern":
        code, expected = "bad_pattern", f"a string that matches {_pattern(error, schema)}"
    else:
        return _describe_rest(error, place)
    return code, expected, f"{place} must be {expected}, not {given}{suggestion}"


def _describe_rest(error: ValidationError, place: str) -> tuple[Code, str, str]:
    name = error.kind.name
    if name == "uniqueItems":
        expected = "items that all differ"
        return "not_unique", expected, f"{place} must have {expected}"
    if name == "oneOf":
        message = f"{place} fits more than one of the alternatives: {value_text(error.instance)}"
        return "no_match", "a value that fits exactly one alternative", message
    return "other", f"a value that fits {name}", f"{place}: {error.message}"


def _limit(kind: Kind) -> object:
    limit: object = getattr(kind, "limit", None)
    return limit


def _pattern(error: ValidationError, schema: Schema) -> object:
    # The error about a pattern that takes too long to try does not have the pattern.
    if isinstance(error.kind, Kind.Pattern) and error.kind.pattern:
        return error.kind.pattern
    return _owner(schema, error).get("pattern", "its pattern")


def _missing_argument(path: Path, name: str, owner: Schema) -> Violation:
    properties = owner.get("properties")
    declared = properties.get(name) if isinstance(properties, dict) else None
    expected = schema_text(declared if isinstance(declared, dict) else {})
    message = f"{place_text(path)} is required but missing: expected {expected}"
    return violation_at(path, "missing_required", expected, message)


def _unknown_argument(path: Path, name: str, owner: Schema) -> Violation:
    properties = owner.get("properties")
    names = list(properties) if isinstance(properties, dict) else []
    if names:
        expected = f"one of: {names_text(names)}"
    else:
        expected = "no members at all" if path else "no arguments at all"
    inside = f" in {place_text(path)}" if path else ""
    suggestion = suggested_name(name, names)
    message = f"unknown argument `{name}`{inside}{suggestion}: expected {expected}"
    return violation_at((*path, name), "unknown_argument", expected, message)


def _owner(schema: Schema, error: ValidationError) -> Schema:
    """The schema that holds the keyword that failed; empty if it is not found."""
    inner: object = schema
    for token in error.schema_path[:-1]:
        if isinstance(inner, dict) and token == "$ref":  # noqa: S105
            # References of converted schemas are all of the form `#/$defs/Pet`.
            definitions = schema.get("$defs")
            name = str(inner.get("$ref", "")).rpartition("/")[2]
            inner = definitions.get(name, {}) if isinstance(definitions, dict) else {}
        elif isinstance(inner, dict):
            inner = inner.get(str(token), {})
        elif isinstance(inner, list) and isinstance(token, int) and token < len(inner):
            inner = inner[token]
        else:
            return {}
    return inner if isinstance(inner, dict) else {}
