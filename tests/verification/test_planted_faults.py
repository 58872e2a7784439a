"""The verifier against planted faults (a small version of `benchmarks/verifier.py`), and against
single bytes."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from inftool.core.errors import InftoolError
from inftool.core.trajectories import Trajectory
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.io.layouts import as_trajectory
from inftool.verification.verdict import judge
from tests.conftest import ROOT, SPECS
from tests.support.planting import base_lines, measure

FAULTS = ROOT / "tests" / "support" / "planted_faults"
# Some kinds need categories that a small run holds little of.
RARE = {"detail_said_wrong", "success_claimed", "user_leaves_early", "outside_the_enumeration"}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], WorldPool]:
    return base_lines(
        tmp_path_factory.mktemp("base"), 96, 5, [SPECS / "bookshop.yaml", SPECS / "clinic.yaml"]
    )


def test_the_faults_share_nothing_with_the_gates() -> None:
    text = "".join(file.read_text("utf-8") for file in FAULTS.glob("*.py"))
    assert "def called_twice" in text
    assert "inftool.verification" not in text
    assert "inftool.agents" not in text
    assert "mistakes" not in text


@pytest.mark.cpu_limit(90)
def test_planted_faults_are_found_and_blamed_and_nothing_else_is(
    base: tuple[list[dict[str, Any]], WorldPool],
) -> None:
    lines, stage = base
    result = measure(lines, stage, 400, 3)
    assert {kind for kind, tally in result["by kind"].items() if not tally["planted"]} <= RARE
    assert result["missed"] == []
    assert result["misjudged"] == []
    assert (result["recall"], result["precision"], result["blame"]) == (1.0, 1.0, 1.0)
    assert result["kinds"] >= 25


@pytest.mark.cpu_limit(180)
def test_one_byte_is_found_out(base: tuple[list[dict[str, Any]], WorldPool]) -> None:
    """Any printable byte of a message, a call, a result or a digest, changed into another one."""
    lines, stage = base
    rng = random.Random(8)
    tried = 0
    for line in rng.sample(lines, 24):
        assert judge(Trajectory.model_validate({**line, "verdict": None}), stage).passed
        for part in ("messages", "digest", "world", "plan"):
            for _ in range(5):
                changed = edited(line, part, rng)
                if changed is None:
                    continue
                tried += 1
                try:
                    verdict = judge(as_trajectory({**changed, "verdict": None}, "x"), stage)
                except InftoolError:
                    continue
                assert verdict.status == "fail", (line["id"], part)
    assert tried > 200


def edited(line: dict[str, Any], part: str, rng: random.Random) -> dict[str, Any] | None:
    """The line with one byte of one part changed; None if that leaves no JSON, or the same."""
    holder: dict[str, Any] = {
        "messages": {"messages": line["messages"]},
        "digest": {"provenance": line["provenance"] | {"usage": {}, "cards": {}}},
        "world": {"world": line["blueprint"]["world"]},
        "plan": {"plan": line["blueprint"]["plan"]},
    }[part]
    text = json.dumps(
        line["provenance"]["digest"] if part == "digest" else holder, ensure_ascii=False
    )
    place = rng.randrange(len(text))
    text = (
        text[:place]
        + chr(rng.choice([code for code in range(33, 127) if chr(code) != text[place]]))
        + text[place + 1 :]
    )
    try:
        value = json.loads(text)
    except ValueError:
        return None
    if part == "digest":
        return {**line, "provenance": {**line["provenance"], "digest": value}}
    if value == holder:
        return None
    if part == "messages":
        return {**line, **value} if "messages" in value else None
    return {**line, "blueprint": {**line["blueprint"], **value}}


def test_a_lost_seal_is_no_pass_for_a_changed_word(
    base: tuple[list[dict[str, Any]], WorldPool], tmp_path: Path
) -> None:
    """Replay finds what means something without the seal; the seal finds the rest."""
    lines, stage = base
    line = next(line for line in lines if line["blueprint"]["turns"][-1]["steps"])
    text = line["messages"][-1]["content"]
    changed = {
        **line,
        "messages": [*line["messages"][:-1], {**line["messages"][-1], "content": f"Well. {text}"}],
        "verdict": None,
    }
    verdict = judge(Trajectory.model_validate(changed), stage)
    assert [(finding.code, finding.blame) for finding in verdict.findings] == [("edited", "server")]
    unsealed = {
        **changed,
        "provenance": {key: value for key, value in line["provenance"].items() if key != "seal"},
    }
    assert judge(Trajectory.model_validate(unsealed), stage).passed
