"""BFCL's answer files in an evaluator of our own.

How it agrees with BFCL's checker is measured by benchmarks/bfcl_agreement.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inftool.core.errors import UsageError
from inftool.training.evaluation.bfcl import BfclCase, is_exact, read_cases

PROPERTIES = {
    "city": {"type": "string"},
    "rate": {"type": "float"},
    "count": {"type": "integer"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "size": {"type": "dict", "properties": {"w": {"type": "integer"}}},
    "rows": {"type": "array", "items": {"type": "dict"}},
    "when": {"type": "string", "default": None},
}
DOC = {
    "name": "find",
    "description": "",
    "parameters": {"type": "dict", "properties": PROPERTIES, "required": ["city"]},
}


def case(*answers: dict[str, Any]) -> BfclCase:
    return BfclCase(
        id="x", question=(), functions=(DOC,), answers=tuple({"find": answer} for answer in answers)
    )


def find(**given: Any) -> tuple[str, dict[str, Any]]:
    return "find", given


@pytest.mark.parametrize(
    ("wanted", "given", "right"),
    [
        ({"city": ["New York, NY"]}, {"city": "new york NY"}, True),
        ({"city": ["New York"]}, {"city": "Newark"}, False),
        ({"city": ["a"], "rate": [2.0]}, {"city": "a", "rate": 2}, True),
        ({"city": ["a"], "count": [2]}, {"city": "a", "count": 2.0}, False),
        ({"city": ["a"], "count": [2]}, {"city": "a", "count": "2"}, False),
        ({"city": ["a"], "count": ["", 2]}, {"city": "a"}, True),
        ({"city": ["a"], "count": [2]}, {"city": "a"}, False),
        ({"city": ["a"]}, {"city": "a", "count": 2}, False),
        ({"city": ["a"], "tags": [["x y", "z"]]}, {"city": "a", "tags": ["XY", "z"]}, True),
        ({"city": ["a"], "tags": [["x", "z"]]}, {"city": "a", "tags": ["z", "x"]}, False),
        (
            {"city": ["a"], "size": [{"w": [1, 2], "h": ["", 3]}]},
            {"city": "a", "size": {"w": 2}},
            True,
        ),
        ({"city": ["a"], "size": [{"w": [1], "h": [3]}]}, {"city": "a", "size": {"w": 1}}, False),
        (
            {"city": ["a"], "rows": [[{"w": [1]}, {"w": [2]}]]},
            {"city": "a", "rows": [{"w": 1}, {"w": 2}]},
            True,
        ),
        (
            {"city": ["a"], "rows": [[{"w": [1]}, {"w": [2]}]]},
            {"city": "a", "rows": [{"w": 1}]},
            False,
        ),
        ({"city": ["a"], "when": ["", None]}, {"city": "a", "when": None}, True),
        ({"city": ["a"], "count": ["n"]}, {"city": "a", "count": "n"}, True),
    ],
)
def test_one_call(wanted: dict[str, Any], given: dict[str, Any], right: bool) -> None:
    assert is_exact(case(wanted), [("find", given)]) is right


def test_parallel_calls_are_paired_as_well_as_they_can_be() -> None:
    """Taken in order, the first answer would take the call that the second one needs."""
    either = case({"city": ["a", "b"]}, {"city": ["a"]})
    assert is_exact(either, [find(city="a"), find(city="b")])
    assert is_exact(either, [find(city="b"), find(city="a")])
    assert not is_exact(either, [find(city="b"), find(city="b")])
    assert not is_exact(either, [find(city="a")])


def test_files_are_read_and_missing_ones_named(tmp_path: Path) -> None:
    (tmp_path / "possible_answer").mkdir()
    question = {
        "id": "simple_0",
        "question": [[{"role": "user", "content": "?"}]],
        "function": [DOC],
    }
    (tmp_path / "BFCL_v4_multiple.json").write_text(json.dumps(question) + "\n")
    (tmp_path / "possible_answer" / "BFCL_v4_multiple.json").write_text(
        json.dumps({"id": "simple_0", "ground_truth": [{"find": {"city": ["a"]}}]}) + "\n"
    )
    (found,) = read_cases(tmp_path, "multiple")
    assert is_exact(found, [find(city="A")])
    with pytest.raises(UsageError, match="no BFCL category 'parallel'"):
        list(read_cases(tmp_path, "parallel"))


CODE_DOC = {
    "name": "run",
    "description": "",
    "parameters": {
        "type": "dict",
        "required": [],
        "properties": {
            "n": {"type": "long"},
            "f": {"type": "float"},
            "ok": {"type": "boolean"},
            "name": {"type": "String"},
            "any": {"type": "any"},
            "ids": {"type": "ArrayList", "items": {"type": "long"}},
            "args": {"type": "Array", "items": {"type": "String"}},
            "map": {"type": "HashMap"},
        },
    },
}
JS_DOC = {
    "name": "run",
    "description": "",
    "parameters": {
        "type": "dict",
        "required": [],
        "properties": {
            "big": {"type": "Bigint"},
            "ok": {"type": "Boolean"},
            "name": {"type": "String"},
            "rows": {"type": "array", "items": {"type": "float"}},
            "tags": {"type": "array", "items": {"type": "String"}},
            "options": {"type": "dict"},
        },
    },
}


@pytest.mark.parametrize(
    ("language", "wanted", "given", "right"),
    [
        ("java", {"n": [5]}, {"n": "5L"}, True),
        ("java", {"n": [5]}, {"n": "5"}, False),
        ("java", {"n": [5]}, {"n": 5}, False),
        ("java", {"f": [2.5]}, {"f": "2.5f"}, True),
        ("java", {"ok": [True]}, {"ok": "true"}, True),
        ("java", {"ok": [True]}, {"ok": "True"}, False),
        ("java", {"any": ["mapController"]}, {"any": "mapController"}, True),
        (
            "java",
            {"ids": [[101, 202]]},
            {"ids": "new ArrayList<>(Arrays.asList(101L, 202L))"},
            True,
        ),
        (
            "java",
            {"ids": [[101, 202]]},
            {"ids": "new ArrayList<Long>() {{ add(101L); add(202L); }}"},
            True,
        ),
        ("java", {"ids": [[]]}, {"ids": "new ArrayList<>()"}, True),
        ("java", {"args": [["-a, b", "c"]]}, {"args": 'new String[]{"-a, b", "c"}'}, True),
        ("java", {"args": ["testArgs"]}, {"args": "testArgs"}, True),
        (
            "java",
            {"map": [{"k": [1], "s": ["a, b"]}]},
            {"map": 'new HashMap<String, Object>() {{ put("k", 1); put("s", "a, b"); }}'},
            True,
        ),
        ("java", {"map": [{"k": [1]}]}, {"map": "new HashMap<>()"}, False),
        ("javascript", {"big": [7]}, {"big": "7n"}, True),
        ("javascript", {"big": [7]}, {"big": "7"}, False),
        ("javascript", {"ok": [False]}, {"ok": "false"}, True),
        ("javascript", {"name": ["Ann"]}, {"name": "'Ann'"}, True),
        ("javascript", {"rows": [[60.0, 30.5]]}, {"rows": "[60, 30.5]"}, True),
        ("javascript", {"tags": [["x", "y"]]}, {"tags": "new Array('x', \"y\")"}, True),
        (
            "javascript",
            {"options": [{"method": ["GET"], "list": [["a"]]}]},
            {"options": "{method: 'GET', \"list\": ['a']}"},
            True,
        ),
        ("javascript", {"options": [{"method": ["GET"]}]}, {"options": "{method: 'PUT'}"}, False),
    ],
)
def test_expressions_of_other_languages(
    language: Any, wanted: dict[str, Any], given: dict[str, Any], right: bool
) -> None:
    doc = CODE_DOC if language == "java" else JS_DOC
    asked = BfclCase(
        id="x", question=(), functions=(doc,), answers=({"run": wanted},), language=language
    )
    assert is_exact(asked, [("run", given)]) is right


def test_where_nothing_fits_no_call_is_right() -> None:
    nothing, something = (
        BfclCase(id="x", question=(), functions=(DOC,), answers=(), relevant=relevant)
        for relevant in (False, True)
    )
    assert is_exact(nothing, [])
    assert not is_exact(nothing, [find(city="a")])
    assert is_exact(something, [find(city="a")])
    assert not is_exact(something, [])
