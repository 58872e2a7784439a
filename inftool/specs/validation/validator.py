"""Arguments and answers against their schemas: a verdict in a microsecond."""

from __future__ import annotations

import json
from collections import OrderedDict
from hashlib import sha256

import jsonschema_rs

from inftool.core.errors import ToolError
from inftool.core.identity_cache import IdentityCache
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.specs.validation.explanation import explain
from inftool.specs.validation.json_check import is_finite_json
from inftool.specs.validation.metaschema import describe_faults
from inftool.specs.validation.violations import Violation

# Compiled validators that are kept: more than the tools of any run, some megabytes.
_MAX_VALIDATORS = 4_096
_COMPOUND = frozenset({"$ref", "allOf", "oneOf", "anyOf"})


class Validator:
    """One compiled schema. Formats are asserted; true is no integer, but 1.0 is one.

    Raises ToolError if the schema does not compile.
    """

    __slots__ = ("_compiled", "_may_take_null", "schema")

    def __init__(self, schema: JsonObject | bool) -> None:
        self.schema = schema
        try:
            self._compiled = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        except (ValueError, RecursionError) as error:
            reason = describe_faults(schema) or str(error).splitlines()[0]
            raise ToolError(f"a schema does not compile: {reason}") from error
        # The compiled validator reads NaN as null, so where null may pass the value is looked at.
        self._may_take_null = not isinstance(schema, dict) or _may_take_null(schema)

    def is_valid(self, value: object) -> bool:
        """Whether the schema allows the value.

        What is not JSON (NaN, infinity, keys that are no strings) is never allowed.
        """
        try:
            # Compiled code first: it is fast, and refuses nearly everything that is wrong.
            if not self._compiled.is_valid(value):
                return False
            return not self._may_take_null or is_finite_json(value)
        except (ValueError, TypeError, OverflowError, RecursionError):
            return False

    def violations(self, value: object) -> list[Violation]:
        """What is wrong with the value; empty if nothing is."""
        if self.is_valid(value):
            return []
        return explain(self._compiled, self.schema if isinstance(self.schema, dict) else {}, value)


_by_identity: IdentityCache[JsonObject, Validator] = IdentityCache(_MAX_VALIDATORS)
_by_content: OrderedDict[bytes, Validator] = OrderedDict()


def validator(schema: JsonObject) -> Validator:
    """The validator of a schema, compiled at its first use.

    It is looked up by the identity of the schema, which is fast, and else by its content, as equal
    schemas are read from disk again and again.
    """
    cached = _by_identity.get(schema)
    if cached is not None:
        return cached
    key = sha256(json.dumps(schema, sort_keys=True).encode("utf-8", "surrogatepass")).digest()
    compiled = _by_content.get(key)
    if compiled is None:
        compiled = _by_content[key] = Validator(schema)
        if len(_by_content) > _MAX_VALIDATORS:
            _by_content.popitem(last=False)
    return _by_identity.put(schema, compiled)


def accepts(schema: JsonObject, value: object) -> bool:
    """Whether the schema allows the value."""
    return validator(schema).is_valid(value)


def check(schema: JsonObject, value: object) -> list[Violation]:
    """What is wrong with a value; empty if nothing is.

    Raises ToolError if the schema does not compile.
    """
    return validator(schema).violations(value)


def violations(tool: Tool, arguments: object) -> list[Violation]:
    """What is wrong with the arguments of a call to `tool`; empty if nothing is."""
    return validator(tool.input_schema).violations(arguments)


def _may_take_null(schema: JsonObject) -> bool:
    """Whether null could pass anywhere inside of a value.

    So it may where a schema has no type or the type null, and for undeclared members and items.
    """
    stack: list[object] = [schema]
    while stack:
        inner = stack.pop()
        if inner is True:
            return True
        if not isinstance(inner, dict):
            continue
        if _allows_null(inner) or _allows_undeclared(inner):
            return True
        for keyword in ("properties", "patternProperties", "$defs", "dependentSchemas"):
            stack.extend(inner.get(keyword, {}).values())
        for keyword in ("allOf", "oneOf", "anyOf", "prefixItems"):
            stack.extend(inner.get(keyword, ()))
        for keyword in ("items", "additionalProperties"):
            if keyword in inner:
                stack.append(inner[keyword])
    return False


def _allows_null(schema: JsonObject) -> bool:
    types = schema.get("type")
    if types is not None:
        return types == "null" or (isinstance(types, list) and "null" in types)
    if "const" in schema or "enum" in schema:
        return None in (schema.get("enum") or [schema.get("const")])
    return not schema.keys() & _COMPOUND


def _allows_undeclared(schema: JsonObject) -> bool:
    types = schema.get("type")
    names = types if isinstance(types, list) else [types]
    if "object" in names and schema.get("additionalProperties", True) is True:
        return True
    return "array" in names and "items" not in schema
