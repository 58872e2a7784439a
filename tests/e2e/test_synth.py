"""The main job, end to end: specs in, verified trajectories out."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from inftool import synthesize
from inftool.agents.scripted.mistakes import MISTAKES
from inftool.core.blueprints import CATEGORIES
from inftool.core.errors import StoreError, UsageError
from inftool.core.trajectories import Trajectory
from inftool.runs.run_folder import read_rows
from inftool.synthesis.run_totals import Summary
from inftool.verification.io.judge_files import judge_files
from tests.conftest import ROOT, SPECS
from tests.support.processes import started, wait_until

SOME = [SPECS / "bookshop.yaml", SPECS / "clinic.yaml", SPECS / "parcels.json"]


def rows(folder: Path) -> Iterator[dict[str, Any]]:
    for pile in ("kept", "rejected"):
        for row in read_rows(folder, pile):
            yield {**row, "pile": pile}


def lines(folder: Path, pile: str = "kept") -> list[bytes]:
    return sorted(
        line
        for shard in (folder / pile).glob("*.jsonl")
        for line in shard.read_bytes().splitlines()
    )


def size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """A run without mistakes over all sample specs."""
    return synthesize([SPECS], out=tmp_path_factory.mktemp("clean") / "run", count=210, seed=3)


def test_without_mistakes_everything_is_kept(clean: Summary) -> None:
    assert (clean.attempted, clean.kept, clean.rejected, clean.state) == (210, 210, 0, "complete")
    assert set(clean.categories) == set(CATEGORIES)
    assert all(counts["attempted"] in (13, 14) for counts in clean.categories.values())
    assert clean.cast == {"user": "scripted", "assistant": "scripted"}
    assert clean.usage["assistant"]["prompt_tokens"] == 0
    assert clean.usage["assistant"]["calls"] > 210


def test_a_kept_line_has_all_that_its_readers_need(clean: Summary) -> None:
    for row in read_rows(Path(clean.run), "kept"):
        assert {"id", "messages", "tools", "blueprint", "verdict", "provenance"} <= row.keys()
        trajectory = Trajectory.model_validate(row)
        assert trajectory.verdict is not None
        assert trajectory.verdict.passed
        assert trajectory.messages[0]["role"] == "system"
        assert trajectory.messages[-1]["role"] == "assistant"
        assert row["provenance"]["cast"] == {"user": "scripted", "assistant": "scripted"}
        assert row["provenance"]["spec"]["sha256"]
        for tool in row["tools"]:
            assert tool["type"] == "function"
            assert tool["function"]["parameters"]["additionalProperties"] is False


def test_categories_look_like_what_they_are_called(clean: Summary) -> None:
    for row in read_rows(Path(clean.run), "kept"):
        calls = [message["tool_calls"] for message in row["messages"] if message.get("tool_calls")]
        users = sum(message["role"] == "user" for message in row["messages"])
        match row["blueprint"]["category"]:
            case "simple":
                assert (len(calls), len(calls[0]), len(row["tools"]), users) == (1, 1, 1, 1)
            case "multiple":
                assert (len(calls), len(calls[0]), users) == (1, 1, 1)
                assert len(row["tools"]) > 1
            case "parallel":
                assert len(calls) == 1
                assert len(calls[0]) > 1
            case "multi_step":
                assert len(calls) > 1
                assert users == 1
            case "multi_turn_base":
                assert users > 1
                assert len(calls) > 1
            case "multi_turn_miss_param":
                assert row["messages"][2]["role"] == "assistant"
                assert not row["messages"][2].get("tool_calls")
                assert "?" in row["messages"][2]["content"]
            case "irrelevance":
                assert not calls


def test_users_are_people(clean: Summary) -> None:
    openings: Counter[str] = Counter()
    for row in read_rows(Path(clean.run), "kept"):
        said = " ".join(
            message["content"] for message in row["messages"] if message["role"] == "user"
        )
        openings[row["messages"][1]["content"]] += 1
        for tool in row["tools"]:
            name = tool["function"]["name"]
            assert name not in said
            for parameter in tool["function"]["parameters"].get("properties", {}):
                assert (
                    parameter.isalpha() and parameter.islower()
                ) or parameter not in said.split(), (parameter, said)
    assert max(openings.values()) == 1


def test_what_was_kept_is_judged_alike_again(clean: Summary) -> None:
    report = judge_files([Path(clean.run)])
    assert (report.trajectories, report.passed, report.failed) == (210, 210, 0)


def test_planted_mistakes_and_nothing_else_are_rejected(tmp_path: Path) -> None:
    summary = synthesize([SPECS], out=tmp_path / "run", count=420, seed=7, mistakes=0.6)
    planted: Counter[str] = Counter()
    for row in rows(tmp_path / "run"):
        mistake = row["provenance"]["planted"]
        assert (row["pile"] == "rejected") == (mistake is not None), (row["id"], mistake)
        if mistake:
            planted[mistake["kind"]] += 1
            assert any(finding for gate in row["verdict"]["gates"] for finding in gate["findings"])
    assert set(planted) == set(MISTAKES)
    assert dict(planted) == summary.planted
    assert summary.rejected == planted.total()
    assert 0.5 < summary.rejected / summary.attempted < 0.7


def test_the_same_seed_gives_the_same_lines(tmp_path: Path) -> None:
    made: dict[str, list[bytes]] = {}
    for name, seed, concurrency, hashing in (("a", 5, 1, "1"), ("b", 5, 23, "2"), ("c", 6, 8, "1")):
        command = [
            sys.executable,
            "-m",
            "inftool",
            "synth",
            *map(str, SOME),
            "-n",
            "60",
            "--seed",
            str(seed),
            "-o",
            str(tmp_path / name),
        ]
        command += ["--concurrency", str(concurrency), "--mistakes", "0.2", "--json"]
        subprocess.run(
            command,
            check=True,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hashing},
        )
        made[name] = lines(tmp_path / name) + lines(tmp_path / name, "rejected")
    assert made["a"] == made["b"]
    assert not set(made["a"]) & set(made["c"])


def test_a_run_that_was_killed_is_finished_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = synthesize(SOME, out=tmp_path / "whole", count=150, seed=4, mistakes=0.1)
    command = [
        sys.executable,
        "-m",
        "inftool",
        "synth",
        *map(str, SOME),
        "-n",
        "150",
        "--seed",
        "4",
        "--mistakes",
        "0.1",
        "-o",
        str(tmp_path / "cut"),
    ]
    shard = tmp_path / "cut" / "kept" / "00000.jsonl"
    with started(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until(lambda: size(shard) >= 100_000, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    with shard.open("ab") as file:
        file.write(b'{"id": "torn')
    before = len(lines(tmp_path / "cut"))
    summary = synthesize(out=tmp_path / "cut", resume=True)
    assert 0 < before <= summary.kept
    assert summary.state == "complete"
    assert lines(tmp_path / "cut") == lines(tmp_path / "whole")
    assert lines(tmp_path / "cut", "rejected") == lines(tmp_path / "whole", "rejected")
    assert (summary.kept, summary.rejections, summary.planted, summary.usage) == (
        whole.kept,
        whole.rejections,
        whole.planted,
        whole.usage,
    )


def test_ctrl_c_keeps_what_is_in_flight_and_says_how_to_go_on(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "inftool",
        "synth",
        *map(str, SOME),
        "-n",
        "100000",
        "-o",
        str(tmp_path / "run"),
    ]
    shard = tmp_path / "run" / "kept" / "00000.jsonl"
    with started(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        wait_until(lambda: size(shard) >= 10_000, process)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate()
    assert process.returncode == 1
    assert "--resume" in output
    manifest = json.loads((tmp_path / "run" / "run.json").read_text())
    assert manifest["state"] == "stopped"
    assert manifest["summary"]["attempted"] == len(lines(tmp_path / "run"))


def test_a_resumed_run_must_be_the_same_run(tmp_path: Path) -> None:
    spec = tmp_path / "shop.yaml"
    spec.write_bytes((SPECS / "bookshop.yaml").read_bytes())
    synthesize([spec], out=tmp_path / "run", count=12)
    kept = lines(tmp_path / "run")
    with pytest.raises(UsageError, match="begun with seed"):
        synthesize(out=tmp_path / "run", resume=True, seed=9)
    with pytest.raises(UsageError, match="judge keeps its temperature"):
        synthesize(out=tmp_path / "run", resume=True, roles={"judge": {"temperature": 0.5}})
    assert (
        synthesize(
            out=tmp_path / "run",
            resume=True,
            roles={"judge": {"base_url": "http://127.0.0.1:1/v1", "timeout": 5}},
        ).kept
        == 12
    )
    spec.write_text(spec.read_text().replace("Place an order", "Order something"))
    with pytest.raises(StoreError, match="specs have changed"):
        synthesize(out=tmp_path / "run", resume=True)
    assert lines(tmp_path / "run") == kept


async def test_it_works_where_a_loop_already_runs(tmp_path: Path) -> None:
    assert synthesize([SPECS / "bookshop.yaml"], out=tmp_path / "run", count=7).kept == 7
