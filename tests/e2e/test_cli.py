"""The command line as a user meets it: help, JSON, exit codes, and errors that say what to do."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from inftool import cli
from tests.conftest import ROOT, SPECS


class Outcome(NamedTuple):
    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def inftool(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the real entry point in this process."""

    def run(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["inftool", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        captured = capsys.readouterr()
        return Outcome(int(stopped.value.code or 0), captured.out, captured.err)

    return run


BOOKS = SPECS / "bookshop.yaml"


@pytest.mark.parametrize(
    "verb",
    [verb.name or getattr(verb.callback, "__name__", "") for verb in cli.app.registered_commands],
)
def test_every_verb_has_an_example(inftool: Run, verb: str) -> None:
    code, out, _ = inftool(verb, "--help")
    assert code == 0
    assert f"inftool {verb}" in out
    assert "Example:" in out
    assert verb == "serve" or "--json" in out


def test_help_is_quick() -> None:
    """No dependency but the command line's own is imported for --help."""
    script = """
import sys
sys.argv = ['inftool', '--help']
from inftool.cli import main
try: main()
except SystemExit: pass
print(sorted(m for m in sys.modules if '.' not in m), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    for heavy in (
        "pydantic",
        "fastmcp",
        "autogen_core",
        "openai",
        "aiohttp",
        "yaml",
        "faker",
        "mcp",
        "jsonschema_rs",
    ):
        assert f"'{heavy}'" not in done.stderr


def test_doctor_speaks_json(inftool: Run) -> None:
    code, out, err = inftool("doctor", SPECS, "--json")
    document = json.loads(out)
    assert code == 0
    assert len(document["specs"]) == 8
    assert document["totals"]["operations"] == document["totals"]["tools"] == 166
    for spec in document["specs"]:
        assert {
            "file",
            "title",
            "version",
            "operations",
            "tools",
            "seconds",
            "losses",
        } <= spec.keys()
    assert err == ""


def test_synth_speaks_json(inftool: Run, tmp_path: Path) -> None:
    code, out, _ = inftool("synth", BOOKS, "-n", 14, "-o", tmp_path / "run", "--json")
    document = json.loads(out)
    assert code == 0
    assert {
        "run",
        "attempted",
        "kept",
        "rejected",
        "seconds",
        "rejections",
        "categories",
        "usage",
    } <= document.keys()
    assert (document["attempted"], document["kept"]) == (14, 14)
    code, out, _ = inftool("verify", tmp_path / "run", "--json")
    assert code == 0
    expected = {
        "trajectories": 14,
        "passed": 14,
        "failed": 0,
        "abstained": 0,
        "reasons": {},
        "failures": [],
    }
    assert expected.items() <= json.loads(out).items()


def test_synth_closes_with_a_table_and_the_next_command(inftool: Run, tmp_path: Path) -> None:
    code, out, _ = inftool("synth", BOOKS, "-n", 21, "--mistakes", 0.5, "-o", tmp_path / "run")
    assert code == 0
    for words in (
        "category",
        "attempted",
        "kept",
        "yield",
        "multi_turn_miss_param",
        "rejected because",
        "tokens",
        "scripted",
        f"inftool verify {tmp_path / 'run'}",
    ):
        assert words in out


def test_verify_shows_where_it_went_wrong(inftool: Run, tmp_path: Path) -> None:
    inftool("synth", BOOKS, "-n", 7, "-o", tmp_path / "run")
    shard = tmp_path / "run" / "kept" / "00000.jsonl"
    lines = shard.read_text().splitlines()
    lines.sort(key=lambda line: '"role":"tool"' not in line)
    edited = json.loads(lines[0])
    tool = next(message for message in edited["messages"] if message["role"] == "tool")
    tool["content"] = tool["content"].replace(":", ": ", 1).replace('"', '"x', 1)
    lines[0] = json.dumps(edited)
    shard.write_text("\n".join(lines) + "\n")
    code, out, _ = inftool("verify", tmp_path / "run")
    assert code == 1
    assert "result_differs" in out or "ungrounded_argument" in out
    assert f"{shard}:1" in out.replace("\n", "")


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda folder: ["synth", folder / "nowhere", "-o", folder / "run"], 1, "nowhere"),
        (lambda folder: ["synth", folder / "empty", "-o", folder / "run"], 1, "empty"),
        (lambda folder: ["synth", folder / "letter.yaml", "-o", folder / "run"], 1, "letter.yaml"),
        (
            lambda folder: ["synth", folder / "bare.yaml", "-o", folder / "run"],
            1,
            "no usable operation",
        ),
        (
            lambda folder: ["synth", folder / "broken.json", "-o", folder / "run"],
            1,
            "no usable operation",
        ),
        (lambda folder: ["synth", BOOKS, "-o", folder / "taken"], 2, "not empty"),
        (lambda folder: ["synth", BOOKS, "-o", folder / "letter.yaml" / "run"], 1, "cannot write"),
        (lambda folder: ["synth", "--resume", "-o", folder / "empty"], 1, "no run"),
        (lambda folder: ["synth", "--resume"], 2, "-o"),
        (lambda folder: ["synth", BOOKS, "-c", "poetry", "-o", folder / "run"], 2, "poetry"),
        (lambda folder: ["synth", BOOKS, "-n", "0"], 2, "-n"),
        (lambda folder: ["synth", BOOKS, "--mistakes", "2"], 2, "mistakes"),
        (lambda folder: ["verify", folder / "nothing.jsonl"], 2, "nothing.jsonl"),
        (lambda folder: ["verify", folder / "empty"], 2, "no .jsonl"),
        (lambda folder: ["doctor", folder / "nowhere"], 1, "nowhere"),
        (lambda folder: ["doctor", BOOKS, "--strict", "harsh"], 2, "level"),
        (lambda folder: ["nonsense"], 2, "nonsense"),
    ],
)
def test_bad_input_gets_a_clear_error(
    inftool: Run, tmp_path: Path, make: Callable[[Path], list[str | Path]], code: int, said: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("years of work")
    (tmp_path / "letter.yaml").write_text("dear: Ana\nregards: Ben\n")
    (tmp_path / "bare.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: Bare, version: '1'}\npaths: {}\n"
    )
    (tmp_path / "broken.json").write_text('{"openapi": "3.0.0", "paths": {')
    got = inftool(*make(tmp_path))
    assert got.code == code, got
    assert said in got.err.replace("\n", " "), got.err
    assert "Traceback" not in got.err
    assert got.out == "" or code == 1
    assert (tmp_path / "taken" / "thesis.txt").read_text() == "years of work"
    assert not (tmp_path / "run").exists()


def test_one_unreadable_spec_does_not_stop_the_rest(inftool: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(BOOKS.read_bytes())
    (tmp_path / "broken.json").write_text('{"openapi": "3.0.0", "paths": {')
    code, out, err = inftool("synth", tmp_path, "-n", 7, "-o", tmp_path / "out" / "run", "--json")
    assert code == 0
    assert json.loads(out)["kept"] == 7
    assert "broken.json" in err


def test_an_unwritable_folder(inftool: Run, tmp_path: Path) -> None:
    # Root may write anywhere, so the kernel's own read-only tree stands in.
    code, _, err = inftool("synth", BOOKS, "-n", 7, "-o", "/proc/inftool-run")
    assert code == 1
    assert "cannot write to /proc/inftool-run" in err.replace("\n", "")


def test_the_module_runs_too() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "inftool", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    assert done.stdout.startswith("inftool ")
