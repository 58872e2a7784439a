"""Hypothesis strategies out of JSON Schemas: values that a schema allows, and calls that break it
in one known way."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

FORMATS = {
    "date-time": ["2024-02-29T12:30:00Z", "1999-12-31T23:59:59.123+02:00"],
    "date": ["2024-02-29", "1999-12-31"],
    "time": ["12:30:00Z"],
    "duration": ["P1DT2H", "PT5M"],
    "email": ["ada@example.com"],
    "idn-email": ["ada@example.com"],
    "uuid": ["3be6453c-03eb-4357-ae5a-984a0e574a54"],
    "uri": ["https://example.com/a?b=c"],
    "uri-reference": ["/a/b"],
    "iri": ["https://example.com/ä"],
    "hostname": ["example.com"],
    "ipv4": ["192.0.2.1"],
    "ipv6": ["2001:db8::1"],
    "json-pointer": ["/a/0"],
    "regex": ["^a+$"],
}
TEXT = st.text(string.ascii_letters + string.digits + " äß", max_size=12)
ANY = st.one_of(st.none(), st.booleans(), st.integers(-9, 9), TEXT)
DEEPEST = 5


def values(
    schema: Any, root: dict[str, Any] | None = None, depth: int = 0
) -> st.SearchStrategy[Any]:
    """What `schema` allows; `root` holds the `$defs`."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or not schema:
        return ANY
    made = _plain(schema, root, depth)
    if schema.keys() & {
        "allOf",
        "not",
        "if",
        "oneOf",
        "pattern",
        "minLength",
        "maxLength",
        "unevaluatedProperties",
        "dependentRequired",
        "dependentSchemas",
    }:
        whole = {**schema, "$defs": root["$defs"]} if "$defs" in root else schema
        made = made.filter(
            jsonschema_rs.Draft202012Validator(whole, validate_formats=True).is_valid
        )
    return made


def _plain(schema: dict[str, Any], root: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"][:50])
    if "$ref" in schema:
        target = root["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        return st.deferred(lambda: values(target, root, depth + 1))
    branches = schema.get("oneOf") or schema.get("anyOf")
    if branches:
        # The last branches of a recursive union are as good as the first, but some end sooner.
        options = [
            branch for branch in branches if depth < DEEPEST or not _nests(branch)
        ] or branches
        inner = st.one_of([values(branch, root, depth + 1) for branch in options])
        if "properties" not in schema:
            return inner
        return st.tuples(_object(schema, root, depth), inner).map(
            lambda both: {**both[0], **both[1]} if isinstance(both[1], dict) else both[0]
        )
    if "allOf" in schema and not schema.keys() & {"type", "properties"}:
        return values({**schema["allOf"][0]}, root, depth)
    types = schema.get("type", "object" if "properties" in schema else None)
    if types is None:
        return ANY
    return st.one_of(
        [
            _typed(name, schema, root, depth)
            for name in ([types] if isinstance(types, str) else types)
        ]
    )


def _nests(schema: Any) -> bool:
    return isinstance(schema, dict) and bool(schema.keys() & {"$ref", "properties", "items"})


def _typed(
    name: str, schema: dict[str, Any], root: dict[str, Any], depth: int
) -> st.SearchStrategy[Any]:
    if name == "null":
        return st.none()
    if name == "boolean":
        return st.booleans()
    if name == "string":
        return _string(schema)
    if name in {"integer", "number"}:
        return _number(name, schema)
    if name == "array":
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 2), least + 2) if depth < DEEPEST else least
        prefix = [values(inner, root, depth + 1) for inner in schema.get("prefixItems", ())]
        if prefix:
            return st.tuples(*prefix).map(list)
        unique = (
            (lambda item: json.dumps(item, sort_keys=True)) if schema.get("uniqueItems") else None
        )
        return st.lists(
            values(schema.get("items", {}), root, depth + 1),
            min_size=least,
            max_size=max(most, least),
            unique_by=unique,
        )
    return _object(schema, root, depth)


def _string(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(
            schema["pattern"], alphabet=st.characters(codec="ascii", exclude_categories=["Cc"])
        )
    if schema.get("format") in FORMATS:
        return st.sampled_from(FORMATS[schema["format"]])
    least = schema.get("minLength", 0)
    return st.text(
        string.ascii_letters,
        min_size=least,
        max_size=min(schema.get("maxLength", least + 8), least + 8),
    )


def _number(name: str, schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    low, high = schema.get("minimum"), schema.get("maximum")
    low = (
        schema["exclusiveMinimum"] + (1 if name == "integer" else 0.5)
        if "exclusiveMinimum" in schema
        else low
    )
    high = (
        schema["exclusiveMaximum"] - (1 if name == "integer" else 0.5)
        if "exclusiveMaximum" in schema
        else high
    )
    low = low if low is not None else min(0, high) if high is not None else 0
    high = high if high is not None else low + 100
    step = schema.get("multipleOf")
    if step is not None:
        first = -(-low // step)
        return st.integers(int(first), max(int(high // step), int(first))).map(
            lambda count: count * step
        )
    if name == "integer":
        return st.integers(int(-(-low // 1)), int(high // 1))
    return st.one_of(st.just(low), st.just(high), st.floats(low, high, allow_nan=False))


def _object(schema: dict[str, Any], root: dict[str, Any], depth: int) -> st.SearchStrategy[Any]:
    members = schema.get("properties", {})
    required = {
        name: values(members.get(name, {}), root, depth + 1) for name in schema.get("required", ())
    }
    optional = (
        {
            name: values(inner, root, depth + 1)
            for name, inner in members.items()
            if name not in required
        }
        if depth < 3
        else {}
    )
    made = st.fixed_dictionaries(required, optional=optional)
    extra = schema.get("additionalProperties")
    least = schema.get("minProperties", 0)
    if isinstance(extra, dict) and (depth < 3 or least):
        named = st.dictionaries(
            st.sampled_from(["one", "two", "three"]),
            values(extra, root, depth + 1),
            min_size=min(least, 3),
            max_size=max(2, min(least, 3)),
        )
        made = st.tuples(made, named).map(lambda both: {**both[1], **both[0]})
    return made


def broken(
    schema: dict[str, Any], arguments: dict[str, Any]
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Calls that differ from a good one in one bad thing: the code that must be found, the argument
    at fault, and the arguments."""
    yield "unknown_argument", "no_such_argument", {**arguments, "no_such_argument": 1}
    for name in schema.get("required", ()):
        yield (
            "missing_required",
            name,
            {key: value for key, value in arguments.items() if key != name},
        )
    for name, inner in schema["properties"].items():
        if (
            not isinstance(inner, dict)
            or inner.keys() & {"$ref", "oneOf", "anyOf", "allOf", "const", "not", "if"}
            or "type" not in inner
        ):
            continue
        for code, value in _bad_values(inner):
            yield code, name, {**arguments, name: value}


def _bad_values(schema: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    types = schema["type"]
    names = {types} if isinstance(types, str) else set(types)
    yield "wrong_type", float("nan")
    if "integer" in names and "number" not in names:
        yield "wrong_type", True
        yield "wrong_type", 1.5
    for name, value in (
        ("string", "text"),
        ("object", {"a": 1}),
        ("array", [1]),
        ("number", 7),
        ("boolean", True),
        ("null", None),
    ):
        if name not in names and not (name == "number" and "integer" in names):
            yield "wrong_type", value
    if "enum" in schema:
        if "string" in names:
            yield "bad_enum", "no such choice"
        return
    if "string" in names:
        if (
            schema.get("format") in FORMATS
            and not schema.keys() & {"pattern", "minLength", "maxLength"}
            and schema["format"] not in {"uri-reference", "regex"}
        ):
            yield "bad_format", "not <a> {format} \\"
        if "maxLength" in schema and schema["maxLength"] < 10_000:
            yield "too_long", "x" * (schema["maxLength"] + 1)
        if schema.get("minLength"):
            yield "too_short", "x" * (schema["minLength"] - 1)
    if names & {"integer", "number"}:
        if "minimum" in schema:
            yield "out_of_range", schema["minimum"] - 1
        if "maximum" in schema:
            yield "out_of_range", schema["maximum"] + 1
    if "array" in names and schema.get("minItems"):
        yield "too_short", []
