"""Values made valid."""

from __future__ import annotations

from inftool.core.types import JsonObject
from inftool.world.schema.repair import remove_invalid_parts, repair
from inftool.world.schema.validation import is_valid, schema_errors, validator

SCHEMA: JsonObject = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "tags": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["id"],
    "additionalProperties": False,
}


def test_invalid_parts_that_can_go_go() -> None:
    value = {"id": "a", "tags": ["x", 3]}
    assert [error.path for error in schema_errors(SCHEMA, value)] == [("tags", 1)]
    assert remove_invalid_parts(SCHEMA, value) == {"id": "a", "tags": ["x"]}


def test_an_object_without_what_it_requires_goes_as_a_whole() -> None:
    schema: JsonObject = {"type": "object", "properties": {"owner": SCHEMA}}
    assert remove_invalid_parts(schema, {"owner": {"tags": []}}) == {}


def test_new_values_are_tried_until_one_is_valid() -> None:
    tries: list[int] = []

    def make(attempt: int) -> JsonObject:
        tries.append(attempt)
        return {"id": "a"} if attempt == 2 else {}

    start: JsonObject = {}
    assert repair(SCHEMA, start, make) == {"id": "a"}
    assert tries == [1, 2]


def test_a_schema_that_does_not_compile_accepts_everything() -> None:
    broken: JsonObject = {"type": "string", "pattern": "("}
    assert validator(broken) is None
    assert is_valid(broken, 3)
    assert schema_errors(broken, 3) == []
    assert is_valid(None, 3)
