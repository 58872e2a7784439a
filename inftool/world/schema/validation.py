"""Compiled validators of JSON Schemas, cached by identity."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs

from inftool.core.json_values import canonical
from inftool.core.types import JsonObject


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Any:
    try:
        return jsonschema_rs.validator_for(json.loads(text), validate_formats=True)
    except (ValueError, jsonschema_rs.ReferencingError):
        return None


_BY_IDENTITY: dict[int, tuple[JsonObject, Any]] = {}


def validator(schema: JsonObject) -> Any:
    """A compiled jsonschema-rs validator for a self-contained schema (formats asserted), or None where it does not compile."""
    known = _BY_IDENTITY.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    found = _compiled(canonical(schema))
    if len(_BY_IDENTITY) > 20000:
        _BY_IDENTITY.clear()
    _BY_IDENTITY[id(schema)] = (schema, found)
    return found


def is_valid(schema: JsonObject | None, value: Any) -> bool:
    """Whether a value satisfies a schema; a schema that is absent or does not compile accepts everything."""
    if not schema:
        return True
    compiled = validator(schema)
    return compiled is None or bool(compiled.is_valid(value))


def schema_errors(
    schema: JsonObject, value: Any
) -> list[tuple[tuple[str | int, ...], str, tuple[str | int, ...]]]:
    """What a value breaks: (path in the value, message, path in the schema) each; the innermost of alternatives is not looked into."""
    compiled = validator(schema)
    if compiled is None:
        return []
    return [
        (tuple(error.instance_path), str(error.message), tuple(error.schema_path))
        for error in compiled.iter_errors(value)
    ]
