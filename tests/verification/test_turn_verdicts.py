"""Turns: what is mended stays and is masked, what is not fails; and who is to blame."""

from __future__ import annotations

import json
from typing import Any

import pytest

from inftool.core.blueprints import Blueprint
from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.scenarios.authoring.document import WrittenCall, WrittenTurn, write_blueprint
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.verification.verdict import judge
from inftool.world.rendering.errors import violation_result

UNHEARD_OF = "0f6b0f0e-7d5a-4f0e-9b7e-0a1b2c3d4e5f"


@pytest.fixture(scope="module")
def shop(bookshop: Any) -> WorldPool:
    return WorldPool(bookshop)


def orders(shop: WorldPool) -> list[JsonObject]:
    world = shop.world(shop.api_names[0], 0)
    resource = next(name for name in world.resources.resources if name == "order")
    return list(world.entities(resource).values())


@pytest.fixture(scope="module")
def blueprint(shop: WorldPool) -> Blueprint:
    """Ask for the total of an order."""
    order = orders(shop)[0]
    call = WrittenCall(tool="getOrder", arguments={"orderId": order["id"]})
    tell = {"total": {"$from": "s1", "at": "/totalAmount" if "totalAmount" in order else "/total"}}
    turn = WrittenTurn(
        want="look up my order", say={"order number": order["id"]}, calls=(call,), tell=tell
    )
    return write_blueprint(shop, [turn], tools=["getOrder", "listOrders"])


def test_a_written_blueprint_passes(shop: WorldPool, blueprint: Blueprint) -> None:
    assert rehearse(blueprint, shop).passed


def replayed(shop: WorldPool, trajectory: Trajectory, before: list[tuple[str, Any]]) -> Trajectory:
    """The trajectory with some calls before its first one, answered as the world answers them."""
    assert trajectory.blueprint is not None
    world = shop.open(trajectory.blueprint)[shop.api_names[0]]
    messages = list(trajectory.messages)
    at = next(index for index, message in enumerate(messages) if message.get("tool_calls"))
    extra: list[JsonObject] = []
    for number, (name, arguments) in enumerate(before):
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        if isinstance(arguments, str) or name not in shop.tools:
            answer = f"there is no tool named {name!r} here"
        else:
            tool = shop.tools[name]
            result = violation_result(world.base, tool, arguments) or world.call(name, arguments)
            answer = json.dumps(result.shown())
        call = {
            "id": f"x{number}",
            "type": "function",
            "function": {"name": name, "arguments": text},
        }
        extra += [
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"x{number}", "content": answer},
        ]
    return trajectory.model_copy(update={"messages": (*messages[:at], *extra, *messages[at:])})


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("getOrder", {}, "missing_required"),
        ("getOrder", {"orderId": 7}, "wrong_type"),
        ("getOrder", {"orderId": UNHEARD_OF}, "ungrounded_argument"),
        ("fetch_order", {"orderId": 1}, "unknown_tool"),
        ("getOrder", '{"orderId": ', "malformed_call"),
    ],
)
def test_a_wrong_turn_that_was_mended_is_masked_and_stays(
    shop: WorldPool, blueprint: Blueprint, name: str, arguments: Any, code: str
) -> None:
    trajectory = replayed(shop, rehearsed(blueprint, shop), [(name, arguments)])
    verdict = judge(trajectory, shop)
    assert verdict.passed, verdict.findings
    assert [(turn.status, turn.loss, turn.mended_by) for turn in verdict.turns] == [
        ("fail", False, 3),
        ("pass", True, None),
        ("pass", True, None),
    ]
    assert verdict.turns[0].codes == (code,)
    kept = trajectory.model_copy(update={"verdict": verdict})
    assert kept.loss_mask() == (False, False, False, True, False, True)


def test_a_wrong_turn_that_was_not_mended_fails(shop: WorldPool, blueprint: Blueprint) -> None:
    trajectory = replayed(shop, rehearsed(blueprint, shop), [("getOrder", {})])
    # The right call is taken out: what is left is the wrong one and the answer.
    cut = trajectory.model_copy(
        update={"messages": (*trajectory.messages[:3], trajectory.messages[-1])}
    )
    verdict = judge(cut, shop)
    assert [finding.code for finding in verdict.findings] == ["missing_required"]
    assert [turn.status for turn in verdict.turns] == ["fail", "abstain"]


def test_a_call_that_had_gone_through_before_is_no_failed_try(
    shop: WorldPool, blueprint: Blueprint
) -> None:
    """The same read twice is one too many, not a recovery."""
    order = blueprint.plan[0].arguments
    assert not judge(replayed(shop, rehearsed(blueprint, shop), [("getOrder", order)]), shop).passed


def test_a_wrong_call_that_a_world_answered_is_no_recovery(
    shop: WorldPool, blueprint: Blueprint
) -> None:
    other = orders(shop)[1]["id"]
    verdict = judge(
        replayed(shop, rehearsed(blueprint, shop), [("getOrder", {"orderId": other})]), shop
    )
    assert not verdict.passed


def changed(trajectory: Trajectory, index: int, **values: Any) -> Trajectory:
    messages = list(trajectory.messages)
    other: Any = {**messages[index], **values}
    messages[index] = other
    return trajectory.model_copy(update={"messages": tuple(messages)})


def test_what_the_user_did_not_say_is_the_users_fault(
    shop: WorldPool, blueprint: Blueprint
) -> None:
    gold = rehearsed(blueprint, shop)
    verdict = judge(
        changed(
            gold, 0, content="Hello. I'd like to look up my order, and please tell me the total."
        ),
        shop,
    )
    assert [(finding.code, finding.blame) for finding in verdict.findings] == [
        ("detail_not_said", "user"),
        ("ungrounded_argument", "user"),
    ]


def test_what_the_assistant_made_up_by_itself_is_its_own(
    shop: WorldPool, blueprint: Blueprint
) -> None:
    gold = rehearsed(blueprint, shop)
    call = gold.messages[1]["tool_calls"][0]
    invented = {
        **call,
        "function": {"name": "getOrder", "arguments": json.dumps({"orderId": UNHEARD_OF})},
    }
    silent = changed(
        gold, 0, content="Hello. I'd like to look up my order, and please tell me the total."
    )
    verdict = judge(changed(silent, 1, tool_calls=[invented]), shop)
    assert {
        finding.blame for finding in verdict.findings if finding.code == "ungrounded_argument"
    } == {"assistant"}


def test_a_changed_result_is_the_servers_fault_even_where_a_later_call_needs_it(
    shop: WorldPool, blueprint: Blueprint
) -> None:
    gold = rehearsed(blueprint, shop)
    verdict = judge(changed(gold, 2, content="{}"), shop)
    assert [(finding.code, finding.blame) for finding in verdict.findings] == [
        ("result_differs", "server")
    ]
