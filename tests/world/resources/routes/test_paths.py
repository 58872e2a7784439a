"""Paths as steps, and the collections that they lead through."""

from __future__ import annotations

import pytest

from inftool.world.resources.routes.paths import collection_of, parameter_noun, path_segments


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("/v1/orders/{id}:cancel", "static orders, param id, verb cancel"),
        ("/api/v2/users/me/orders", "static users, self me, static orders"),
        ("/Orders({id})/Lines", "static Orders, param id, static Lines"),
        ("/chat.postMessage", "static chat, verb postMessage"),
        ("/pets/:petId", "static pets, param petId"),
        ("/distance.{format}", "static distance"),
        ("/report.json?full=1", "static report"),
        ("/range/{from}..{to}", "static range, param from, param to"),
        ("/api", "static api"),
    ],
)
def test_the_steps_of_a_path(path: str, steps: str) -> None:
    assert ", ".join(f"{step.kind} {step.text}" for step in path_segments(path)) == steps


def test_paths_to_one_collection_have_one_template() -> None:
    templates = {
        collection_of(path_segments(path), 1) for path in ("/orders/{id}", "/order/{orderId}")
    }
    assert templates == {("order",)}
    assert collection_of(path_segments("/{owner}/{repoName}"), 1) == ("{}", "~repo")


@pytest.mark.parametrize(
    ("parameter", "noun"),
    [("orderId", "order"), ("tracking_number", "tracking"), ("id", ""), ("people_ids", "person")],
)
def test_the_noun_of_a_parameter(parameter: str, noun: str) -> None:
    assert parameter_noun(parameter) == noun
