"""The world: what is written is read back, what is deleted is gone, and the state is a value."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import lru_cache
from itertools import permutations
from typing import Any

import pytest

from inftool.core.errors import ToolError, WorldError
from inftool.core.types import JsonObject
from inftool.world.schema.validation import is_valid
from inftool.world.world import World
from tests.support.apis import ROOT, TEXT, WHOLE, api, many, op, own, ref, seeded, shop, thing


@lru_cache(maxsize=1)
def start() -> World:
    return World.seed(shop(), 1)


@pytest.fixture
def world() -> World:
    return start().fork()


def customer(world: World) -> str:
    return next(iter(world.entities("customer")))


def ordered(world: World, item: str = "Tea", **more: Any) -> JsonObject:
    result = world.call("createOrder", {"customerId": customer(world), "item": item, **more})
    assert result.status == 201, result
    return dict(result.body)


def test_what_is_created_is_shown_listed_and_gone_after_a_delete(world: World) -> None:
    made = ordered(world, "Green tea", quantity=3)
    assert made["item"] == "Green tea"
    assert made["quantity"] == 3
    assert made["status"] == "open"
    assert made["createdAt"] == world.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert world.call("getOrder", {"orderId": made["id"]}).body == made
    assert made in world.call("listOrders", {"limit": 100}).body["data"]
    assert world.call("deleteOrder", {"orderId": made["id"]}).status == 204
    gone = world.call("getOrder", {"orderId": made["id"]})
    assert gone.status == 404
    assert set(gone.body) == {"code", "message"}
    assert made["id"] in gone.body["message"]
    assert made not in world.call("listOrders", {"limit": 100}).body["data"]


def test_an_unknown_key_and_an_unknown_reference_are_refused(world: World) -> None:
    before = world.digest()
    assert world.call("getOrder", {"orderId": "nope"}).status == 404
    assert world.call("updateOrder", {"orderId": "nope", "note": "x"}).status == 404
    refused = world.call("createOrder", {"customerId": "nobody", "item": "Tea"})
    assert refused.status == 422
    assert "customerId" in refused.body["message"]
    assert world.digest() == before


def test_a_patch_keeps_the_rest_and_a_replace_does_not(world: World) -> None:
    made = ordered(world, quantity=2, note="soon")
    patched = world.call("updateOrder", {"orderId": made["id"], "quantity": 5}).body
    assert (patched["quantity"], patched["note"]) == (5, "soon")
    replaced = world.call(
        "replaceOrder", {"orderId": made["id"], "customerId": made["customerId"], "item": "Coffee"}
    ).body
    assert replaced["item"] == "Coffee"
    assert "note" not in replaced
    assert replaced["id"] == made["id"]
    assert replaced["createdAt"] == made["createdAt"]


def test_a_change_of_nothing_changes_nothing(world: World) -> None:
    made = ordered(world, note="same")
    before = world.digest()
    assert world.call("updateOrder", {"orderId": made["id"], "note": "same"}).ok
    assert world.digest() == before


def test_actions_move_the_state_once_and_not_out_of_an_end(world: World) -> None:
    made = ordered(world)
    assert world.call("payOrder", {"orderId": made["id"]}).body["status"] == "paid"
    assert world.call("payOrder", {"orderId": made["id"]}).status == 409
    assert world.call("cancelOrder", {"orderId": made["id"]}).body["status"] == "cancelled"
    refused = world.call("payOrder", {"orderId": made["id"]})
    assert refused.status == 409
    assert "cancelled" in refused.body["message"]


def test_an_action_that_nothing_shows_still_leaves_a_trace(world: World) -> None:
    made = ordered(world)
    before = world.digest()
    assert world.call("remindOrder", {"orderId": made["id"]}).ok
    once = world.digest()
    assert world.call("remindOrder", {"orderId": made["id"]}).ok
    assert len({before, once, world.digest()}) == 3


def test_lists_filter_search_sort_and_page(world: World) -> None:
    for number, item in enumerate(("Apple", "Banana", "Cherry", "Damson", "Elder", "Fig", "Grape")):
        ordered(world, f"{item} jam", quantity=number + 1)
    call = {"q": "jam", "sort": "-quantity", "limit": 3}
    first = world.call("listOrders", call).body
    assert [order["item"] for order in first["data"]] == ["Grape jam", "Fig jam", "Elder jam"]
    assert first["total"] == 7
    assert first["hasMore"] is True
    last = world.call("listOrders", {**call, "page": 3}).body
    assert [order["item"] for order in last["data"]] == ["Apple jam"]
    assert last["hasMore"] is False
    assert world.call("listOrders", {**call, "page": 9}).body["data"] == []
    assert {
        order["status"]
        for order in world.call("listOrders", {"status": "open", "limit": 50}).body["data"]
    } == {"open"}


def test_deleting_a_customer_leaves_no_order_that_names_them(world: World) -> None:
    made = ordered(world)
    assert world.call("deleteCustomer", {"customerId": made["customerId"]}).status == 204
    assert world.call("getOrder", {"orderId": made["id"]}).status == 404
    assert all(
        order["customerId"] != made["customerId"] for order in world.entities("order").values()
    )


def test_forks_do_not_see_each_other(world: World) -> None:
    left, right = world.fork(), world.fork()
    made = ordered(left)
    assert right.call("getOrder", {"orderId": made["id"]}).status == 404
    assert world.call("getOrder", {"orderId": made["id"]}).status == 404
    assert right.digest() == world.digest() != left.digest()
    grandchild = left.fork()
    ordered(left, "Second")
    assert len(grandchild.entities("order")) + 1 == len(left.entities("order"))


def test_the_digest_does_not_care_for_the_order_of_independent_writes() -> None:
    seen = set()
    for order in permutations(("Tea", "Coffee", "Cocoa")):
        fork = start().fork()
        keys = {item: ordered(fork, item)["id"] for item in order}
        seen.add(
            (
                fork.digest(),
                tuple(sorted(keys.items())),
                fork.call("listOrders", {"limit": 99}).model_dump_json(),
            )
        )
    assert len(seen) == 1


def test_two_of_the_same_are_two_and_a_write_undone_is_as_if_it_never_was(world: World) -> None:
    before = world.digest()
    one, two = ordered(world), ordered(world)
    assert one["id"] != two["id"]
    for made in (one, two):
        world.call("deleteOrder", {"orderId": made["id"]})
    assert world.digest() == before


def test_a_snapshot_restores_exactly(world: World) -> None:
    made = ordered(world)
    kept, digest, listed = world.snapshot(), world.digest(), world.call("listOrders", {}).body
    ordered(world, "Later")
    world.call("cancelOrder", {"orderId": made["id"]})
    world.restore(kept)
    assert world.digest() == digest
    assert world.call("listOrders", {}).body == listed
    ordered(world, "Again")
    world.restore(kept)
    assert world.digest() == digest
    with pytest.raises(WorldError, match="another world"):
        world.restore(seeded("bookshop").snapshot())


def test_diff_says_what_changed(world: World) -> None:
    fork = world.fork()
    made = ordered(fork)
    (change,) = world.diff(fork)
    assert (change.resource, change.key, change.before) == ("order", made["id"], None)
    assert change.after is not None
    assert change.after["item"] == "Tea"
    assert world.diff(world.fork()) == ()


def test_an_unknown_tool_is_a_typed_error(world: World) -> None:
    with pytest.raises(ToolError, match="no tool 'fly'"):
        world.call("fly", {})


@pytest.mark.parametrize(
    "text",
    [
        "../../etc/passwd",
        "'; DROP TABLE orders;--",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "__class__",
        "\x00\x01",
        "🦜" * 1000,
        "a" * 200_000,
        "\ud800",
        "*",
        "/lines/0",
        "%2e%2e",
    ],
)
def test_hostile_text_is_data(world: World, text: str) -> None:
    assert world.call("getOrder", {"orderId": text}).status == 404
    made = ordered(world, text, note=text)
    assert made["item"] == text
    assert world.call("getOrder", {"orderId": made["id"]}).body["note"] == text
    assert world.call("listOrders", {"q": text, "sort": text, "status": text}).ok
    assert len(world.digest()) == 32


def test_answers_are_shared_but_the_arguments_are_not(world: World) -> None:
    arguments: JsonObject = {"customerId": customer(world), "item": "Tea"}
    made = world.call("createOrder", arguments).body
    arguments["item"] = "changed afterwards"
    assert world.call("getOrder", {"orderId": made["id"]}).body["item"] == "Tea"


def test_every_seeded_entity_of_the_projects_specs_is_valid_and_refers_to_what_exists() -> None:
    for found in own().values():
        world = World.seed(found, 4)
        for name, resource in world.resources.resources.items():
            for key, value in world.entities(name).items():
                assert is_valid(resource.entity, value), (name, key, value)
                for pointer, (target, prop) in resource.references.items():
                    if (
                        pointer.count("/") == 1
                        and pointer[1:] in value
                        and value[pointer[1:]] is not None
                    ):
                        known = {str(other.get(prop)) for other in world.entities(target).values()}
                        assert str(value[pointer[1:]]) in known, (name, key, pointer)


def test_labels_are_unique_so_that_a_person_can_point_at_one() -> None:
    for title in ("bookshop", "airline", "issue", "smart home", "calendar"):
        try:
            world = seeded(title)
        except StopIteration:
            continue
        for name in world.resources.resources:
            labels = [world.label(name, key) for key in world.entities(name)]
            assert len(set(labels)) >= 0.8 * len(labels), (title, name, labels)


_SCRIPT = """
import sys
from inftool.world.world import World
from tests.support.apis import shop
world = World.seed(shop(), 7)
key = list(world.entities("customer"))[2]
made = world.call("createOrder", {"customerId": key, "item": "Tea"})
listed = world.call("listOrders", {"limit": 50})
print(world.digest(), made.model_dump_json(), listed.model_dump_json())
"""


def test_the_same_seed_gives_the_same_bytes_in_another_process() -> None:
    outs = set()
    for number, zone in ((0, "UTC"), (12345, "Asia/Tokyo")):
        environment = {
            **os.environ,
            "PYTHONHASHSEED": str(number),
            "TZ": zone,
            "LC_ALL": "C",
            "PYTHONPATH": str(ROOT),
        }
        outs.add(
            subprocess.run(
                [sys.executable, "-c", _SCRIPT],
                env=environment,
                capture_output=True,
                check=True,
                text=True,
            ).stdout
        )
    assert len(outs) == 1
    assert World.seed(shop(), 7).digest() != World.seed(shop(), 8).digest()


def test_what_is_put_into_a_cart_is_in_the_cart() -> None:
    item = thing("id", "productId", "quantity", id=TEXT, productId=TEXT, quantity=WHOLE)
    key, line = ("cartId", "path", TEXT), ("lineId", "path", TEXT)
    cart = ref("Cart")
    made = api(
        {
            "/products": {"get": op("listProducts", many(thing("id", "name", id=TEXT, name=TEXT)))},
            "/carts/{cartId}": {"get": op("getCart", cart, params=(key,))},
            "/carts/{cartId}/line-items": {
                "post": op(
                    "addItem",
                    cart,
                    thing("productId", productId=TEXT, quantity=WHOLE),
                    params=(key,),
                )
            },
            "/carts/{cartId}/line-items/{lineId}": {
                "put": op(
                    "changeItem", cart, thing("quantity", quantity=WHOLE), params=(key, line)
                ),
                "delete": op("removeItem", cart, params=(key, line)),
            },
        },
        {
            "Cart": thing(
                "id", "email", "items", id=TEXT, email=TEXT, currency=TEXT, items=many(item)
            )
        },
    )
    world = World.seed(made, 0).fork()
    assert set(world.resources.resources) == {"cart", "product"}
    cart_id, product = next(iter(world.entities("cart"))), next(iter(world.entities("product")))
    before = len(world.entities("cart")[cart_id]["items"])
    full = world.call("addItem", {"cartId": cart_id, "productId": product, "quantity": 3}).body
    assert len(full["items"]) == before + 1
    new = full["items"][-1]
    assert (new["productId"], new["quantity"]) == (product, 3)
    assert world.call("getCart", {"cartId": cart_id}).body == full
    changed = world.call("changeItem", {"cartId": cart_id, "lineId": new["id"], "quantity": 5}).body
    assert changed["items"][-1] == {**new, "quantity": 5}
    assert world.call("addItem", {"cartId": cart_id, "productId": "nothing"}).status == 422
    assert world.call("removeItem", {"cartId": cart_id, "lineId": "nothing"}).status == 404
    assert (
        world.call("removeItem", {"cartId": cart_id, "lineId": new["id"]}).body["items"]
        == full["items"][:-1]
    )
    assert set(world.address("removeItem", cart_id) or {}) == (
        {"cartId", "lineId"} if before else set()
    )
