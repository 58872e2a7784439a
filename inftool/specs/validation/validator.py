"""Arguments and answers against their schemas: a verdict in a microsecond, and on a failure which argument and what was expected."""

from __future__ import annotations

import json
import math
from collections import OrderedDict
from hashlib import sha256
from typing import Any

import jsonschema_rs

from inftool.core.errors import ToolError
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.specs.validation.metaschema import describe_faults
from inftool.specs.validation.violations import Violation, explain

_KEPT = 4_096


class Validator:
    """One schema compiled once, formats asserted: true is no integer, 1.0 is one, NaN is nothing. Raises ToolError on a bad schema."""

    __slots__ = ("_compiled", "_lenient", "schema")

    def __init__(self, schema: JsonObject | bool) -> None:
        self.schema = schema
        try:
            self._compiled = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        except (ValueError, RecursionError) as error:
            reason = describe_faults(schema) or str(error).splitlines()[0]
            raise ToolError(f"a schema does not compile: {reason}") from error
        # The validator reads NaN as null, so where null may pass the value itself has to be looked at.
        self._lenient = not isinstance(schema, dict) or _may_take_null(schema)

    def is_valid(self, value: Any) -> bool:
        """Whether the schema allows the value; what is no JSON (NaN, keys that are no strings) is never allowed."""
        try:
            return self._compiled.is_valid(value) and not (self._lenient and not _is_json(value))
        except (ValueError, TypeError, OverflowError, RecursionError):
            return False

    def violations(self, value: Any) -> list[Violation]:
        """What is wrong with the value, nothing for a good one."""
        if self.is_valid(value):
            return []
        return explain(self._compiled, self.schema if isinstance(self.schema, dict) else {}, value)


_by_identity: OrderedDict[int, tuple[JsonObject, Validator]] = OrderedDict()
_by_content: OrderedDict[bytes, Validator] = OrderedDict()


def validator(schema: JsonObject) -> Validator:
    """The validator of a schema, compiled at its first use and then found by identity, or by content where an equal one was seen before."""
    known = _by_identity.get(id(schema))
    if known is not None and known[0] is schema:
        return known[1]
    key = sha256(json.dumps(schema, sort_keys=True).encode("utf-8", "surrogatepass")).digest()
    made = _by_content.get(key)
    if made is None:
        made = _by_content[key] = Validator(schema)
        if len(_by_content) > _KEPT:
            _by_content.popitem(last=False)
    # The schema is kept beside its validator, so that its identity cannot be given to another one.
    _by_identity[id(schema)] = (schema, made)
    if len(_by_identity) > _KEPT:
        _by_identity.popitem(last=False)
    return made


def check(schema: JsonObject, value: Any) -> list[Violation]:
    """What is wrong with a value, nothing for a good one. Raises ToolError on a schema that does not compile."""
    return validator(schema).violations(value)


def violations(tool: Tool, arguments: Any) -> list[Violation]:
    """What is wrong with the arguments of a call to `tool`, nothing for a good one."""
    return validator(tool.input_schema).violations(arguments)


def _may_take_null(schema: JsonObject) -> bool:
    """Whether null could pass anywhere: a schema without a type, the type null, or members that nothing declares."""
    stack: list[Any] = [schema]
    while stack:
        inner = stack.pop()
        if inner is True:
            return True
        if not isinstance(inner, dict):
            continue
        types = inner.get("type")
        if types is None:
            if "const" in inner or "enum" in inner:
                if None in (inner.get("enum") or [inner.get("const")]):
                    return True
            elif not inner.keys() & {"$ref", "allOf", "oneOf", "anyOf"}:
                return True
        elif types == "null" or (isinstance(types, list) and "null" in types):
            return True
        if (types == "object" or (isinstance(types, list) and "object" in types)) and inner.get(
            "additionalProperties", True
        ) is True:
            return True
        if (
            types == "array" or (isinstance(types, list) and "array" in types)
        ) and "items" not in inner:
            return True
        for word in ("properties", "patternProperties", "$defs", "dependentSchemas"):
            stack.extend(inner.get(word, {}).values())
        for word in ("allOf", "oneOf", "anyOf", "prefixItems"):
            stack.extend(inner.get(word, ()))
        stack.extend(inner[word] for word in ("items", "additionalProperties") if word in inner)
    return False


def _is_json(value: Any) -> bool:
    """Whether a value has no NaN or infinity in it."""
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, dict):
        return all(map(_is_json, value.values()))
    if isinstance(value, list):
        return all(map(_is_json, value))
    return True
