"""Compiled validators of JSON Schemas, kept for the schemas that they were made from."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import NamedTuple

import jsonschema_rs

from inftool.core.identity_cache import IdentityCache
from inftool.core.json_values import canonical
from inftool.core.types import Schema

Validator = jsonschema_rs.Validator

# The largest specs have some thousand operations, with some schemas each.
_VALIDATORS: IdentityCache[Schema, tuple[Validator | None]] = IdentityCache(20_000)


class SchemaError(NamedTuple):
    """A place at which a value breaks a schema."""

    path: tuple[str | int, ...]
    """The way to the part of the value: names of properties and indices of items."""
    message: str
    """What is wrong, in the words of the validator."""
    schema_path: tuple[str | int, ...]
    """The way to the keyword of the schema."""


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Validator | None:
    # Equal schemas of different tools share a validator: compiling is what takes long.
    try:
        return jsonschema_rs.validator_for(json.loads(text), validate_formats=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None


def validator(schema: Schema) -> Validator | None:
    """A compiled validator for a self-contained schema, or None if the schema does not compile.

    Formats are asserted. The schema must not be changed afterwards.
    """
    entry = _VALIDATORS.get(schema)
    if entry is None:
        entry = _VALIDATORS.put(schema, (_compiled(canonical(schema)),))
    return entry[0]


def is_valid(schema: Schema | None, value: object) -> bool:
    """Whether a value satisfies a schema; one that is absent or does not compile takes all."""
    if not schema:
        return True
    compiled = validator(schema)
    # A schema that does not compile is the spec's fault, which the doctor reports.
    return compiled is None or bool(compiled.is_valid(value))


def schema_errors(schema: Schema, value: object) -> list[SchemaError]:
    """The errors of a value, none if it is valid or the schema does not compile.

    Where a value satisfies no alternative of a `oneOf` or `anyOf`, that is one error; those inside
    the alternatives are not listed.
    """
    compiled = validator(schema)
    if compiled is None:
        return []
    return [
        SchemaError(tuple(error.instance_path), str(error.message), tuple(error.schema_path))
        for error in compiled.iter_errors(value)
    ]
