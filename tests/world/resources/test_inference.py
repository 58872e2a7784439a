"""What tools do to which resources, found from paths, names and schemas of many styles."""

from __future__ import annotations

from inftool.core.tools import Api
from inftool.world.report import describe
from inftool.world.resources.inference import infer_resources
from inftool.world.resources.models import ResourceMap
from tests.support.apis import (
    TEXT,
    WHOLE,
    YES,
    api,
    compiled,
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


def test_the_map_is_the_same_for_the_same_api() -> None:
    first, again = infer_resources(shop()), infer_resources(shop())
    assert first == again
    assert isinstance(first, ResourceMap)
    assert first.tools("order", "create") == ("createOrder",)
    assert set(first.producers("customer")) == {"listCustomers", "createCustomer", "getCustomer"}
