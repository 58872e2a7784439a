"""The main job on specs that were not written for this project, and at length."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inftool import synthesize
from inftool.runs.run_folder import read_rows
from tests.conftest import SPECS


@pytest.mark.cpu_limit(120)
def test_real_specs_give_verified_trajectories(real_specs: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("openapi: 3.0.0\npaths:\n  /a:\n    get: [\n")
    summary = synthesize([real_specs, broken], out=tmp_path / "run", count=91, seed=1)
    assert (summary.attempted, summary.kept, summary.rejections) == (91, 91, {})
    assert len(summary.skipped) == 1
    assert "broken.yaml" in summary.skipped[0]
    apis = {row["blueprint"]["world"]["api"] for row in read_rows(tmp_path / "run", "kept")}
    assert len(apis) >= 10


@pytest.mark.nightly
@pytest.mark.cpu_limit(600)
def test_no_two_of_two_thousand_conversations_are_alike(tmp_path: Path) -> None:
    synthesize([SPECS], out=tmp_path / "run", count=2000, seed=1)
    talks = {
        json.dumps(
            [
                [
                    m["role"],
                    m.get("content"),
                    m.get("tool_calls") and [c["function"] for c in m["tool_calls"]],
                ]
                for m in row["messages"]
            ]
        )
        for row in read_rows(tmp_path / "run", "kept")
    }
    assert len(talks) == 2000


@pytest.mark.nightly
@pytest.mark.cpu_limit(600)
def test_a_thousand_with_mistakes(tmp_path: Path) -> None:
    summary = synthesize([SPECS], out=tmp_path / "run", count=1000, seed=7, mistakes=0.3)
    planted = [row["provenance"]["planted"] for row in read_rows(tmp_path / "run", "rejected")]
    assert all(planted)
    assert not any(row["provenance"]["planted"] for row in read_rows(tmp_path / "run", "kept"))
    assert summary.rejected == len(planted) == sum(summary.planted.values())
