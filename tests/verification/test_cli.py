"""`inftool verify` with all it can be asked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inftool import synthesize
from inftool.cli import app
from tests.conftest import SPECS

pytest.importorskip("rensa")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "run"
    synthesize([SPECS / "bookshop.yaml"], out=folder, count=24, seed=6)
    return folder


def test_mutants_are_counted(run: Path) -> None:
    result = CliRunner().invoke(app, ["verify", str(run), "--mutate", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert (report["passed"], report["failed"], report["masked"]) == (24, 0, 0)
    table = report["mutation"]
    assert (table["blueprints"], table["gold"], table["weak"]) == (24, 24, {})
    assert table["mean"] >= 0.99
    assert table["lowest"] >= 0.95
    assert table["killed"] == table["made"]
    shown = CliRunner().invoke(app, ["verify", str(run), "--mutate"])
    assert "mean kill score" in shown.stdout


def test_twins_and_benchmarks_are_named(run: Path, tmp_path: Path) -> None:
    line = next((run / "kept").glob("*.jsonl")).read_text("utf-8").splitlines()[0]
    twice = tmp_path / "twice.jsonl"
    twice.write_text(f"{line}\n{line.replace(json.loads(line)['id'], 'again')}\n", encoding="utf-8")
    result = CliRunner().invoke(
        app,
        ["verify", str(twice), "--specs", str(SPECS / "bookshop.yaml"), "--duplicates", "--json"],
    )
    assert result.exit_code == 1
    assert json.loads(result.stdout)["failed"] == 1
    said = next(
        message["content"] for message in json.loads(line)["messages"] if message["role"] == "user"
    )
    bench = tmp_path / "bench.jsonl"
    bench.write_text(json.dumps({"id": "q7", "question": said}), encoding="utf-8")
    result = CliRunner().invoke(app, ["verify", str(run), "--against", str(bench), "--json"])
    report = json.loads(result.stdout)
    assert report["reasons"]["contaminated"] == 1
    assert "bench.jsonl:q7" in report["failures"][0]["message"]


def test_a_judge_without_an_endpoint_abstains_and_is_told_so(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    result = CliRunner().invoke(app, ["verify", str(run), "--judge-model", "tiny", "--json"])
    assert result.exit_code != 0
    assert "OPENAI_API_KEY is not set" in str(result.exception)
