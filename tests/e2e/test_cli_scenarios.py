"""`inftool tree`, `coverage` and `play`, as a user runs them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.conftest import ROOT, SPECS


def inftool(*arguments: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "inftool", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    return done.returncode, done.stdout, done.stderr


def document(*arguments: str) -> Any:
    code, out, err = inftool(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def test_tree_prints_and_saves(tmp_path: Path) -> None:
    found = document("tree", str(SPECS / "bookshop.yaml"), "-o", str(tmp_path / "tree.json"))
    assert found["tools"] == found["left"] + sum(
        len(merge["members"]) - 1 for item in found["rounds"] for merge in item["merges"]
    )
    assert json.loads((tmp_path / "tree.json").read_text("utf-8"))["domains"]
    assert inftool("tree", str(SPECS / "bookshop.yaml"), "--embedding", "nonsense")[0] == 2


def test_coverage_of_a_run_and_of_a_spec(tmp_path: Path) -> None:
    run = tmp_path / "run"
    weights = tmp_path / "gaps.json"
    weights.write_text('{"categories": {"policy": 2, "simple": 0}}', encoding="utf-8")
    made = document(
        "synth", str(SPECS / "bookshop.yaml"), "-n", "30", "-o", str(run), "--weights", str(weights)
    )
    assert "simple" not in made["categories"]
    assert made["categories"]["policy"]["attempted"] >= 3
    found = document("coverage", str(run))
    assert found["blueprints"] == made["kept"]
    assert found["kinds"]["tool"]["share"] > 0.3
    possible = document("coverage", str(SPECS / "bookshop.yaml"))
    assert (
        sum(why == "yes" for categories in possible.values() for why in categories.values()) >= 12
    )
    weights.write_text("[]", encoding="utf-8")
    assert (
        inftool(
            "synth",
            str(SPECS / "bookshop.yaml"),
            "-n",
            "3",
            "-o",
            str(tmp_path / "b"),
            "--weights",
            str(weights),
        )[0]
        == 2
    )


def test_play_one_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        (
            "turns:\n  - want: see our authors\n    tell: {name: {$from: s1, at: "
            "/data/0/name}}\n    "
            "calls: [{tool: listAuthors}]\n"
        ),
        encoding="utf-8",
    )
    assert (
        document("play", str(mine), "-s", str(SPECS / "bookshop.yaml"))["verdict"]["status"]
        == "pass"
    )
    mine.write_text(mine.read_text("utf-8").replace("listAuthors", "burnAuthors"), encoding="utf-8")
    code, _, err = inftool("play", str(mine), "-s", str(SPECS / "bookshop.yaml"))
    assert code == 1
    assert "mine.yaml:4:" in err
