"""Schemas read as shapes."""

from __future__ import annotations

from inftool.core.types import JsonObject
from inftool.world.schema.merging import merge_schemas
from inftool.world.schema.shape import Shape


def test_references_are_followed_and_name_the_shape() -> None:
    schema: JsonObject = {
        "$ref": "#/$defs/Order",
        "$defs": {
            "Order": {"type": "object", "properties": {"line": {"$ref": "#/$defs/Line"}}},
            "Line": {"type": "string"},
        },
    }
    shape = Shape.of(schema)
    assert shape.name == "Order"
    assert shape.properties["line"].name == "Line"
    assert shape.properties["line"].plain_text
    assert [pointer for pointer, _ in shape.walk()] == ["", "/line"]


def test_a_reference_to_itself_ends() -> None:
    schema: JsonObject = {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}
    assert Shape.of(schema).types == ()


def test_what_holds_together_is_merged() -> None:
    merged = merge_schemas(
        {"type": ["string", "null"], "minLength": 2, "enum": ["a", "b"], "title": "A"},
        {"type": "string", "minLength": 1, "enum": ["b", "c"], "title": "B", "$id": "x"},
    )
    assert merged == {"type": "string", "minLength": 2, "enum": ["b"], "title": "A"}
    assert merge_schemas({"type": "number"}, {"type": "integer"})["type"] == "integer"


def test_a_property_that_both_declare_must_satisfy_both() -> None:
    merged = merge_schemas(
        {"properties": {"a": {"minLength": 1}, "b": True}},
        {"properties": {"a": {"maxLength": 2}, "b": {"type": "string"}}},
    )
    assert merged["properties"] == {
        "a": {"allOf": [{"minLength": 1}, {"maxLength": 2}]},
        "b": {"type": "string"},
    }


def test_alternatives_are_put_together_as_one_object() -> None:
    schema: JsonObject = {
        "oneOf": [
            {
                "type": "object",
                "properties": {"kind": {"const": "card"}, "number": {"type": "string"}},
                "required": ["kind", "number"],
            },
            {
                "type": "object",
                "properties": {"kind": {"const": "cash"}},
                "required": ["kind"],
            },
            {"type": "null"},
        ]
    }
    shape = Shape.of(schema)
    assert shape.may_be_null
    assert len(shape.variants) == 2
    view = shape.object()
    assert view is not None
    assert view.required == ("kind",)
    assert view.properties["kind"].node == {"enum": ["card", "cash"], "type": "string"}
    assert len(view.merged_variants) == 2


def test_types_are_guessed_from_keywords() -> None:
    assert Shape.of({"properties": {}}).types == ("object",)
    assert Shape.of({"items": {}}).types == ("array",)
    assert Shape.of({"pattern": "a"}).types == ("string",)
    assert Shape.of({"maximum": 3}).types == ("number",)
    assert Shape.of({"type": "null"}).only_null
