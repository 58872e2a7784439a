"""Anybody's layouts are read and judged as far as that goes; what cannot be read is reported by
line, and the rest is judged."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from inftool import verify
from inftool.core.errors import VerifyError
from inftool.core.types import JsonObject
from inftool.verification.io import reading
from inftool.verification.io.foreign_tools import tools_of
from inftool.verification.io.judge_files import judge_files
from inftool.verification.io.layouts import as_trajectory, layout_of

SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer", "default": 1}},
    "required": ["city"],
}
FUNCTION = {"name": "get_weather", "description": "The weather.", "parameters": SCHEMA}
ASK, ANSWER = "What will the weather be in Oslo?", "It will rain."
GOOD, BAD = {"city": "Oslo"}, {"city": 7}


def call(arguments: Any) -> JsonObject:
    return {"name": "get_weather", "arguments": arguments}


def openai(arguments: Any) -> JsonObject:
    made = {
        "id": "c1",
        "type": "function",
        "function": {"name": "get_weather", "arguments": json.dumps(arguments)},
    }
    return {
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": ASK}]},
            {"role": "assistant", "content": None, "tool_calls": [made]},
            {"role": "tool", "tool_call_id": "c1", "content": '{"sky": "rain"}'},
            {"role": "assistant", "content": ANSWER},
        ],
        "tools": [{"type": "function", "function": FUNCTION}],
    }


def sharegpt(arguments: Any) -> JsonObject:
    turns = [
        ("human", ASK),
        ("function_call", json.dumps(call(arguments))),
        ("observation", '{"sky": "rain"}'),
        ("gpt", ANSWER),
    ]
    return {
        "conversations": [{"from": who, "value": text} for who, text in turns],
        "system": "Be brief.",
        "tools": json.dumps([FUNCTION]),
    }


def hermes(arguments: Any) -> JsonObject:
    system = (
        "You call functions. "
        f"<tools>\n{json.dumps({'type': 'function', 'function': FUNCTION})}\n</tools>"
    )
    turns = [
        ("system", system),
        ("human", ASK),
        (
            "gpt",
            (
                "<think>I should "
                f"look.</think>\n<tool_call>\n{json.dumps(call(arguments))}\n</tool_call>"
            ),
        ),
        ("tool", '<tool_response>\n{"sky": "rain"}\n</tool_response>'),
        ("gpt", ANSWER),
    ]
    return {"id": "h1", "conversations": [{"from": who, "value": text} for who, text in turns]}


def hermes_messages(arguments: Any) -> JsonObject:
    names = {"human": "user", "gpt": "assistant", "tool": "tool", "system": "system"}
    return {
        "messages": [
            {"role": names[turn["from"]], "content": turn["value"]}
            for turn in hermes(arguments)["conversations"]
        ]
    }


def xlam(arguments: Any) -> JsonObject:
    flat = {
        "city": {"type": "str", "description": "Where."},
        "days": {"type": "int, optional", "description": "How many.", "default": 1},
    }
    tools = [{"name": "get_weather", "description": "The weather.", "parameters": flat}]
    return {
        "id": 3,
        "query": ASK,
        "answers": json.dumps([call(arguments)]),
        "tools": json.dumps(tools),
    }


def toucan(arguments: Any) -> JsonObject:
    messages = [
        {"role": "system", "content": "Tools are declared here."},
        {"role": "user", "content": ASK},
        {
            "role": "assistant",
            "content": "",
            "function_call": {"name": "get_weather", "arguments": json.dumps(arguments)},
        },
        {"role": "function", "name": "get_weather", "content": '{"sky": "rain"}'},
        {"role": "assistant", "content": ANSWER},
    ]
    return {
        "uuid": "u-1",
        "subset_name": "single-turn",
        "messages": json.dumps(messages),
        "available_tools": json.dumps([openai({})["tools"][0]]),
    }


def toucan_sft(arguments: Any) -> JsonObject:
    messages = [
        {"role": "user", "content": ASK},
        {
            "role": "tool_call",
            "content": str({"name": "get_weather", "arguments": json.dumps(arguments)}),
        },
        {"role": "tool_response", "content": '{"sky": "rain"}'},
        {"role": "assistant", "content": ANSWER},
    ]
    return {"uuid": "u-2", "messages": json.dumps(messages), "tools": json.dumps([FUNCTION])}


def bfcl(arguments: Any) -> JsonObject:
    doc = {**FUNCTION, "name": "weather.get", "parameters": {**SCHEMA, "type": "dict"}}
    row = {"id": "simple_0", "question": [[{"role": "user", "content": ASK}]], "function": [doc]}
    return {**row, "result": [{"weather.get": json.dumps(arguments)}]}


def bfcl_text(arguments: Any) -> JsonObject:
    return {**bfcl({}), "result": f"[weather.get(city={arguments['city']!r})]"}


LAYOUTS = [openai, sharegpt, hermes, hermes_messages, xlam, toucan, toucan_sft, bfcl, bfcl_text]
NAMES = ["openai", "sharegpt", "hermes", "hermes", "xlam", "toucan", "toucan", "bfcl", "bfcl"]


@pytest.mark.parametrize(
    ("make", "name"),
    list(zip(LAYOUTS, NAMES, strict=True)),
    ids=[make.__name__ for make in LAYOUTS],
)
def test_every_layout_is_read_and_judged(make: Any, name: str) -> None:
    assert layout_of(make(GOOD)) == name
    good, bad = verify(make(GOOD)), verify(make(BAD))
    answered = name not in ("xlam", "bfcl")
    rest = ["abstain", "abstain", "pass" if answered else "abstain"]
    assert [gate.status for gate in good.gates] == ["pass"] * 4 + rest, good.findings
    assert good.status == "abstain"
    assert [finding.code for finding in bad.findings] == ["wrong_type"]
    made_up = verify(make({"city": "Lima"}))
    assert [finding.code for finding in made_up.findings] == ["ungrounded_argument"]


def test_calls_in_a_row_are_one_turn_and_a_list_answers_them() -> None:
    row = {
        "conversations": [
            {"from": "human", "value": "The weather in Oslo and in Rome?"},
            {"from": "function_call", "value": json.dumps([call(GOOD), call({"city": "Rome"})])},
            {"from": "observation", "value": json.dumps([{"sky": "rain"}, {"sky": "sun"}])},
            {"from": "gpt", "value": "Rain, and sun."},
        ],
        "tools": [FUNCTION],
    }
    trajectory = as_trajectory(row, "x")
    assert [message["role"] for message in trajectory.messages] == [
        "user",
        "assistant",
        "tool",
        "tool",
        "assistant",
    ]
    assert verify(trajectory).gates[0].status == "pass"


def test_a_bfcl_answer_in_words_is_a_conversation_without_calls() -> None:
    trajectory = as_trajectory({**bfcl({}), "result": "I cannot help with that."}, "x")
    assert [message["role"] for message in trajectory.messages] == ["user", "assistant"]


@pytest.mark.parametrize(
    ("flat", "expected"),
    [
        ("List[int]", {"type": "array", "items": {"type": "integer"}}),
        ("Optional[str]", {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        ("Dict[str, int]", {"type": "object"}),
        ("whatever", {}),
    ],
)
def test_type_words_of_python(flat: str, expected: JsonObject) -> None:
    _, tools = tools_of([{"name": "f", "parameters": {"x": {"type": flat}}}])
    schema = tools[0]["function"]["parameters"]["properties"]["x"]
    assert schema == expected


@pytest.mark.parametrize(
    "row",
    [
        {"conversations": 3},
        {"messages": "not JSON ["},
        {"query": "x", "answers": "[{]", "tools": "[]"},
        {"id": "unknown_99", "result": "f(1)"},
        {"messages": [], "tools": [{"description": "no name"}]},
        {"messages": [], "tools": [{"name": "f", "parameters": [1]}]},
        {"text": "something"},
        {"conversations": [{"from": "function_call", "value": "no call"}]},
    ],
)
def test_what_cannot_be_read_is_said(row: JsonObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INFTOOL_BFCL", "nowhere")
    with pytest.raises(VerifyError):
        as_trajectory(row, "x")


CYCLE = {
    "type": "object",
    "properties": {"city": {"$ref": "#/$defs/A"}},
    "$defs": {"A": {"$ref": "#/$defs/B"}, "B": {"$ref": "#/$defs/A"}},
}
DEEP = {"type": "object", "properties": {"city": {"$ref": "#"}}, "required": ["city"]}


def with_schema(schema: JsonObject) -> JsonObject:
    return {
        **openai(GOOD),
        "tools": [{"type": "function", "function": {**FUNCTION, "parameters": schema}}],
    }


def test_malformed_lines_are_reported_and_the_rest_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_LINE", 100_000)
    good = json.dumps({**openai(GOOD), "id": "good"})
    surrogate = json.dumps({**openai(GOOD), "id": "\ud800"})
    lines: list[tuple[bytes, str]] = [
        (good.encode(), "abstain"),
        (good[: len(good) // 2].encode(), "unreadable_line"),
        (good.replace("Oslo", "Tromsø").encode("latin-1"), "unreadable_line"),
        (good.encode("utf-16"), "unreadable_line"),
        (b'{"messages": "' + b"x" * 300_000 + b'"}', "unreadable_line"),
        (json.dumps(with_schema(CYCLE)).encode(), "bad_schema"),
        (json.dumps(with_schema(DEEP)).encode(), "wrong_type"),
        (good.replace('"good"', "NaN").encode(), "unreadable_line"),
        (good.replace('{\\"city\\": \\"Oslo\\"}', '{\\"city\\": NaN}').encode(), "malformed_call"),
        (good.replace('\\"Oslo\\"', '\\"\\\\ud800\\"').encode(), "malformed_call"),
        (surrogate.encode(), "unreadable_line"),
        (b"[" * 50_000, "unreadable_line"),
        (b"\x00\x01\x02", "unreadable_line"),
        (json.dumps({"messages": [1, 2]}).encode(), "unreadable_line"),
        (
            json.dumps(
                {
                    "messages": [
                        {"role": "user", "content": "x"},
                        {"role": "assistant", "tool_calls": 5},
                    ]
                }
            ).encode(),
            "malformed_message",
        ),
        (
            json.dumps(
                {
                    "messages": [
                        {"role": "user", "content": "x"},
                        {"role": "assistant", "tool_calls": [3]},
                    ]
                }
            ).encode(),
            "malformed_call",
        ),
        (b"\xef\xbb\xbf" + good.encode(), "abstain"),
    ]
    file = tmp_path / "theirs.jsonl"
    # UTF-16 has newlines of two bytes: one line becomes as many as there are.
    file.write_bytes(b"\n".join(line for line, _ in lines))
    seen = {}
    report = judge_files([file], on_line=lambda judged: seen.update({judged.line: judged}))
    for number, (_, expected) in enumerate(lines, 1):
        judged = seen[number]
        codes = (
            [finding.code for finding in judged.verdict.findings]
            if judged.verdict
            else ["unreadable_line"]
        )
        assert expected in (judged.verdict.status if judged.verdict else "", *codes), (
            number,
            codes,
            judged.problem,
        )
    assert report.abstained == 2
    print(json.dumps(report.model_dump(mode="json"), ensure_ascii=False).encode("utf-8"))


def test_a_json_array_is_taken_apart(tmp_path: Path) -> None:
    file = tmp_path / "array.json"
    file.write_text(json.dumps([xlam(GOOD), sharegpt(BAD)], indent=1), encoding="utf-8")
    report = judge_files([tmp_path])
    assert (report.trajectories, report.abstained, report.failed) == (2, 1, 1)
    assert report.failures[0]["line"] == 2
