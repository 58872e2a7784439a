"""The seal over a line, and lines that an earlier version sealed."""

from __future__ import annotations

import json
from hashlib import blake2b
from typing import Any

import pytest

from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.scenarios.authoring.document import WrittenCall, WrittenTurn, write_blueprint
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearsed
from inftool.verification.integrity import seal
from inftool.verification.verdict import judge


@pytest.fixture(scope="module")
def shop(bookshop: Any) -> WorldPool:
    return WorldPool(bookshop)


@pytest.fixture(scope="module")
def line(shop: WorldPool) -> JsonObject:
    """A sealed line whose second call takes its argument from the first one's result."""
    first = {"$from": "s1", "at": "/data/0/id"}
    turn = WrittenTurn(
        want="see the catalogue and look up the first book",
        tell={"price": {"$from": "s2", "at": "/price"}},
        calls=(
            WrittenCall(tool="listBooks", lookup=True),
            WrittenCall(tool="getBook", arguments={"bookId": first}),
        ),
    )
    play = rehearsed(write_blueprint(shop, [turn]), shop)
    sealed = play.model_copy(update={"provenance": {**play.provenance, "seal": seal(play)}})
    row: JsonObject = json.loads(sealed.model_dump_json())
    return row


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def as_recorded_by_0_1_0(line: JsonObject) -> JsonObject:
    """The line with references inside the arguments, sealed as 0.1.0 did it."""
    old: JsonObject = json.loads(json.dumps(line))
    first, second = old["blueprint"]["plan"]
    assert first.pop("bindings") == {}
    assert second.pop("bindings") == {"/bookId": {"step": "s1", "pointer": "/data/0/id"}}
    second["arguments"] = {"bookId": {"$from": "s1", "at": "/data/0/id"}}

    parts = [old["id"], old["messages"], old["offered_from"], old["provenance"].get("digest")]
    read = Trajectory.model_validate(old).blueprint
    assert read is not None
    sealed = json.loads(read.model_dump_json(exclude_defaults=True, exclude={"persona"}))
    for step, recorded in zip(sealed["plan"], old["blueprint"]["plan"], strict=True):
        step.pop("bindings", None)
        step["arguments"] = recorded["arguments"]
    digest = blake2b(compact(parts), digest_size=16)
    digest.update(compact(sealed))
    old["provenance"]["seal"] = digest.hexdigest()
    return old


def test_a_line_of_the_first_version_reads_and_verifies(line: JsonObject, shop: WorldPool) -> None:
    old = as_recorded_by_0_1_0(line)
    assert old["provenance"]["seal"] == line["provenance"]["seal"]
    read = Trajectory.model_validate_json(json.dumps(old))
    assert read.blueprint is not None
    assert read == Trajectory.model_validate_json(json.dumps(line))
    assert judge(read, shop).passed


@pytest.mark.parametrize(
    ("part", "value"),
    [("arguments", {"bookId": {"$from": "s1", "at": "/data/1/id"}}), ("after", [])],
)
def test_a_line_of_the_first_version_that_was_changed_fails(
    line: JsonObject, shop: WorldPool, part: str, value: Any
) -> None:
    old = as_recorded_by_0_1_0(line)
    old["blueprint"]["plan"][1][part] = value
    verdict = judge(Trajectory.model_validate(old), shop)
    assert not verdict.passed
    assert "edited" in {finding.code for finding in verdict.findings}


def test_a_binding_that_was_changed_breaks_the_seal(line: JsonObject, shop: WorldPool) -> None:
    changed: JsonObject = json.loads(json.dumps(line))
    changed["blueprint"]["plan"][1]["bindings"]["/bookId"]["pointer"] = "/data/1/id"
    assert not judge(Trajectory.model_validate(changed), shop).passed
