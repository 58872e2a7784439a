"""Requests are composed with lookups, and say why a refusal was made."""

from __future__ import annotations

import random

import pytest

from inftool.core.tools import Result
from inftool.scenarios.composition.composer import compose, refusal_reason
from inftool.scenarios.composition.options import ComposeOptions, ReuseOptions
from inftool.scenarios.composition.scene import Scene
from inftool.scenarios.composition.unplayable import Unplayable, UnplayableReason
from inftool.scenarios.world_pool import WorldPool


def scene_of(stage: WorldPool, tool: str, seed: int = 2) -> Scene:
    api = stage.tools[tool].api
    return Scene(stage, api, stage.world(api, seed), random.Random(seed))


def test_nothing_can_be_reused_before_anything_was_shown(stage: WorldPool) -> None:
    scene = scene_of(stage, "getBook")
    with pytest.raises(Unplayable) as failure:
        compose(scene, stage.tools["getBook"], ComposeOptions(reuse=ReuseOptions()))
    assert failure.value.reason is UnplayableReason.NOTHING_SHOWN


def test_a_request_that_fails_leaves_its_scene_as_it_was(stage: WorldPool) -> None:
    scene = scene_of(stage, "getBook")
    digest = scene.world.digest()
    with pytest.raises(Unplayable):
        compose(scene, stage.tools["getBook"], ComposeOptions(outcome="refused"))
    assert (scene.count, scene.results, scene.steps_taken) == (0, {}, [])
    assert scene.world.digest() == digest


def test_what_was_composed_moves_the_scene_on(stage: WorldPool) -> None:
    scene = scene_of(stage, "listBooks")
    wish = compose(scene, stage.tools["listBooks"])
    assert scene.steps_taken == wish.steps
    assert set(scene.results) == {step.id for step in wish.steps}
    assert scene.used_tools == {"listBooks"}
    assert scene.texts


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"message": "the order is paid"}, "the order is paid"),
        ({"error": {"code": "conflict", "detail": "already checked in"}}, "already checked in"),
        ({"message": "conflict"}, "the service refused it with 409"),
        (None, "the service refused it with 409"),
    ],
)
def test_a_refusal_is_told_in_its_own_words(body: object, reason: str) -> None:
    assert refusal_reason(Result(status=409, body=body)) == reason


def test_what_lies_under_another_is_found_through_it(stage: WorldPool) -> None:
    tool = stage.tools["devices_sendCommand"]
    wish = compose(scene_of(stage, tool.name), tool, ComposeOptions(lookup="direct"))
    assert [step.tool for step in wish.steps] == [
        "homes_list",
        "devices_list",
        "devices_sendCommand",
    ]
    assert [reference.pointer for reference in wish.references] == ["/homeId", "/deviceId"]
    assert any("belongs to" in detail.phrase for detail in wish.details)
