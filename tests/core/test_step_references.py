"""Steps of a plan: references inside the arguments are read as bindings beside them, and mean the
same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from inftool.core.blueprints import Step
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.step_references import StepRef, is_reference, with_values
from inftool.scenarios.plan import bindings_in_order, resolve, source_steps
from inftool.verification.checker.matching import filled_in

RESULTS = {"s1": {"id": 7, "data": [{"id": "a"}, {"id": None}]}, "s2": ["x", {"y/z": {"~": 1.5}}]}
REFERENCES = [
    {"$from": "s1", "at": "/id"},
    {"$from": "s1", "at": "/data/1/id"},
    {"$from": "s1", "at": "/data"},
    {"$from": "s2", "at": "/1/y~1z/~0"},
    {"$from": "s2", "at": "/0"},
    {"$from": "s2", "at": ""},
]
# Names that a pointer has to escape, that look like indices, or that a reference has.
NAMES = st.sampled_from(["a", "b/c", "~", "~1", "0", "", "$from", "at"]) | st.text(max_size=3)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=3)
    | st.sampled_from(REFERENCES).map(dict),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
ARGUMENTS = st.dictionaries(NAMES, VALUES, max_size=5).filter(lambda value: not is_reference(value))


def resolved_directly(value: Any) -> Any:
    """What 0.1.0 made of arguments with references inside."""
    if is_reference(value):
        return at_pointer(RESULTS[value["$from"]], value["at"])
    if isinstance(value, dict):
        return {key: resolved_directly(item) for key, item in value.items()}
    if isinstance(value, list):
        return [resolved_directly(item) for item in value]
    return value


def step_of(arguments: dict[str, Any]) -> Step:
    return Step(id="s3", tool="getThing", arguments=arguments)


def text(value: Any) -> str:
    """A value as text in which the order of keys counts."""
    return json.dumps(value)


@given(ARGUMENTS)
def test_the_old_notation_resolves_to_the_same(arguments: dict[str, Any]) -> None:
    before = text(arguments)
    step = step_of(arguments)
    assert text(arguments) == before
    assert all(at_pointer(step.arguments, place) is None for place in step.bindings)
    made = resolve(step.arguments, step.bindings, RESULTS)
    assert text(made) == text(resolved_directly(arguments))
    assert text(step.written_arguments()) == before
    assert list(bindings_in_order(step.arguments, step.bindings)) == list(step.bindings)
    # Whatever the results are, a call that was made with other values gets those of the results.
    assert text(filled_in(step, step.arguments, RESULTS)) == text(made)


@given(ARGUMENTS)
def test_what_is_recorded_reads_back_the_same(arguments: dict[str, Any]) -> None:
    step = step_of(arguments)
    line = step.model_dump_json()
    again = Step.model_validate_json(line)
    assert again == step
    assert again.model_dump_json() == line
    assert list(again.bindings) == list(step.bindings)


def test_what_a_step_takes_is_bound_beside_its_arguments() -> None:
    step = step_of(
        {"a": [REFERENCES[0], {"b/c": REFERENCES[4]}], "c": {"$from": "plain"}, "d": REFERENCES[0]}
    )
    assert step.arguments == {"a": [None, {"b/c": None}], "c": {"$from": "plain"}, "d": None}
    assert step.bindings == {
        "/a/0": StepRef(step="s1", pointer="/id"),
        "/a/1/b~1c": StepRef(step="s2", pointer="/0"),
        "/d": StepRef(step="s1", pointer="/id"),
    }
    assert source_steps(step.bindings) == ("s1", "s2")
    literal = step.with_arguments({"a": None})
    assert resolve(literal.arguments, literal.bindings, {}) == {"a": None}


def test_a_step_with_bindings_may_hold_what_looks_like_a_reference() -> None:
    step = Step(id="s3", tool="find", arguments={"query": REFERENCES[0]}, bindings={})
    assert step.bindings == {}
    again = Step.model_validate_json(step.model_dump_json())
    assert resolve(again.arguments, again.bindings, RESULTS) == {"query": REFERENCES[0]}


def test_all_arguments_may_be_one_reference() -> None:
    whole = {"$from": "s1", "at": ""}
    step = step_of(whole)
    assert (step.arguments, list(step.bindings)) == ({}, [""])
    assert resolve(step.arguments, step.bindings, RESULTS) == RESULTS["s1"]
    assert step.written_arguments() == whole
    assert Step.model_validate_json(step.model_dump_json()) == step


@pytest.mark.parametrize("place", ["/b", "/a", "/c/00", "/c/-1", "/c/x", "/c/0/d", "", "c"])
def test_a_binding_needs_a_place_holder(place: str) -> None:
    with pytest.raises(ValidationError, match="place holder"):
        Step(
            id="s3",
            tool="getThing",
            arguments={"a": 1, "c": [None]},
            bindings={place: StepRef(step="s1", pointer="/id")},
        )


@pytest.mark.parametrize("source", [("s9", "/id"), ("s1", "/no"), ("s1", "/data/2/id")])
def test_what_is_not_there_cannot_be_resolved(source: tuple[str, str]) -> None:
    bindings = {"/a": StepRef(step=source[0], pointer=source[1])}
    with pytest.raises(Unresolved):
        resolve({"a": None}, bindings, RESULTS)


def test_arguments_nested_deeper_than_python_calls_go_are_read() -> None:
    deep: Any = REFERENCES[0]
    for _ in range(3000):
        deep = [deep]
    step = step_of({"a": deep})
    assert list(step.bindings) == ["/a" + "/0" * 3000]


def test_other_values_leave_the_original_alone() -> None:
    arguments = {"a": {"b": [1, 2]}, "c": {"d": 3}}
    changed = with_values(arguments, {"/a/b/1": 9, "/a/b/0": 8})
    assert changed == {"a": {"b": [8, 9]}, "c": {"d": 3}}
    assert arguments == {"a": {"b": [1, 2]}, "c": {"d": 3}}
    assert changed["c"] is arguments["c"]
