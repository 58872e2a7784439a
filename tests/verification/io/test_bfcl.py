"""BFCL's published gold answers against their own function docs, read from the `bfcl-eval` package
or the folder that INFTOOL_BFCL names."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inftool.core.errors import VerifyError
from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.verification.io.bfcl import data as bfcl_data
from inftool.verification.io.bfcl.function_docs import fitting, offered
from inftool.verification.io.bfcl.gold_answers import acceptable, gold_calls
from inftool.verification.io.bfcl.python_calls import named, python_calls
from inftool.verification.io.bfcl.results import result_calls, result_turns
from inftool.verification.io.bfcl.trajectories import trajectory_of
from inftool.verification.io.layouts import as_trajectory
from inftool.verification.verdict import judge

FILES = (
    "simple_python",
    "simple_java",
    "simple_javascript",
    "multiple",
    "parallel",
    "parallel_multiple",
    "live_simple",
    "live_multiple",
    "live_parallel",
    "live_parallel_multiple",
    "multi_turn_base",
    "multi_turn_long_context",
    "multi_turn_miss_func",
    "multi_turn_miss_param",
)
# Answers that contradict the docs that they were published with, read one by one: a value outside
# the doc's enumeration, of another type, under another
# name, or without what the doc requires.
CONTRADICTIONS = {
    "live_multiple_87-38-4": "openai is none of the types",
    "live_multiple_189-83-0": "data has other members",
    "live_multiple_552-153-1": "true for 'True'",
    "live_multiple_595-158-1": "2 for '2'",
    "live_multiple_596-158-2": "1 for '1'",
    "live_multiple_731-167-2": "true for 'True'",
    "live_multiple_733-167-4": "true for 'True'",
    "live_multiple_735-167-6": "true for 'True'",
    "live_multiple_750-169-5": "no such genre",
    "live_multiple_756-169-11": "horror for Horror",
    "live_multiple_835-178-10": "no such genre",
    "live_multiple_862-181-3": "no such argument",
    "live_multiple_871-182-8": "no such genre",
    "live_multiple_947-197-0": "5 minutes is no choice",
    "live_multiple_964-207-0": "no such argument",
    "live_parallel_multiple_2-2-0": "no such command",
    "live_simple_106-63-0": "required ones missing",
    "live_simple_112-68-0": "required ones missing",
    "multi_turn_base_173": "a text for an integer",
    "multi_turn_long_context_173": "a text for an integer",
    "multi_turn_miss_func_173": "a text for an integer",
    "multi_turn_miss_param_173": "a text for an integer",
    "parallel_multiple_21": "a text for a list",
    "parallel_multiple_94": "texts for integers",
}
Item = tuple[str, list[JsonObject], list[tuple[str, JsonObject]], bool, Any]


@pytest.fixture(scope="module")
def data() -> Path:
    folder = bfcl_data.data_folder()
    if folder is None:
        pytest.skip("bfcl-eval is not installed, and INFTOOL_BFCL names no folder")
    return folder


def items(data: Path, name: str) -> Iterator[Item]:
    path = next((data / "possible_answer").glob(f"BFCL_v*_{name}.json"))
    questions = bfcl_data.questions(data)
    for row in bfcl_data.read_lines(path):
        if (question := questions.get(row["id"])) is None or not question.get("function"):
            continue
        code = bfcl_data.is_code(row["id"])
        names, tools = offered(question["function"], code=code)
        yield (
            row["id"],
            question["function"],
            gold_calls(row["ground_truth"], fitting(names, tools)),
            code,
            question["question"],
        )


def early_gates(trajectory: Trajectory) -> list[str]:
    return [gate.status for gate in judge(trajectory).gates[:3]]


@pytest.mark.cpu_limit(180)
@pytest.mark.parametrize("name", FILES)
def test_gold_answers_pass_and_corrupted_ones_fail(data: Path, name: str) -> None:
    good = 0
    for number, (item, functions, calls, code, question) in enumerate(items(data, name)):
        verdict = early_gates(trajectory_of(item, question, functions, calls, code=code))
        if item in CONTRADICTIONS:
            assert "fail" in verdict
            continue
        assert verdict == ["pass"] * 3, item
        good += 1
        # Every one is corrupted in every way that it gives occasion for; of the long files every
        # fourth.
        if calls and (number % 4 == 0 or len(calls) > 3):
            for kind, bad in corrupted(functions, calls, code):
                assert "fail" in early_gates(
                    trajectory_of(item, question, functions, bad, code=code)
                ), (item, kind)
    assert good > 10


def corrupted(
    functions: list[JsonObject], calls: list[tuple[str, JsonObject]], code: bool
) -> Iterator[tuple[str, list[tuple[str, JsonObject]]]]:
    name, arguments = calls[0]
    doc = next(function for function in functions if function["name"] == name)
    [(_, named_arguments)] = named(calls[:1], functions)
    assert isinstance(named_arguments, dict)
    arguments = dict(named_arguments)
    rest = calls[1:]
    yield "another tool", [(f"{name}_anew", arguments), *rest]
    yield "another argument", [(name, {**arguments, "surely_unknown": 1}), *rest]
    for required in doc["parameters"].get("required", ()):
        if required in arguments:
            yield (
                "one less",
                [
                    (name, {key: value for key, value in arguments.items() if key != required}),
                    *rest,
                ],
            )
    for key in arguments:
        part = doc["parameters"]["properties"].get(key, {})
        wrong: dict[str, Any] = {
            "string": [[1]],
            "integer": 1.5,
            "float": {"x": 1},
            "boolean": 7,
            "array": {"x": 1},
            "dict": 12,
            "tuple": 3,
        }
        if part.get("type") in wrong:
            yield f"{key} mistyped", [(name, {**arguments, key: wrong[part["type"]]}), *rest]
        if "enum" in part and not code:
            changed = copy.deepcopy(arguments)
            changed[key] = (
                "no such choice" if not isinstance(arguments[key], list) else ["no such choice"]
            )
            yield f"{key} none of the choices", [(name, changed), *rest]


@pytest.mark.cpu_limit(180)
def test_every_other_file_is_read(data: Path) -> None:
    """Questions that nothing is to be called for, memory and web search, and gold answers as they
    are published: each line is a conversation."""
    rows = [
        row
        for path in sorted(data.glob("BFCL_v*.json"))
        for row in bfcl_data.read_lines(path)
        if "question" in row
    ]
    rows += [
        row
        for path in sorted((data / "memory_prereq_conversation").glob("*.json"))
        for row in bfcl_data.read_lines(path)
    ]
    rows += [
        row
        for path in sorted((data / "possible_answer").glob("BFCL_v*.json"))
        for row in bfcl_data.read_lines(path)
    ]
    kinds = {str(row["id"]).rsplit("_", 1)[0] for row in rows}
    assert {
        "irrelevance",
        "live_irrelevance",
        "live_relevance",
        "memory",
        "memory_prereq",
        "web_search",
    } <= kinds
    for row in rows:
        trajectory = as_trajectory(row, "x")
        functions = row.get("function") or ()
        assert len(trajectory.tools) >= len({function["name"] for function in functions})
        assert judge(trajectory).gates[0].status == "pass", row["id"]


def test_alternatives_are_settled() -> None:
    assert acceptable([1, 2]) == [1, 2]
    assert acceptable(["", "x"])[0] == "x"
    assert gold_calls(
        [{"f": {"a": ["", 1], "b": [""], "c": [{"d": ["x", "y"], "e": [""]}]}}],
        lambda name, given: "b" not in given,
    ) == [("f", {"a": 1, "c": {"d": "x", "e": ""}})]
    assert gold_calls([["f(1)"], ["g(x='a')", "h()"]]) == [
        ("f", {"0": 1}),
        ("g", {"x": "a"}),
        ("h", {}),
    ]


def test_python_calls_are_read_and_never_run() -> None:
    text = (
        "[math.f(a=1, b=[1, (2, 3)], c={'k': None}), g(p=1 / 4, q=-2, who=__import__('os').name)]"
    )
    assert python_calls(text) == [
        ("math.f", {"a": 1, "b": [1, [2, 3]], "c": {"k": None}}),
        ("g", {"p": 0.25, "q": -2, "who": "__import__('os').name"}),
    ]


def test_results_of_either_mode_are_read() -> None:
    assert result_calls([{"f": '{"a": 1}'}, {"g": {"b": 2}}]) == [("f", {"a": 1}), ("g", {"b": 2})]
    assert result_calls([[["f(a=1)"]], ["g(b=2)"]]) == [("f", {"a": 1}), ("g", {"b": 2})]
    assert result_calls("[post(content='two\nlines')]") == [("post", {"content": "two\nlines"})]
    assert result_turns([[["f(a=1)"], "Done."], [[{"g": "{'b': 2}"}]]]) == [
        [[("f", {"a": 1})], "Done."],
        [[("g", "{'b': 2}")]],
    ]
    with pytest.raises(VerifyError):
        result_calls("Nothing to call.")


def test_the_folder_may_be_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(bfcl_data.FOLDER_VARIABLE, str(tmp_path))
    assert bfcl_data.data_folder() == tmp_path
    monkeypatch.setenv(bfcl_data.FOLDER_VARIABLE, str(tmp_path / "absent"))
    assert bfcl_data.data_folder() is None
