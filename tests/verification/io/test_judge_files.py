"""Files as people have them: odd variants of the known layouts, arrays with broken entries, lines
without end."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inftool import verify
from inftool.core.types import JsonObject
from inftool.verification.io import reading
from inftool.verification.io.judge_files import judge_files
from inftool.verification.io.layouts import as_trajectory
from tests.verification.io.test_layouts import (
    ASK,
    BAD,
    FUNCTION,
    GOOD,
    bfcl,
    call,
    hermes,
    openai,
    sharegpt,
    toucan,
    xlam,
)

TOOL = {"type": "function", "function": FUNCTION}
TAGGED = (
    "Signatures stand within <tools></tools> tags, calls go into "
    f"<tool_call></tool_call>.\n<tools>\n{json.dumps([TOOL])}\n</tools>"
)


def plain(arguments: Any) -> JsonObject:
    return {
        **openai(arguments),
        "messages": [{"role": "user", "content": ASK}, *openai(arguments)["messages"][1:]],
    }


def made_of(make: Callable[[Any], JsonObject], *path: Any, to: Any) -> JsonObject:
    """A row with another value at a path; `...` as the value takes it out."""
    row = copy.deepcopy(make(GOOD))
    node: Any = row
    for key in path[:-1]:
        node = node[key]
    if to is ...:
        del node[path[-1]]
    else:
        node[path[-1]] = to
    return row


def without_ids() -> JsonObject:
    row = made_of(plain, "messages", 1, "tool_calls", 0, "id", to=...)
    row["messages"][2] = {"role": "tool", "name": "get_weather", "content": "{}"}
    return row


def former_function_call() -> JsonObject:
    row = made_of(
        plain,
        "messages",
        1,
        to={"role": "assistant", "content": None, "function_call": call(json.dumps(BAD))},
    )
    row["messages"][2] = {"role": "function", "name": "get_weather", "content": "{}"}
    return row


def two_in_a_turn() -> JsonObject:
    row = hermes(GOOD)
    one, other = (
        f"<tool_call>{json.dumps(call(given))}</tool_call>" for given in (GOOD, {"city": "Rome"})
    )
    row["conversations"][1]["value"] = "The weather in Oslo and in Rome?"
    row["conversations"][2]["value"] = f"Let me see.\n{one}\n{other}"
    row["conversations"][3]["value"] = (
        "<tool_response>{}</tool_response>\n<tool_response>{}</tool_response>"
    )
    return row


ARGUMENTS = ("messages", 1, "tool_calls", 0, "function", "arguments")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (made_of(hermes, "conversations", 0, "value", to=TAGGED), None),
        (made_of(hermes, "conversations", 0, "value", to=f"<tools>{[TOOL]}</tools>"), None),
        (
            made_of(hermes, "conversations", 2, "value", to=f"<tool_call>{call(GOOD)}</tool_call>"),
            "malformed_call",
        ),
        (
            made_of(hermes, "conversations", 2, "value", to=f"<tool_call>{json.dumps(call(GOOD))}"),
            "unmatched_result",
        ),
        (two_in_a_turn(), None),
        (made_of(sharegpt, "conversations", 1, "value", to=str(call(GOOD))), "malformed_call"),
        (
            made_of(sharegpt, "conversations", 1, "value", to=json.dumps(call(GOOD))[:-4]),
            "malformed_call",
        ),
        (made_of(sharegpt, "conversations", 3, "from", to="chatgpt"), None),
        (made_of(xlam, "answers", to=str([call(GOOD)])), "malformed_call"),
        (made_of(xlam, "answers", to=[call(GOOD)]), None),
        (made_of(xlam, "answers", to="[]"), None),
        (made_of(plain, "tools", to=json.dumps([TOOL])), None),
        (made_of(plain, *ARGUMENTS, to=json.dumps(json.dumps(GOOD))), "malformed_call"),
        (made_of(plain, *ARGUMENTS, to=str(GOOD)), "malformed_call"),
        (made_of(plain, *ARGUMENTS, to=""), "malformed_call"),
        (made_of(plain, *ARGUMENTS, to=GOOD), None),
        (made_of(plain, "messages", 2, "content", to={"sky": "rain"}), "malformed_message"),
        (made_of(plain, "messages", 3, "tool_calls", to=None), None),
        (former_function_call(), "wrong_type"),
        (made_of(plain, "tools", to=...), "unknown_tool"),
        (without_ids(), None),
        (made_of(toucan, "messages", to=json.loads(toucan(GOOD)["messages"])), None),
        (made_of(bfcl, "result", to=[{"weather.get": str(GOOD)}]), "malformed_call"),
        (made_of(bfcl, "result", to="[weather.get(city='Oslo'"), "malformed_call"),
        (made_of(bfcl, "result", to="Error during inference: timeout"), None),
        (made_of(bfcl, "result", to=[["[weather.get(city='Oslo')]", "It will rain."]]), None),
        (made_of(bfcl, "result", to=[["weather.get(city=7)"]]), "wrong_type"),
        (
            {
                **made_of(bfcl, "result", to=...),
                "ground_truth": [{"weather.get": {"city": ["Oslo", "Oslo, NO"], "days": ["", 1]}}],
            },
            None,
        ),
    ],
)
def test_odd_variants_are_read_and_judged_strictly(row: JsonObject, expected: str | None) -> None:
    verdict = verify(row)
    failed = [
        finding.code for gate in verdict.gates if gate.status == "fail" for finding in gate.findings
    ]
    assert failed[:1] == ([expected] if expected else []), verdict.findings


def test_turns_of_a_bfcl_result_stand_where_they_belong() -> None:
    row = bfcl(GOOD)
    row["question"] = [
        [{"role": "user", "content": ASK}],
        [{"role": "user", "content": "And in Rome?"}],
    ]
    row["result"] = [
        [[{"weather.get": '{"city": "Oslo"}'}], "Rain."],
        [[{"weather.get": '{"city": "Rome"}'}], "Sun."],
    ]
    assert [message["role"] for message in as_trajectory(row, "x").messages] == [
        "user",
        "assistant",
        "assistant",
    ] * 2
    # Said too early: Rome is only spoken of in the second turn.
    row["result"] = [[[{"weather.get": '{"city": "Rome"}'}], "Sun."], []]
    assert [finding.code for finding in verify(row).findings] == ["ungrounded_argument"]
    # What the first call answered nobody knows; the second may have its city from there.
    row["result"] = [
        [[{"weather.get": '{"city": "Oslo"}'}], [{"weather.get": '{"city": "Rome"}'}]],
        [],
    ]
    assert [(gate.gate, gate.status) for gate in verify(row).gates][3] == ("grounding", "abstain")


def test_an_array_is_read_entry_by_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_CHUNK", 64)
    good = json.dumps(plain(GOOD))
    twice = good.replace('"messages"', '"id": "a", "id": "b", "messages"')
    file = tmp_path / "array.json"
    file.write_text(
        (
            f"[\n {good},\n {good.replace('null', 'NaN')},\n 7,\n {twice},\n "
            f"{json.dumps(xlam(BAD), indent=2)}\n]\n"
        ),
        encoding="utf-8",
    )
    seen: list[tuple[int, str]] = []
    judge_files(
        [file],
        on_line=lambda judged: seen.append(
            (judged.line, judged.verdict.status if judged.verdict else judged.problem or "")
        ),
    )
    assert seen == [
        (1, "abstain"),
        (2, "NaN is not JSON"),
        (3, "not a JSON object"),
        (4, "a name stands twice in one object"),
        (5, "fail"),
    ]
    file.write_text(f"[{good}, {good[:-9]}", encoding="utf-8")
    seen.clear()
    judge_files(
        [file],
        on_line=lambda judged: seen.append(
            (judged.line, judged.verdict.status if judged.verdict else "lost")
        ),
    )
    assert seen == [(1, "abstain"), (2, "lost")]


def test_a_name_that_stands_twice_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "twice.jsonl"
    file.write_text(
        '{"messages": [], "messages": []}\n' + json.dumps(plain(GOOD)), encoding="utf-8"
    )
    report = judge_files([file])
    assert report.reasons["unreadable_line"] == 1
    assert report.abstained == 1


GIGABYTE = 1 << 30
MEASURED = """
import resource, sys
from pathlib import Path
from inftool.verification.io.judge_files import judge_files
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
seen = []
judge_files([Path(sys.argv[1])], on_line=lambda judged: seen.append((judged.line, judged.problem)))
print(seen, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.cpu_limit(180)
def test_a_line_of_a_gigabyte_takes_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "long.jsonl"
    with file.open("wb") as handle:
        # A sparse file: a gigabyte of zeros that nobody has to write.
        handle.write(b'{"messages": "')
        handle.seek(GIGABYTE)
        handle.write(b'\n{"text": "the next line"}\n')
    found = subprocess.run(
        [sys.executable, "-c", MEASURED, str(file)], capture_output=True, text=True, check=True
    )
    seen, mebibytes = found.stdout.rsplit(" ", 1)
    assert "(1, 'longer than 64 MiB')" in seen
    assert "(2, " in seen
    assert int(mebibytes) < 300
