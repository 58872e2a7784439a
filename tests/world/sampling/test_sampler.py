"""Sampled values: valid for any schema, the same for the same seed, like what people type."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inftool.core.types import JsonObject
from inftool.world.lexicon.vocabulary import PLACES
from inftool.world.sampling.context import SamplerSettings
from inftool.world.sampling.sampler import sample
from inftool.world.schema.validation import is_valid, schema_errors

NOW = datetime(2025, 6, 3, 10, tzinfo=UTC)
AT_NOW = SamplerSettings(now=NOW)
COMPLETE = SamplerSettings(now=NOW, optional=1.0)

SCALARS: st.SearchStrategy[JsonObject] = st.one_of(
    st.builds(
        lambda low, more: {"type": "integer", "minimum": low, "maximum": low + more},
        st.integers(-1000, 1000),
        st.integers(0, 50),
    ),
    st.builds(
        lambda low, more: {"type": "string", "minLength": low, "maxLength": low + more},
        st.integers(0, 60),
        st.integers(0, 60),
    ),
    st.builds(lambda low: {"type": "number", "exclusiveMinimum": low}, st.integers(-100, 100)),
    st.builds(
        lambda step: {"type": "integer", "multipleOf": step, "minimum": 1}, st.integers(1, 60)
    ),
    st.sampled_from(
        (
            "date",
            "date-time",
            "uuid",
            "email",
            "uri",
            "ipv4",
            "ipv6",
            "hostname",
            "time",
            "duration",
        )
    ).map(lambda form: {"type": "string", "format": form}),
    st.sampled_from(
        (
            "^[A-Z]{3}-\\d{4}$",
            "^\\+?[1-9]\\d{6,14}$",
            "^(red|green)$",
            "^[a-f0-9]{24}$",
            "^#[0-9a-fA-F]{6}$",
            "^\\S+$",
        )
    ).map(lambda pattern: {"type": "string", "pattern": pattern}),
    st.sampled_from(
        (
            {"type": "boolean"},
            {"enum": ["a", 1, None]},
            {"const": "x"},
            {"type": ["string", "null"]},
            {"type": "null"},
            {},
            {"type": "number", "multipleOf": 0.01, "maximum": 3},
        )
    ),
)
NAMES = st.sampled_from(
    (
        "name",
        "email",
        "createdAt",
        "price",
        "status",
        "customerId",
        "lines",
        "notes",
        "x",
        "start",
        "end",
        "total",
        "quantity",
    )
)
SCHEMAS: st.SearchStrategy[JsonObject] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.builds(
            lambda props, more: (
                {"type": "object", "properties": props, "required": sorted(props)[:2]} | more
            ),
            st.dictionaries(NAMES, inner, max_size=4),
            st.sampled_from(({}, {"additionalProperties": False})),
        ),
        st.builds(
            lambda item, low: {
                "type": "array",
                "items": item,
                "minItems": low,
                "maxItems": low + 2,
            },
            inner,
            st.integers(0, 3),
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda options: {"anyOf": options}),
        inner.map(lambda schema: {"allOf": [schema, {"description": "and no more"}]}),
    ),
    max_leaves=8,
)


@given(schema=SCHEMAS, seed=st.integers(0, 99), name=NAMES)
@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_samples_are_valid_and_repeatable(schema: JsonObject, seed: int, name: str) -> None:
    value = sample(schema, random.Random(seed), name=name, settings=AT_NOW)
    assert is_valid(schema, value), (schema, value, schema_errors(schema, value))
    assert sample(schema, random.Random(seed), name=name, settings=AT_NOW) == value


@pytest.mark.parametrize(
    ("name", "schema", "wanted"),
    [
        ("email", {"type": "string"}, r"^[a-z]+\.[a-z]+@example\.(com|org|net)$"),
        ("phoneNumber", {"type": "string"}, r"^\+\d{8,15}$"),
        ("countryCode", {"type": "string", "pattern": "^[A-Z]{2}$"}, r"^[A-Z]{2}$"),
        ("isbn", {"type": "string"}, r"^978\d{10}$"),
        ("dueDate", {"type": "string", "format": "date"}, r"^2025-0[67]-\d\d$"),
        (
            "createdAt",
            {"type": "string", "format": "date-time"},
            r"^202[45]-\d\d-\d\dT\d\d:\d\d:\d\dZ$",
        ),
        ("orderNumber", {"type": "string", "examples": ["ORD-2024-0001"]}, r"^ORD-\d{4}-\d{4}$"),
        ("website", {"type": "string", "format": "uri"}, r"^https://example\.com/"),
        ("timeZone", {"type": "string"}, r"^[A-Z]\w+/[A-Z]\w+"),
    ],
)
def test_values_fit_their_names(name: str, schema: JsonObject, wanted: str) -> None:
    for seed in range(20):
        assert re.search(wanted, sample(schema, random.Random(seed), name=name, settings=AT_NOW))


def test_an_object_agrees_with_itself() -> None:
    text = {"type": "string"}
    moment = {"type": "string", "format": "date-time"}
    schema: JsonObject = {
        "type": "object",
        "properties": {
            "firstName": text,
            "lastName": text,
            "fullName": text,
            "email": text,
            "city": text,
            "country": text,
            "createdAt": moment,
            "updatedAt": moment,
        },
    }
    for seed in range(20):
        made = sample(schema, random.Random(seed), noun="customer", settings=COMPLETE)
        assert made["fullName"] == f"{made['firstName']} {made['lastName']}"
        assert made["email"].startswith(f"{made['firstName']}.{made['lastName']}".lower())
        assert made["createdAt"] <= made["updatedAt"] <= NOW.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_recursive_schemas_end() -> None:
    schema: JsonObject = {
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}},
                    "next": {"$ref": "#/$defs/Node"},
                },
            }
        },
    }
    for seed in range(10):
        assert is_valid(schema, sample(schema, random.Random(seed)))
    endless: JsonObject = {
        "$ref": "#/$defs/A",
        "$defs": {
            "A": {"type": "object", "required": ["a"], "properties": {"a": {"$ref": "#/$defs/A"}}}
        },
    }
    assert isinstance(sample(endless, random.Random(0)), dict)


def test_references_come_from_the_caller() -> None:
    schema: JsonObject = {
        "type": "object",
        "required": ["lines"],
        "properties": {
            "lines": {
                "type": "array",
                "minItems": 2,
                "items": {
                    "type": "object",
                    "required": ["bookId"],
                    "properties": {"bookId": {"type": "string"}},
                },
            }
        },
    }
    made = sample(
        schema,
        random.Random(0),
        settings=SamplerSettings(
            refer=lambda pointer: "b1" if pointer == "/lines/*/bookId" else None
        ),
    )
    assert {line["bookId"] for line in made["lines"]} == {"b1"}


def test_a_country_code_is_that_of_the_city_and_a_moment_is_not_the_documents_own() -> None:
    schema = {
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "country_code": {
                "type": "string",
                "enum": sorted({place.country_code for place in PLACES}),
            },
            "created": {"type": "string", "example": "2016-01-30T23:50:00Z"},
        },
        "required": ["city", "country_code", "created"],
    }
    for seed in range(20):
        made = sample(schema, random.Random(seed), noun="shop")
        assert any(
            place.city == made["city"] and place.country_code == made["country_code"]
            for place in PLACES
        )
        assert not made["created"].startswith("2016")
