"""Evaluation and gaps, without a model: policies whose skill is known are measured as such, and the
weights go where they fail."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

import pytest

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearsed
from inftool.training.datasets import draw_blueprints
from inftool.training.environment import Environment
from inftool.training.evaluation.evaluation import evaluate
from inftool.training.loop.gaps import GapSettings, find_gaps, mixture
from inftool.training.svg_charts import html_page, line_chart


@pytest.fixture(scope="module")
def blueprints(stage: WorldPool) -> list[Blueprint]:
    return draw_blueprints(
        stage, 20, seed=4, categories=("simple", "parallel", "irrelevance", "multi_turn_base")
    )


class Skilled:
    """Plays everything as it should, but for some categories, of which it fails every play or every
    second one."""

    def __init__(self, stage: WorldPool, never: str = "", sometimes: str = "") -> None:
        self.stage, self.never, self.sometimes, self.plays = (
            stage,
            never,
            sometimes,
            dict[int, bool](),
        )

    def __call__(self, environments: Sequence[Environment]) -> list[ChatMessage | None]:
        return [self.next(environment) for environment in environments]

    def next(self, environment: Environment) -> ChatMessage | None:
        category = environment.blueprint.category
        if category == self.sometimes and id(environment) not in self.plays:
            self.plays[id(environment)] = bool(len(self.plays) % 2)
        if category == self.never or self.plays.get(id(environment)):
            return {"role": "assistant", "content": "All done."}
        said = sum(message["role"] == "assistant" for message in environment.messages)
        gold = [
            message
            for message in rehearsed(environment.blueprint, self.stage).messages
            if message["role"] == "assistant"
        ]
        return gold[said].copy()


def test_known_skill_is_measured_as_such(blueprints: list[Blueprint], stage: WorldPool) -> None:
    found = evaluate(
        Skilled(stage, never="parallel"),
        blueprints,
        stage,
        model="m",
        decoding={"temperature": 0.0},
        plays=2,
    )
    assert found.categories["parallel"].exact == 0.0
    assert found.categories["simple"].exact == 1.0
    assert found.categories["parallel"].gates == {"decision": 2 * found.categories["parallel"].n}
    assert found.overall.exact == pytest.approx(
        1 - found.categories["parallel"].n / len(blueprints)
    )
    low, high = found.overall.interval
    assert low <= found.overall.exact <= high < 1.0
    assert found.overall.consistency == 1.0
    assert sum(cell["n"] for cell in found.cells) == len(blueprints)
    assert all(cell["category"] != "parallel" or cell["exact"] == 0.0 for cell in found.cells)


def test_pass_k_asks_for_all_plays(blueprints: list[Blueprint], stage: WorldPool) -> None:
    found = evaluate(
        Skilled(stage, sometimes="simple"), blueprints, stage, model="m", decoding={}, plays=4
    )
    simple = found.categories["simple"]
    assert simple.exact == 0.5
    assert simple.pass_k == 0.0
    assert simple.consistency < 1.0


def test_weights_go_where_it_fails(blueprints: list[Blueprint], stage: WorldPool) -> None:
    found = evaluate(
        Skilled(stage, never="irrelevance", sometimes="parallel"),
        blueprints,
        stage,
        model="m",
        decoding={},
        plays=4,
    )
    gaps = find_gaps(found, blueprints, stage)
    assert {gap.cell["category"] for gap in gaps.gaps} == {"irrelevance", "parallel"}
    assert (
        gaps.weights["parallel"]
        > gaps.weights["irrelevance"]
        > gaps.weights["simple"]
        == gaps.weights["multi_turn_base"]
    )
    assert sum(gaps.weights.values()) == pytest.approx(1.0, abs=1e-3)
    assert not gaps.bad_labels
    assert all(gap.sentence.startswith("In ") and gap.sentence.endswith(".") for gap in gaps.gaps)
    even = find_gaps(found, blueprints, stage, GapSettings(replay=1.0))
    assert set(even.weights.values()) == {0.25}


def test_a_wrong_label_is_found_before_its_failure_counts(
    blueprints: list[Blueprint], stage: WorldPool
) -> None:
    planted = next(item for item in blueprints if item.category == "simple" and item.plan)
    world = planted.world.model_copy(update={"expected": "0" * 32})
    wrong = planted.model_copy(update={"id": "planted", "world": world})
    found = evaluate(Skilled(stage), [*blueprints, wrong], stage, model="m", decoding={})
    gaps = find_gaps(found, [*blueprints, wrong], stage)
    assert gaps.bad_labels == ("planted",)
    assert not gaps.gaps


def test_mixtures_keep_every_category_and_the_shares() -> None:
    found = mixture({"simple": 0.5, "parallel": 0.48, "irrelevance": 0.02}, size=40)
    assert found.count("simple") == 20
    assert set(found) == {"simple", "parallel", "irrelevance"}
    assert set(found[:4]) == {"simple", "parallel"}


def test_curves_are_well_formed_whatever_they_show() -> None:
    for series in ({}, {"one": [0.5]}, {"a<b": [0.0, 1.0, 0.5], "none": []}, {"flat": [2.0, 2.0]}):
        chart = line_chart("loss & more", series)
        assert ElementTree.fromstring(chart).tag.endswith("svg")
    assert "a&lt;b" in html_page("x", [line_chart("t", {"a<b": [1.0, 2.0]})], ["1 < 2"])
