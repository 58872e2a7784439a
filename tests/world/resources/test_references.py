"""Which properties and arguments hold keys of which resources."""

from __future__ import annotations

from inftool.world.resources.inference import infer_resources
from inftool.world.world import World
from tests.support.apis import (
    TEXT,
    api,
    find,
    many,
    op,
    ref,
    thing,
)


def test_references_by_suffix_alias_list_and_pattern() -> None:
    found = infer_resources(find("issue"))
    assert found.resources["issue"].references["/assignee_id"] == ("user", "id")
    assert found.resources["issue"].references["/label_ids/*"] == ("label", "id")
    flights = infer_resources(find("air"))
    assert flights.resources["flight"].references["/origin"] == ("airport", "iata_code")


def test_a_key_of_its_own_is_no_reference_and_a_shared_one_is() -> None:
    made = api(
        {
            "/orders": {
                "get": op("listOrders", many(ref("Order"))),
                "post": op("createOrder", ref("Order"), thing(item=TEXT)),
            },
            "/orders/{orderId}": {
                "get": op("getOrder", ref("Order"), params=(("orderId", "path", TEXT),))
            },
            "/list-orders/{orderId}": {
                "get": op(
                    "getListOrder",
                    thing("orderId", "total", orderId=TEXT, total=TEXT),
                    params=(("orderId", "path", TEXT),),
                )
            },
            "/books": {"get": op("listBooks", many(thing("isbn", "title", isbn=TEXT, title=TEXT)))},
            "/books/{isbn}": {
                "delete": op("deleteBook", params=(("isbn", "path", TEXT),), status="204")
            },
            "/stock": {
                "get": op(
                    "listStock", many(thing("isbn", "count", isbn=TEXT, count={"type": "integer"}))
                )
            },
            "/stock/{isbn}": {
                "get": op(
                    "getStock",
                    thing("isbn", "count", isbn=TEXT, count={"type": "integer"}),
                    params=(("isbn", "path", TEXT),),
                )
            },
        },
        {"Order": thing("orderId", "item", orderId=TEXT, item=TEXT)},
    )
    world = World.seed(made, 0)
    assert "/orderId" not in world.resources.resources["order"].references
    new = world.call("createOrder", {"item": "Tea"})
    assert world.call("getOrder", {"orderId": new.body["orderId"]}).body == new.body
    books, stock = world.entities("book"), world.entities("stock")
    if world.resources.resources["stock"].references:
        assert set(stock) <= set(books)
        key = next(iter(stock))
        assert world.call("deleteBook", {"isbn": key}).ok
        assert world.call("getStock", {"isbn": key}).status == 404
