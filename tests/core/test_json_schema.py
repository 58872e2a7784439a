"""References and subschemas: which parts of a schema speak about one value."""

from __future__ import annotations

from typing import Any

from inftool.core.json_schema import lookup, subschemas

ORDER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "customer": {"$ref": "#/$defs/Customer"},
        "lines": {"type": "array", "items": {"$ref": "#/$defs/a~1b"}},
        "missing": {"$ref": "#/$defs/Nobody"},
        "pair": {"prefixItems": [{"const": 1}, {"const": 2}], "items": {"const": 3}},
    },
    "additionalProperties": {"title": "extra"},
    "$defs": {
        "Customer": {"anyOf": [{"type": "string"}, {"properties": {"name": {"minLength": 1}}}]},
        "a/b": {"properties": {"book": {"title": "book"}}},
        "Loop": {"allOf": [{"$ref": "#/$defs/Loop"}, {"$ref": "#/$defs/Loop"}]},
    },
}


def test_a_local_reference_is_looked_up_and_others_are_none() -> None:
    assert lookup(ORDER, "#") is ORDER
    assert lookup(ORDER, "#/$defs/a~1b/properties/book") == {"title": "book"}
    assert lookup(ORDER, "#/properties/pair/prefixItems/1") == {"const": 2}
    for reference in ("#/$defs/Nobody", "#/properties/pair/prefixItems/2", "other.json#/x", "x"):
        assert lookup(ORDER, reference) is None


def test_a_value_is_described_by_every_schema_that_applies_to_it() -> None:
    def found(pointer: str) -> list[dict[str, Any]]:
        return list(subschemas(ORDER, pointer))

    assert found("/customer/name") == [{"minLength": 1}]
    assert found("/lines/7/book") == [{"title": "book"}]
    assert found("/other") == [{"title": "extra"}]
    assert found("/pair/1") == [{"const": 2}, {"const": 3}]
    assert {"type": "string"} in found("/customer")
    # A reference that points at nothing says nothing: its schema allows anything.
    assert {} in found("/missing")


def test_a_recursive_schema_comes_to_an_end() -> None:
    assert len(list(subschemas(ORDER["$defs"]["Loop"], "", ORDER))) <= 512
