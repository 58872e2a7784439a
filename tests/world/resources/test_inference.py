"""What tools do to which resources, found from paths, names and schemas of many styles."""

from __future__ import annotations

from typing import Any

import pytest

from inftool.core.json_pointer import find_all, find_at
from inftool.core.tools import Api
from inftool.language.identifiers import noun, nouns, plural, row, singular, split, stem
from inftool.world.lexicon.lifecycle import may_change_state, target_state
from inftool.world.random_calls import answer_is_valid
from inftool.world.report import describe, describe_specs, render_world
from inftool.world.resources.inference import infer_resources
from inftool.world.resources.models import ResourceMap
from inftool.world.world import World
from tests.support.apis import (
    ROOT,
    TEXT,
    WHOLE,
    YES,
    api,
    compiled,
    find,
    many,
    op,
    ref,
    shop,
    thing,
)


def roles(found: Api) -> dict[str, tuple[str, str | None, str | None]]:
    return {
        name: (role.kind, role.target.resource, role.target.argument)
        for name, role in infer_resources(found).roles.items()
    }


PLURALS = row(
    "orders:order categories:category addresses:address statuses:status boxes:box people:person warehouses:warehouse status:status news:news "
    "invoices:invoice heroes:hero data:data buses:bus bus:bus"
)


@pytest.mark.parametrize(("many_", "one"), [tuple(pair.split(":")) for pair in PLURALS])
def test_plurals(many_: str, one: str) -> None:
    assert singular(many_) == one
    assert singular(plural(one)) == one


def test_words_of_names() -> None:
    assert split("customerOrderID") == split("customer_order_id") == ("customer", "order", "id")
    assert split("HTTPServer2") == ("http", "server", "2")
    assert noun("order-lines") == "order line"
    assert nouns("order line") == "order lines"
    assert (
        stem("cancelled") == stem("canceled") == stem("cancel") == stem("cancellation") == "cancel"
    )


@pytest.mark.parametrize(
    ("word", "states", "target"),
    [
        ("cancel", ("PENDING", "CANCELED"), "CANCELED"),
        ("ship", ("created", "inTransit"), "inTransit"),
        ("close", ("open", "resolved"), "resolved"),
        ("checkin", ("booked", "checked_in"), "checked_in"),
        ("pay", ("draft", "sent"), None),
        ("publish", ("ACTIVE", "ERROR"), None),
    ],
)
def test_the_state_that_an_action_leads_to(
    word: str, states: tuple[str, ...], target: str | None
) -> None:
    assert target_state(word, states) == target


def test_states_move_forward_and_ends_hold() -> None:
    states = ("pending", "paid", "shipped", "delivered", "cancelled")
    assert may_change_state("pay", "pending", "paid", states)
    assert not may_change_state("pay", "paid", "paid", states)
    assert not may_change_state("pay", "shipped", "paid", states)
    assert may_change_state("cancel", "paid", "cancelled", states)
    assert not may_change_state("cancel", "delivered", "cancelled", states)
    assert not may_change_state("ship", "cancelled", "shipped", states)
    assert may_change_state("unfreeze", "frozen", "active", ("active", "frozen"))


def test_a_plain_rest_api() -> None:
    assert roles(shop()) == {
        "listOrders": ("list", "order", None),
        "createOrder": ("create", "order", None),
        "getOrder": ("get", "order", "orderId"),
        "replaceOrder": ("replace", "order", "orderId"),
        "updateOrder": ("patch", "order", "orderId"),
        "deleteOrder": ("delete", "order", "orderId"),
        "payOrder": ("action", "order", "orderId"),
        "cancelOrder": ("action", "order", "orderId"),
        "remindOrder": ("action", "order", "orderId"),
        "listCustomers": ("list", "customer", None),
        "createCustomer": ("create", "customer", None),
        "getCustomer": ("get", "customer", "customerId"),
        "deleteCustomer": ("delete", "customer", "customerId"),
    }
    found = infer_resources(shop())
    order = found.resources["order"]
    assert (order.plural, order.identifier) == ("orders", "id")
    assert order.references == {"/customerId": ("customer", "id")}
    assert order.status is not None
    assert order.status.values == ("open", "paid", "shipped", "cancelled")
    assert found.roles["payOrder"].transition.leads_to == "paid"
    assert found.roles["createOrder"].references == {"/customerId": ("customer", "id")}
    listing = found.roles["listOrders"]
    assert (
        listing.response.items,
        listing.listing.paging.style,
        listing.listing.paging.search,
        listing.listing.paging.sort,
    ) == (
        "/data",
        "page",
        "q",
        "sort",
    )
    assert {name: how.pointer for name, how in listing.listing.filters.items()} == {
        "status": "/status",
        "customerId": "/customerId",
    }


def test_names_without_paths() -> None:
    tools = {
        "create_reminder": thing("title", title=TEXT),
        "list_reminders": thing(),
        "delete_reminder": thing("reminder_id", reminder_id=TEXT),
        "send_email": thing("to", to=TEXT),
        "get_weather": thing("city", city=TEXT),
    }
    found = roles(
        compiled(
            [
                {
                    "type": "function",
                    "function": {"name": name, "description": name, "parameters": schema},
                }
                for name, schema in tools.items()
            ]
        )
    )
    assert found["create_reminder"][:2] == ("create", "reminder")
    assert found["list_reminders"][:2] == ("list", "reminder")
    assert found["delete_reminder"] == ("delete", "reminder", "reminder_id")
    assert found["send_email"][0] == "action"
    assert found["get_weather"][0] == "compute"


def test_remote_procedure_calls() -> None:
    order = thing(
        "orderId",
        "item",
        orderId=TEXT,
        item=TEXT,
        status={"type": "string", "enum": ["NEW", "CANCELED"]},
    )
    found = infer_resources(
        api(
            {
                "/order/create": {
                    "post": op(
                        "createOrder",
                        thing(data=ref("Order"), code=WHOLE),
                        thing("item", item=TEXT),
                    )
                },
                "/order/list": {
                    "post": op(
                        "listOrders",
                        thing(data=thing(rows=many(ref("Order")), total=WHOLE)),
                        thing(page=WHOLE),
                    )
                },
                "/order/detail": {
                    "get": op(
                        "getOrderDetail",
                        thing(data=ref("Order")),
                        params=(("orderId", "query", TEXT),),
                    )
                },
                "/order/cancel": {
                    "post": op(
                        "cancelOrder", thing(data=ref("Order")), thing("orderId", orderId=TEXT)
                    )
                },
                "/chat.postMessage": {
                    "post": op(
                        "chat_postMessage",
                        thing(ok=YES, message=ref("Message")),
                        thing("text", text=TEXT),
                    )
                },
            },
            {"Order": order, "Message": thing("ts", ts=TEXT, text=TEXT)},
        )
    )
    assert {name: (role.kind, role.target.resource) for name, role in found.roles.items()} == {
        "createOrder": ("create", "order"),
        "listOrders": ("list", "order"),
        "getOrderDetail": ("get", "order"),
        "cancelOrder": ("action", "order"),
        "chat_postMessage": ("create", "message"),
    }
    assert found.roles["listOrders"].response.items == "/data/rows"
    assert found.roles["getOrderDetail"].response.item == "/data"
    assert found.roles["cancelOrder"].transition.leads_to == "CANCELED"


@pytest.mark.parametrize(
    ("envelope", "pointer"),
    [
        (many(ref("Book")), ""),
        (thing(items=many(ref("Book")), nextPageToken=TEXT, kind=TEXT), "/items"),
        (thing(data=many(ref("Book")), meta=thing(total=WHOLE)), "/data"),
        (
            thing(_embedded=thing(books=many(ref("Book"))), page=thing(totalElements=WHOLE)),
            "/_embedded/books",
        ),
        (thing(value=many(ref("Book")), **{"@odata.count": WHOLE}), "/value"),
        (
            thing(result=thing(records=many(ref("Book")), total=WHOLE), success=YES),
            "/result/records",
        ),
        (thing(books=many(ref("Book")), warnings=many(TEXT)), "/books"),
    ],
)
def test_lists_in_every_wrapping(envelope: dict[str, Any], pointer: str) -> None:
    book = thing("id", "title", id=WHOLE, title=TEXT)
    made = api(
        {
            "/books": {"get": op("listBooks", envelope)},
            "/books/{id}": {"get": op("getBook", ref("Book"), params=(("id", "path", WHOLE),))},
        },
        {"Book": book},
    )
    role = infer_resources(made).roles["listBooks"]
    assert (role.kind, role.target.resource, role.response.items) == ("list", "book", pointer)


def test_an_object_with_a_list_in_it_is_no_list() -> None:
    made = api(
        {
            "/settings": {
                "get": op(
                    "getSettings",
                    thing(
                        "zone",
                        "week",
                        zone=TEXT,
                        week=TEXT,
                        hours=many(thing(day=TEXT, opens=TEXT)),
                    ),
                )
            }
        }
    )
    role = infer_resources(made).roles["getSettings"]
    assert (role.kind, role.target.resource) == ("singleton_get", "settings")


def test_nested_collections_actions_singletons_and_custom_verbs() -> None:
    key = (("projectId", "path", TEXT),)
    task = (*key, ("taskId", "path", TEXT))
    found = infer_resources(
        api(
            {
                "/v1/projects": {"get": op("listProjects", many(ref("Project")))},
                "/v1/projects/{projectId}": {"get": op("getProject", ref("Project"), params=key)},
                "/v1/projects/{projectId}/tasks": {
                    "get": op("listTasks", many(ref("Task")), params=key),
                    "post": op("createTask", ref("Task"), thing("title", title=TEXT), key, "201"),
                },
                "/v1/projects/{projectId}/tasks/{taskId}": {
                    "delete": op("deleteTask", params=task, status="204"),
                    "get": op("getTask", ref("Task"), params=task),
                },
                "/v1/projects/{projectId}/tasks/{taskId}:close": {
                    "post": op("closeTask", ref("Task"), params=task)
                },
                "/v1/projects/{projectId}/settings": {
                    "get": op("getSettings", thing("color", color=TEXT), params=key),
                    "put": op(
                        "putSettings", thing("color", color=TEXT), thing("color", color=TEXT), key
                    ),
                },
                "/v1/projects/search": {
                    "get": op(
                        "searchProjects", many(ref("Project")), params=(("q", "query", TEXT),)
                    )
                },
            },
            {
                "Project": thing("id", "name", id=TEXT, name=TEXT),
                "Task": thing(
                    "id",
                    "title",
                    "state",
                    id=TEXT,
                    title=TEXT,
                    state={"type": "string", "enum": ["open", "closed"]},
                    projectId=TEXT,
                ),
            },
        )
    )
    assert {name: (role.kind, role.target.resource) for name, role in found.roles.items()} == {
        "listProjects": ("list", "project"),
        "getProject": ("get", "project"),
        "listTasks": ("list", "task"),
        "createTask": ("create", "task"),
        "deleteTask": ("delete", "task"),
        "getTask": ("get", "task"),
        "closeTask": ("action", "task"),
        "getSettings": ("singleton_get", "settings"),
        "putSettings": ("singleton_update", "settings"),
        "searchProjects": ("search", "project"),
    }
    assert found.resources["task"].parents == ("project",)
    assert found.roles["closeTask"].target.scope == (("project", "projectId"),)
    assert found.roles["closeTask"].transition.leads_to == "closed"


def test_what_cannot_be_inferred_says_why() -> None:
    made = api(
        {
            "/convert": {
                "get": op(
                    "convert", thing("result", result=WHOLE), params=(("from", "query", TEXT),)
                )
            },
            "/weather/{city}": {
                "get": op("weather", thing(temp=WHOLE), params=(("city", "path", TEXT),))
            },
        }
    )
    for role in infer_resources(made).roles.values():
        assert role.kind in {"compute", "singleton_get"}
    assert infer_resources(made).roles["weather"].fallback
    told = describe(made)
    assert told["fallbacks"] >= 1
    assert {tool["tool"] for tool in told["tools"]} == {"convert", "weather"}
    assert "no key" in (infer_resources(made).roles["weather"].fallback or "")


def test_references_by_suffix_alias_list_and_pattern() -> None:
    found = infer_resources(find("issue"))
    assert found.resources["issue"].references["/assignee_id"] == ("user", "id")
    assert found.resources["issue"].references["/label_ids/*"] == ("label", "id")
    flights = infer_resources(find("air"))
    assert flights.resources["flight"].references["/origin"] == ("airport", "iata_code")


def test_the_map_is_the_same_for_the_same_api() -> None:
    first, again = infer_resources(shop()), infer_resources(shop())
    assert first == again
    assert isinstance(first, ResourceMap)
    assert first.tools("order", "create") == ("createOrder",)
    assert set(first.producers("customer")) == {"listCustomers", "createCustomer", "getCustomer"}


def test_pointers() -> None:
    value = {"lines": [{"id": 1}, {"id": None}, {"id": 3}], "a/b": {"~": 5}}
    assert find_all(value, "/lines/*/id") == [("/lines/0/id", 1), ("/lines/2/id", 3)]
    assert find_at(value, "/a~1b/~0") == 5
    assert find_at(value, "/lines/7") is None
    assert find_all(value, "") == [("", value)]


def test_doctor_tells_what_a_world_is_made_of_and_what_falls_back() -> None:
    told = describe_specs([ROOT / "specs" / "clinic.yaml", ROOT / "specs" / "calendar.yaml"])
    assert [bool(world["rules"]) for world in told["worlds"]] == [False, True] or [
        bool(world["rules"]) for world in told["worlds"]
    ] == [True, False]
    text = render_world(told)
    assert "states booked > checked_in > completed" in text
    assert "queryFreeBusy: compute free busy  FALLS BACK: " in text
    assert "1 of 18 tools fall back" in text
    assert render_world({"worlds": []}) == "no spec has a usable operation"


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


def test_a_read_without_a_schema_shows_the_thing() -> None:
    made = api(
        {
            "/notes": {
                "get": op("listNotes"),
                "post": op("createNote", body=thing("text", text=TEXT), status="201"),
            },
            "/notes/{noteId}": {"get": op("getNote", params=(("noteId", "path", TEXT),))},
        }
    )
    world = World.seed(made, 0)
    assert world.call("createNote", {"text": "Buy milk"}).body is None
    listed = world.call("listNotes", {}).body
    assert listed["total"] == len(listed["notes"])
    found = next(note for note in listed["notes"] if note.get("text") == "Buy milk")
    assert (
        world.call(
            "getNote", {"noteId": found[str(world.resources.resources["note"].identifier)]}
        ).body
        == found
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
