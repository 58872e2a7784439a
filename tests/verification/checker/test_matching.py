"""Which call carries out which step: in other words, with other ids, in another order, and as many
as can be."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from inftool.core.blueprints import Blueprint, Step
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.scenarios.authoring.document import WrittenCall, WrittenTurn, write_blueprint
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.checker.builder import checker_of
from inftool.verification.checker.matching import match
from inftool.verification.checker.records import Checker, Requirement
from inftool.verification.conversation import Call
from inftool.verification.verdict import judge
from tests.support.playing import Play
from tests.support.work import growth


@pytest.fixture(scope="module")
def shop(bookshop: Any) -> WorldPool:
    return WorldPool(bookshop)


@pytest.fixture(scope="module")
def blueprint(shop: WorldPool) -> Blueprint:
    """Register the same author twice with a biography of the assistant's own, put one of them
    right, and tell the number of the other."""
    made = [
        WrittenCall(tool="createAuthor", arguments={"name": "Ida Moreau", "biography": text})
        for text in ("Writes at night.", "Sleeps by day.")
    ]
    look = WrittenCall(tool="getAuthor", arguments={"authorId": {"$from": "s2", "at": "/id"}})
    return write_blueprint(
        shop,
        [
            WrittenTurn(
                want="register two authors of that name, each with a biography",
                say={"name": "Ida Moreau"},
                calls=tuple(made),
            ),
            WrittenTurn(
                want="see one of them again",
                calls=(look,),
                tell={"author ID": {"$from": "s3", "at": "/id"}},
            ),
        ],
        tools=["createAuthor", "getAuthor"],
    )


def play(
    shop: WorldPool,
    blueprint: Blueprint,
    looked_at: int,
    told: int | str,
    biographies: tuple[str, str] = ("Up early.", "Out late."),
) -> Play:
    game = Play(shop, blueprint).user(
        "Please register two authors of that name, each with a biography: the name is Ida Moreau."
    )
    answers = game.call(
        *(("createAuthor", {"name": "Ida Moreau", "biography": text}) for text in biographies)
    )
    game.say("Done: I've registered both.").user(
        "Please let me see one of them again, and tell me the author ID."
    )
    game.call(("getAuthor", {"authorId": answers[looked_at]["id"]}))
    return game.say(f"The author ID is {answers[told]['id'] if isinstance(told, int) else told}.")


@pytest.mark.parametrize("which", [0, 1])
def test_ids_that_follow_from_a_wording_are_matched_by_renaming(
    shop: WorldPool, blueprint: Blueprint, which: int
) -> None:
    assert [needed.free for needed in checker_of(blueprint, shop).calls[:2]] == [
        ("/biography",),
        ("/biography",),
    ]
    verdict = judge(play(shop, blueprint, which, which).trajectory(), shop)
    assert verdict.passed, verdict.findings


def test_renaming_excuses_nothing(shop: WorldPool, blueprint: Blueprint) -> None:
    other = judge(play(shop, blueprint, 0, 1).trajectory(), shop)
    assert [finding.code for finding in other.findings] == ["fact_not_told"]
    gold = next(
        needed for needed in checker_of(blueprint, shop).calls if needed.step == "s3"
    ).arguments["authorId"]
    planned = judge(play(shop, blueprint, 0, str(gold)).trajectory(), shop)
    assert [finding.code for finding in planned.findings] == ["fact_not_told"]
    once = play(shop, blueprint, 0, 0)
    once.messages[1]["tool_calls"].pop()
    once.messages.pop(3)
    assert judge(once.trajectory(), shop).status == "fail"


def tool(name: str) -> Tool:
    schema: JsonObject = {"type": "object", "properties": {"a": {}, "b": {}}}
    return Tool.model_construct(name=name, input_schema=schema)


def call(number: int, arguments: JsonObject) -> Call:
    return Call(id=f"c{number}", name="f", arguments=arguments, message=number, position=0, turn=0)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_as_many_steps_as_can_be_are_carried_out(order: tuple[int, ...]) -> None:
    """A call that could carry out several steps is left to the one that wants exactly that."""
    steps = [
        Requirement(step="any", tool="f", arguments={"a": "x", "b": 1}, turn=0, free=("/a",)),
        Requirement(
            step="every", tool="f", arguments={"a": "z", "b": 9}, turn=0, free=("/a", "/b")
        ),
        Requirement(step="just that", tool="f", arguments={"a": "y", "b": 1}, turn=0),
    ]
    made = [{"a": "y", "b": 1}, {"a": "q", "b": 1}, {"a": "y", "b": 2}]
    checker = Checker(start="", end="", calls=tuple(steps[place] for place in order))
    calls = [call(number, made[place]) for number, place in enumerate(order)]
    found = match(
        checker, plan_of(checker), calls, {"f": tool("f")}, {item.id: 200 for item in calls}
    )
    assert {step: made_by.arguments for step, made_by in found.by_step.items()} == {
        "any": {"a": "q", "b": 1},
        "every": {"a": "y", "b": 2},
        "just that": {"a": "y", "b": 1},
    }
    assert found.surplus == []


def plan_of(checker: Checker) -> Blueprint:
    steps = tuple(
        Step(id=needed.step, tool=needed.tool, arguments=needed.arguments)
        for needed in checker.calls
    )
    return Blueprint.model_construct(plan=steps, turns=())


def test_matching_is_linear_where_nothing_is_free() -> None:
    def matching(count: int) -> Callable[[], object]:
        steps = tuple(
            Requirement(step=f"s{n}", tool="f", arguments={"a": n, "b": n % 7}, turn=0)
            for n in range(count)
        )
        checker = Checker(start="", end="", calls=steps)
        calls = [call(n, {"a": n, "b": n % 7}) for n in range(count)]
        plan, tools, state = plan_of(checker), {"f": tool("f")}, {item.id: 200 for item in calls}
        return lambda: match(checker, plan, calls, tools, state)

    assert growth(matching(400), matching(800)) < 2.2
