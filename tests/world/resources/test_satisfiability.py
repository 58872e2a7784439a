"""Answers that no value can meet are found before a call."""

from __future__ import annotations

from inftool.world.random_calls import answer_is_valid
from inftool.world.report import describe, render_world
from inftool.world.world import World
from tests.support.apis import (
    TEXT,
    api,
    op,
    thing,
)


def test_an_answer_that_nothing_can_meet_is_found_before_it_is_given() -> None:
    twice = thing("id", id=TEXT)
    made = api(
        {
            "/a": {"get": op("eitherOf", {"oneOf": [twice, {**twice, "description": "the same"}]})},
            "/b": {"get": op("neither", {**thing("b", a=TEXT), "additionalProperties": False})},
            "/c": {"get": op("plain", twice)},
        }
    )
    world = World.seed(made, 0)
    assert {name: role.response.contract for name, role in world.resources.roles.items()} == {
        "eitherOf": "loosened",
        "neither": "dropped",
        "plain": "declared",
    }
    assert world.tool("neither").output_schema is None
    for tool in world.api.tools:
        assert answer_is_valid(tool, world.call(tool.name, {}))
    assert "was loosened" in render_world(
        {"worlds": [{**describe(made), "file": "x", "rules": None}]}
    )
