"""Planted failures, and a world's own rules."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastmcp import Client

from inftool.core.errors import WorldError
from inftool.servers.http import http_app
from inftool.servers.mcp import build_server
from inftool.specs import compile_specs
from inftool.world.faults import FaultPlan
from inftool.world.rule_files import find_rules, load_rules
from inftool.world.world import World
from tests.support.apis import ROOT, TEXT, api, find, many, op, ref, shop, thing


def limited() -> World:
    problem = thing("message", message=TEXT)
    made = api(
        {
            "/books": {
                "get": op("listBooks", many(ref("Book")), errors={"429": problem, "503": problem}),
                "post": op(
                    "createBook",
                    ref("Book"),
                    thing("title", title=TEXT),
                    status="201",
                    errors={"409": problem},
                ),
            }
        },
        {"Book": thing("id", "title", id=TEXT, title=TEXT)},
    )
    return World.seed(made, 0)


def test_documented_failures_are_planted_marked_and_pass_when_tried_again() -> None:
    world = limited()
    world.inject(FaultPlan(seed=1, rate=1.0, most=5, kinds=("rate_limit", "timeout")))
    before = world.digest()
    first = world.call("listBooks", {})
    assert (first.status, first.fault) == (429, "rate_limit")
    assert int(first.headers["Retry-After"]) > 0
    assert set(first.body) == {"message"}
    assert world.digest() == before
    again = world.call("listBooks", {})
    assert again.ok
    assert again.fault is None
    assert world.call("createBook", {"title": "x"}).ok, "a rate limit is not documented there"


def test_a_conflict_changes_nothing_and_forks_carry_the_plan() -> None:
    world = limited()
    world.inject(FaultPlan(seed=3, rate=1.0, most=1, kinds=("conflict",)))
    left, right = world.fork(), world.fork()
    answers = [fork.call("createBook", {"title": "x"}) for fork in (left, right)]
    assert answers[0] == answers[1]
    assert answers[0].status == 409
    assert left.digest() == world.digest()
    assert left.call("createBook", {"title": "x"}).ok
    assert left.call("createBook", {"title": "y"}).ok, "at most one in all"


def test_the_same_plan_strikes_at_the_same_places() -> None:
    def play() -> list[int]:
        world = limited()
        world.inject(FaultPlan(seed=9, rate=0.4, most=9, undocumented=True))
        return [world.call("createBook", {"title": str(number)}).status for number in range(20)]

    assert play() == play()
    assert len(set(play())) > 1


RULES = """
seed:
  customer:
    - {name: Ada Brook, email: ada@example.com}
  order:
    - {item: First edition, status: shipped, quantity: 2}
transitions:
  order: {open: [paid, cancelled], paid: [shipped]}
constraints:
  - {tool: deleteOrder, when: {status: [paid, shipped]}, message: A paid order stays on the books.}
effects:
  - {tool: payOrder, set: {/note: Paid at the counter}}
"""


def test_rules_seed_forbid_allow_and_add(tmp_path: Path) -> None:
    (tmp_path / "shop.world.yaml").write_text(RULES)
    (tmp_path / "shop.yaml").write_text("")
    found = find_rules(tmp_path / "shop.yaml")
    assert found is not None
    world = World.seed(shop(), 0, rules=load_rules(found, shop()))
    customers, orders = (
        list(world.entities("customer").values()),
        list(world.entities("order").values()),
    )
    assert (customers[0]["name"], customers[0]["email"]) == ("Ada Brook", "ada@example.com")
    assert (orders[0]["item"], orders[0]["status"], orders[0]["quantity"]) == (
        "First edition",
        "shipped",
        2,
    )
    assert (
        world.call("deleteOrder", {"orderId": orders[0]["id"]}).body["message"]
        == "A paid order stays on the books."
    )
    made = world.call("createOrder", {"customerId": customers[0]["id"], "item": "Tea"}).body
    paid = world.call("payOrder", {"orderId": made["id"]}).body
    assert (paid["status"], paid["note"]) == ("paid", "Paid at the counter")
    assert world.call("cancelOrder", {"orderId": made["id"]}).status == 409, (
        "the rules allow it only while open"
    )
    assert world.digest() != World.seed(shop(), 0).digest()
    assert find_rules(tmp_path / "other.yaml") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("seed: {book: [{}]}", "no resource 'book'"),
        ("seed: {order: [{colour: red}]}", "no such property"),
        ("seed: {order: [{quantity: none}]}", "breaks the schema of quantity"),
        ("transitions: {order: {open: [flown]}}", "'flown' is not a status"),
        ("transitions: {customer: {a: [b]}}", "no property with a closed list"),
        ("constraints: [{tool: fly, when: {a: 1}, message: x}]", "no tool 'fly'"),
        ("constraints: [{tool: payOrder, message: x}]", "neither 'when' nor 'unless'"),
        (
            "constraints: [{tool: listOrders, when: {a: 1}, message: x}]",
            "does not work on a single entity",
        ),
        ("effects: [{tool: payOrder, set: {note: x}}]", "not a JSON pointer"),
        ("effect: []", "Extra inputs"),
        ("seed: [", "not YAML"),
        ("!!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_bad_rules_say_what_is_wrong_and_where(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "x.world.yaml"
    path.write_text(text)
    with pytest.raises(WorldError) as caught:
        load_rules(path, shop())
    assert said in str(caught.value)
    assert "x.world.yaml" in str(caught.value)
    with pytest.raises(WorldError, match="cannot be read"):
        load_rules(tmp_path / "none.yaml", shop())


def clinic() -> World:
    made = find("Willowmere")
    path = find_rules(ROOT / "specs" / "clinic.yaml")
    assert path is not None
    return World.seed(made, 0, rules=load_rules(path, made))


def test_the_clinics_rules_let_a_slot_be_booked_once_and_freed() -> None:
    world = clinic()
    assert world.entities("practitioner")["12"]["full_name"] == "Dr. Imogen Hale"
    slot, other = (
        int(key)
        for key, value in world.entities("slot").items()
        if value["free"] and value["practitioner_id"] in {12, 15}
    )
    patient = int(next(iter(world.entities("patient"))))
    made = world.call(
        "book_appointment", {"patient_id": patient, "slot_id": slot, "reason": "Cough"}
    )
    assert made.status == 201
    assert made.body["practitioner_id"] == 12
    assert world.entities("slot")[str(slot)]["free"] is False
    again = world.call(
        "book_appointment", {"patient_id": patient, "slot_id": slot, "reason": "Cough"}
    )
    assert (again.status, "taken already" in str(again.body)) == (409, True)
    moved = world.call(
        "reschedule_appointment", {"appointment_id": made.body["id"], "slot_id": other}
    )
    assert moved.ok, moved
    assert [world.entities("slot")[str(key)]["free"] for key in (slot, other)] == [True, False]
    assert world.call(
        "cancel_appointment", {"appointment_id": made.body["id"], "cancellation_reason": "Better"}
    ).ok
    assert world.entities("slot")[str(other)]["free"] is True
    before = world.digest()
    assert world.call("check_in_patient", {"appointment_id": made.body["id"]}).status == 409
    assert (
        world.call(
            "reschedule_appointment", {"appointment_id": made.body["id"], "slot_id": slot}
        ).status
        == 409
    )
    assert world.digest() == before


async def test_servers_find_the_rules_beside_a_spec_and_refuse_bad_ones(tmp_path: Path) -> None:
    async with Client(build_server(find("Willowmere"))) as client:
        found = await client.call_tool("get_practitioner", {"practitioner_id": 12})
        assert found.structured_content is not None
        assert found.structured_content["full_name"] == "Dr. Imogen Hale"
    copy = tmp_path / "issues" / "openapi.yaml"
    copy.parent.mkdir()
    copy.write_bytes((ROOT / "specs" / "bookshop.yaml").read_bytes())
    (tmp_path / "issues.world.yaml").write_text("constraints: [{tool: fly, message: x}]")
    assert find_rules(copy) == tmp_path / "issues.world.yaml"
    (made,) = compile_specs([tmp_path])
    for build in (build_server, http_app):
        with pytest.raises(WorldError, match="no tool 'fly'"):
            build(made)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "constraints: [{tool: createOrder, of: item, when: {a: 1}, message: x}]",
            "'item' refers to nothing in createOrder",
        ),
        (
            "constraints: [{tool: createOrder, of: customerId, when: {age: 1}, message: x}]",
            "there is no property 'age'",
        ),
        ("effects: [{tool: cancelOrder, of: /item, set: {/note: x}}]", "'/item' refers to nothing"),
        ("effects: [{tool: payOrder, set: {/colour: x}}]", "there is no property 'colour'"),
        (
            "constraints: [{tool: payOrder, when: {status: open}, status: 500, message: x}]",
            "less than or equal to 499",
        ),
    ],
)
def test_rules_that_speak_of_other_entities_are_checked_too(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "x.world.yaml"
    path.write_text(text)
    with pytest.raises(WorldError, match=r"x\.world\.yaml") as caught:
        load_rules(path, shop())
    assert said in str(caught.value)
