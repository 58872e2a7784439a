"""Verdicts on calls: what is wrong, where and what was expected, as another validator sees it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inftool.core.errors import ToolError
from inftool.core.tools import Origin, Tool
from inftool.specs import Validator, check
from inftool.specs.documents.files import DocumentFiles
from inftool.specs.documents.library import Library
from inftool.specs.losses import LossLog
from inftool.specs.schemas.converter import Converter
from inftool.specs.schemas.metaschema_check import open_uncompilable
from inftool.specs.validation.metaschema import describe_faults
from tests.support.schemas import values

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 3, "maximum": 9},
        "even": {"type": ["number", "null"], "multipleOf": 2, "exclusiveMaximum": 10},
        "color": {"enum": ["red", "green"]},
        "day": {"type": "string", "format": "date"},
        "code": {"type": "string", "minLength": 2, "maxLength": 4, "pattern": "^[a-z]+$"},
        "list": {
            "type": "array",
            "items": {"$ref": "#/$defs/Item"},
            "minItems": 1,
            "maxItems": 2,
            "uniqueItems": True,
        },
        "either": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "tagged": {"oneOf": [{"$ref": "#/$defs/A"}, {"$ref": "#/$defs/B"}]},
        "any": {},
    },
    "required": ["count"],
    "additionalProperties": False,
    "$defs": {
        "Item": {
            "type": "object",
            "properties": {"name": {"type": "string"}},
            "required": ["name"],
            "additionalProperties": False,
        },
        "A": {
            "type": "object",
            "properties": {"kind": {"const": "a"}, "x": {"type": "integer"}},
            "required": ["kind"],
            "additionalProperties": False,
        },
        "B": {
            "type": "object",
            "properties": {"kind": {"const": "b"}, "y": {"type": "integer"}},
            "required": ["kind", "y"],
            "additionalProperties": False,
        },
    },
}


@pytest.mark.parametrize(
    ("arguments", "code", "argument", "pointer", "words"),
    [
        (
            {"count": 3, "zount": 1},
            "unknown_argument",
            "zount",
            "/zount",
            ["`zount`", "did you mean `count`"],
        ),
        ({}, "missing_required", "count", "/count", ["`count`", "required", "an integer"]),
        (
            {"count": "3"},
            "wrong_type",
            "count",
            "/count",
            ["`count`", "an integer", 'the string "3"'],
        ),
        ({"count": True}, "wrong_type", "count", "/count", ["an integer", "the boolean true"]),
        ({"count": None}, "wrong_type", "count", "/count", ["an integer", "null"]),
        ({"count": 3.5}, "wrong_type", "count", "/count", ["an integer", "3.5"]),
        ({"count": 2}, "out_of_range", "count", "/count", ["at least 3"]),
        ({"count": 10}, "out_of_range", "count", "/count", ["at most 9"]),
        ({"count": 3, "even": 3}, "out_of_range", "even", "/even", ["a multiple of 2"]),
        ({"count": 3, "even": 10}, "out_of_range", "even", "/even", ["less than 10"]),
        ({"count": 3, "even": float("nan")}, "wrong_type", "even", "/even", ["`even`", "nan"]),
        ({"count": 3, "any": [float("inf")]}, "wrong_type", "any", "/any/0", ["`any[0]`", "inf"]),
        (
            {"count": 3, "color": "gren"},
            "bad_enum",
            "color",
            "/color",
            ['"red", "green"', 'did you mean "green"'],
        ),
        ({"count": 3, "day": "2024-13-01"}, "bad_format", "day", "/day", ["date"]),
        ({"count": 3, "code": "abcde"}, "too_long", "code", "/code", ["at most 4 characters", "5"]),
        ({"count": 3, "code": "a"}, "too_short", "code", "/code", ["at least 2 characters"]),
        ({"count": 3, "code": "AB"}, "bad_pattern", "code", "/code", ["^[a-z]+$"]),
        ({"count": 3, "list": []}, "too_short", "list", "/list", ["at least 1 items"]),
        (
            {"count": 3, "list": [{"name": "a"}, {"name": "a"}]},
            "not_unique",
            "list",
            "/list",
            ["all differ"],
        ),
        (
            {"count": 3, "list": [{"nome": "a", "name": "b"}]},
            "unknown_argument",
            "list",
            "/list/0/nome",
            ["`nome` in `list[0]`", "name"],
        ),
        (
            {"count": 3, "list": [{}]},
            "missing_required",
            "list",
            "/list/0/name",
            ["`list[0].name`", "a string"],
        ),
        ({"count": 3, "either": 1}, "wrong_type", "either", "/either", ["a string or null"]),
        ({"count": 3, "tagged": {"kind": "c"}}, "bad_enum", "tagged", "/tagged/kind", ['"a", "b"']),
        (
            {"count": 3, "tagged": {"kind": "b"}},
            "missing_required",
            "tagged",
            "/tagged/y",
            ["`tagged.y`"],
        ),
        (
            {"count": 3, "tagged": {"kind": "a", "y": 1}},
            "unknown_argument",
            "tagged",
            "/tagged/y",
            ["`y` in `tagged`"],
        ),
        ({"count": 3, 7: 1}, "unknown_argument", "7", "/7", ["7"]),
        ({"count": 3, "any": object()}, "wrong_type", "any", "/any", ["JSON"]),
        ([1], "wrong_type", "", "", ["object"]),
        (None, "wrong_type", "", "", ["object"]),
    ],
)
def test_what_is_wrong_is_said(
    arguments: Any, code: str, argument: str, pointer: str, words: list[str]
) -> None:
    (found,) = check(SCHEMA, arguments)
    assert (found.code, found.argument, found.pointer) == (code, argument, pointer)
    assert all(word in found.message for word in words), found.message


@pytest.mark.parametrize(
    "arguments",
    [
        {"count": 3},
        {"count": 3.0},
        {"count": 3, "even": None},
        {"count": 3, "either": None, "any": [None, {"a": 1}]},
    ],
)
def test_good_calls_have_nothing_wrong(arguments: Any) -> None:
    assert check(SCHEMA, arguments) == []


def test_every_wrong_thing_is_found_at_once() -> None:
    found = check(SCHEMA, {"count": "x", "color": "blue", "more": 1})
    assert {violation.code for violation in found} == {"wrong_type", "bad_enum", "unknown_argument"}


def test_a_schema_that_does_not_compile_says_so() -> None:
    with pytest.raises(ToolError, match="does not compile"):
        Validator({"type": "nonsense"})


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        (
            {"properties": {"size": {"minimum": "3"}}},
            "/properties/size/minimum: '3' is not of type 'number'",
        ),
        (
            {"properties": {"a/b": {"anyOf": [{}, {"required": True}]}}},
            "/properties/a~1b/anyOf/1/required: True is not of type 'array'",
        ),
        ({"type": "datetime"}, "/type: 'datetime' is not one of ['array', 'boolean',"),
        ({"pattern": "("}, "/pattern: '(' is not a 'regex'"),
        ({"properties": {name: {"type": 1} for name in "abcde"}}, "; and 2 more"),
        ([], "the schema itself: [] is not of type"),
        ({"$ref": "#/$defs/gone"}, "/$defs/gone"),
    ],
)
def test_a_schema_that_does_not_compile_is_wrong_somewhere(schema: Any, said: str) -> None:
    with pytest.raises(ToolError) as raised:
        Validator(schema)
    assert said in str(raised.value)


def test_of_a_schema_that_is_too_deep_or_too_large_nothing_is_said() -> None:
    deep: Any = {"type": 1}
    for _ in range(3000):
        deep = {"not": deep}
    assert describe_faults(deep) == ""
    assert describe_faults({"type": "x" * 100_000}) == ""


def test_a_broken_schema_of_a_tool_is_opened_and_the_loss_says_where_it_broke(
    tmp_path: Path,
) -> None:
    loss_log = LossLog()
    library = Library(DocumentFiles(tmp_path, loss_log), loss_log)
    converter = Converter(library, closed=True, outputs=False, budget=10_000)
    broken = {"type": "object", "properties": {"day": {"type": "datetime"}}, "required": ["day"]}
    tool = Tool(
        name="t",
        description="",
        input_schema=broken,
        output_schema=None,
        effect="read",
        origin=Origin(file="f.json"),
        api="f",
    )
    (opened,) = open_uncompilable([tool], converter, converter, loss_log)
    assert opened.input_schema == {
        "type": "object",
        "properties": {"day": {}},
        "required": ["day"],
        "additionalProperties": False,
    }
    assert [
        "/properties/day/type: 'datetime' is not one of" in loss.message
        for loss in loss_log.losses()
    ] == [True]


def test_hostile_patterns_and_depths_end() -> None:
    # Backtracking would not come to an end: the limit of CPU of every test would find it.
    assert check({"type": "string", "pattern": "^(a+)+$"}, "a" * 5000 + "b")
    assert check({"type": "string", "pattern": "^(a|a)*(?=c)$"}, "a" * 60 + "b")
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    assert check({"type": "object", "properties": {"a": {"type": "string"}}}, {"a": deep})


@settings(max_examples=60, deadline=None, database=None)
@given(st.data())
def test_two_validators_agree(data: st.DataObject) -> None:
    other = jsonschema.Draft202012Validator(SCHEMA)
    good = data.draw(values(SCHEMA))
    assert check(SCHEMA, good) == []
    assert other.is_valid(good)
    name = data.draw(st.sampled_from(sorted(SCHEMA["properties"])))
    value = data.draw(
        st.one_of(
            st.none(),
            st.booleans(),
            st.integers(-20, 20),
            st.floats(allow_nan=False, allow_infinity=False),
            st.text(max_size=4),
            st.just([]),
            st.just({}),
        )
    )
    changed = {**good, name: value}
    if not (name == "day" and isinstance(value, str)):
        assert bool(check(SCHEMA, changed)) is not other.is_valid(changed)


def test_a_schema_is_compiled_once_and_not_for_every_call() -> None:
    """`benchmarks/compile.py` says what either costs."""
    arguments = {"count": 5, "color": "red", "day": "2024-02-29", "code": "abc"}
    ratios = [_compiling_by_call(arguments) for _ in range(7)]
    # Some sixty, whatever the machine is.
    assert max(ratios) > 5, ratios


def _compiling_by_call(arguments: Any) -> float:
    """The CPU time of making a validator, as a multiple of that of one valid call."""
    start = time.thread_time()
    for _ in range(10):
        validator = Validator(SCHEMA)
    made = time.thread_time()
    for _ in range(1000):
        validator.is_valid(arguments)
    return 100 * (made - start) / (time.thread_time() - made)
