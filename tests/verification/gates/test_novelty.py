"""Near-duplicates and contamination: the twin is named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.errors import UsageError
from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.verification.gates.novelty import (
    Benchmarks,
    Duplicates,
    benchmark_texts,
    call_tokens,
    with_novelty,
)
from inftool.verification.io.judge_files import judge_files
from inftool.verification.verdict import judge

pytest.importorskip("rensa")
LONG = (
    "I would like to move my appointment with doctor Ellis from Monday morning to the second "
    "free slot on Thursday afternoon"
)


def talk(
    name: str,
    said: str,
    *,
    call: JsonObject | None = None,
    answer: str = "That is done, see you then.",
) -> Trajectory:
    messages: list[ChatMessage] = [{"role": "user", "content": said}]
    if call is not None:
        made: ToolCallMessage = {
            "id": "c",
            "type": "function",
            "function": {"name": "move", "arguments": json.dumps(call)},
        }
        messages += [
            {"role": "assistant", "content": None, "tool_calls": [made]},
            {"role": "tool", "tool_call_id": "c", "content": "{}"},
        ]
    return Trajectory(
        id=name, messages=(*messages, {"role": "assistant", "content": answer}), tools=()
    )


def test_a_twin_is_named_and_a_stranger_is_not() -> None:
    known = Duplicates()
    assert known.twin(talk("a", LONG)) is None
    assert (
        known.twin(
            talk(
                "b",
                (
                    "Which rooms are free next week, and what does the cheapest one cost with "
                    "breakfast?"
                ),
            )
        )
        is None
    )
    assert known.twin(talk("c", f"{LONG}, please")) == "a"
    assert len(known) == 2


def test_the_same_calls_in_much_the_same_words_are_twins() -> None:
    known = Duplicates()
    call = {"appointment": 4711, "slot": {"day": "2026-03-14", "time": "14:30"}}
    assert known.twin(talk("a", LONG, call=call)) is None
    again = LONG.replace("I would like to move", "Hi there, can you shift")
    assert known.twin(talk("b", again, call=call)) == "a"
    assert (
        known.twin(
            talk(
                "c", again, call={"appointment": 99, "slot": {"day": "2027-01-01", "time": "08:00"}}
            )
        )
        is None
    )


def test_repeated_tokens_count() -> None:
    call: ToolCallMessage = {
        "type": "function",
        "function": {"name": "f", "arguments": '{"a": 1}'},
    }
    message: ChatMessage = {"role": "assistant", "tool_calls": [call] * 2}
    assert len(set(call_tokens([message]))) == 4


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(
            {
                "id": "q1",
                "question": [[{"role": "user", "content": LONG}]],
                "function": [{"description": LONG}],
            }
        ),
        json.dumps(
            [
                {"id": "q1", "instruction": LONG},
                {"id": "q2", "instruction": "Something else altogether, said at some length"},
            ],
            indent=1,
        ),
        json.dumps(
            {
                "id": "q1",
                "messages": [{"role": "system", "content": "x"}, {"role": "user", "content": LONG}],
            }
        ),
        f"first line\n{LONG}\n",
    ],
)
def test_a_benchmarks_words_are_found_in_any_layout(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bench.jsonl"
    file.write_text(text, encoding="utf-8")
    found = Benchmarks([file])
    trajectory = talk("a", f"Good morning! {LONG}.")
    twin = found.twin(trajectory)
    assert twin is not None
    assert twin[0] == 0
    assert twin[1].startswith("bench.jsonl:")
    assert (
        found.twin(
            talk(
                "b",
                (
                    "Good morning! Please tell me which of my orders are still on their way to "
                    "me today."
                ),
            )
        )
        is None
    )
    verdict = with_novelty(trajectory, judge(trajectory), None, found)
    assert (verdict.status, verdict.findings[-1].code) == ("fail", "contaminated")
    assert twin[1] in verdict.findings[-1].message


def test_short_questions_must_be_equal(tmp_path: Path) -> None:
    file = tmp_path / "bench.txt"
    file.write_text("What is the weather?\n", encoding="utf-8")
    found = Benchmarks([file])
    assert found.twin(talk("a", "what is the weather")) is not None
    assert found.twin(talk("b", "What is the weather in Oslo?")) is None


def test_what_the_machinery_says_is_no_question(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    file.write_text(
        json.dumps({"messages": [{"role": "assistant", "content": LONG}], "answers": LONG}),
        encoding="utf-8",
    )
    assert list(benchmark_texts(file)) == []
    with pytest.raises(UsageError, match="cannot be read"):
        list(benchmark_texts(tmp_path / "absent"))


def test_files_are_judged_for_novelty(tmp_path: Path) -> None:
    file = tmp_path / "theirs.jsonl"
    lines = [
        talk("a", LONG),
        talk("b", LONG),
        talk("c", "Which rooms are free next week, and what does the cheapest one cost?"),
    ]
    file.write_text(
        "\n".join(json.dumps({"id": item.id, "messages": item.messages}) for item in lines),
        encoding="utf-8",
    )
    bench = tmp_path / "bench.txt"
    bench.write_text(
        "Which rooms are free next week, and what does the cheapest one cost?", encoding="utf-8"
    )
    report = judge_files([file], duplicates=True, against=[bench])
    assert report.reasons["near_duplicate"] == 1
    assert report.reasons["contaminated"] == 1
    assert [failure["id"] for failure in report.failures] == ["b", "c"]
    assert "a" in report.failures[0]["message"]
