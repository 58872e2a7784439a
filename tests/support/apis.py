"""Compiled APIs for tests of worlds: the project's own, and small ones written in a test."""

from __future__ import annotations

import json
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

from inftool.core.tools import Api
from inftool.core.types import JsonObject
from inftool.specs import compile_specs
from inftool.world.world import World

ROOT = Path(__file__).parents[2]
SHARED = ROOT / ".." / "shared" / "specs"
JSON = "application/json"
TEXT: JsonObject = {"type": "string"}
WHOLE: JsonObject = {"type": "integer"}
YES: JsonObject = {"type": "boolean"}


@lru_cache(maxsize=1)
def own() -> dict[str, Api]:
    """The APIs in specs/, by the first word of their file."""
    return {
        Path(api.file).parts[-1].split(".")[0]
        if "/" not in api.file or Path(api.file).stem != "openapi"
        else Path(api.file).parts[-2]: api
        for api in compile_specs([ROOT / "specs"])
    }


def find(title: str) -> Api:
    """The one API in specs/ whose title has a word in it."""
    return next(api for api in own().values() if title.lower() in api.title.lower())


@lru_cache(maxsize=64)
def seeded(title: str, seed: int = 0) -> World:
    """A world of one of the project's APIs; fork it before you write."""
    return World.seed(find(title), seed)


def thing(*required: str, **properties: Any) -> JsonObject:
    """An object schema."""
    return {"type": "object", "properties": properties, "required": list(required)}


def many(item: JsonObject) -> JsonObject:
    """An array schema."""
    return {"type": "array", "items": item}


def ref(name: str) -> JsonObject:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def op(
    name: str,
    out: JsonObject | None = None,
    body: JsonObject | None = None,
    params: tuple[tuple[str, str, JsonObject], ...] = (),
    status: str = "200",
    *,
    errors: dict[str, JsonObject] | None = None,
) -> JsonObject:
    """One operation."""
    answers: JsonObject = {
        status: {"description": "Done", **({"content": {JSON: {"schema": out}}} if out else {})}
    }
    answers |= {
        code: {"description": "Refused", "content": {JSON: {"schema": schema}}}
        for code, schema in (errors or {}).items()
    }
    made: JsonObject = {"operationId": name, "responses": answers}
    if body:
        made["requestBody"] = {"required": True, "content": {JSON: {"schema": body}}}
    if params:
        made["parameters"] = [
            {"name": argument, "in": where, "required": where == "path", "schema": schema}
            for argument, where, schema in params
        ]
    return made


def api(paths: JsonObject, schemas: JsonObject | None = None, title: str = "Made up") -> Api:
    """An OpenAPI 3.1 document compiled."""
    return compiled(
        {
            "openapi": "3.1.0",
            "info": {"title": title, "version": "1"},
            "paths": paths,
            "components": {"schemas": schemas or {}},
        }
    )


def compiled(document: Any) -> Api:
    """Any document that describes tools, compiled."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return compile_specs([path], cache=False)[0]


def shop() -> Api:
    """Orders of customers: create, read, list, replace, patch, delete, cancel and pay; a refused
    call says {code, message}."""
    problem = thing("code", "message", code=TEXT, message=TEXT)
    errors = dict.fromkeys(("404", "409", "422"), problem)
    order = thing(
        "id",
        "customerId",
        "item",
        "status",
        id=TEXT,
        customerId=TEXT,
        item=TEXT,
        note=TEXT,
        quantity={"type": "integer", "minimum": 1},
        status={"type": "string", "enum": ["open", "paid", "shipped", "cancelled"]},
        createdAt={"type": "string", "format": "date-time"},
        updatedAt={"type": "string", "format": "date-time"},
    )
    new = thing(
        "customerId",
        "item",
        customerId=TEXT,
        item=TEXT,
        note=TEXT,
        quantity={"type": "integer", "minimum": 1},
    )
    customer = thing(
        "id", "name", "email", id=TEXT, name=TEXT, email={"type": "string", "format": "email"}
    )
    key = (("orderId", "path", TEXT),)
    return api(
        {
            "/orders": {
                "get": op(
                    "listOrders",
                    thing("data", "total", data=many(ref("Order")), total=WHOLE, hasMore=YES),
                    params=(
                        ("status", "query", TEXT),
                        ("customerId", "query", TEXT),
                        ("page", "query", WHOLE),
                        ("limit", "query", {"type": "integer", "default": 5}),
                        ("sort", "query", TEXT),
                        ("q", "query", TEXT),
                    ),
                ),
                "post": op("createOrder", ref("Order"), new, status="201", errors=errors),
            },
            "/orders/{orderId}": {
                "get": op("getOrder", ref("Order"), params=key, errors=errors),
                "put": op("replaceOrder", ref("Order"), new, params=key, errors=errors),
                "patch": op(
                    "updateOrder",
                    ref("Order"),
                    thing(note=TEXT, quantity=WHOLE),
                    params=key,
                    errors=errors,
                ),
                "delete": op("deleteOrder", params=key, status="204", errors={"404": problem}),
            },
            "/orders/{orderId}/pay": {
                "post": op("payOrder", ref("Order"), params=key, errors=errors)
            },
            "/orders/{orderId}/cancel": {
                "post": op("cancelOrder", ref("Order"), params=key, errors=errors)
            },
            "/orders/{orderId}/remind": {
                "post": op("remindOrder", params=key, status="202", errors=errors)
            },
            "/customers": {
                "get": op("listCustomers", many(ref("Customer"))),
                "post": op(
                    "createCustomer",
                    ref("Customer"),
                    thing("name", "email", name=TEXT, email={"type": "string", "format": "email"}),
                    status="201",
                    errors=errors,
                ),
            },
            "/customers/{customerId}": {
                "get": op(
                    "getCustomer",
                    ref("Customer"),
                    params=(("customerId", "path", TEXT),),
                    errors=errors,
                ),
                "delete": op(
                    "deleteCustomer",
                    params=(("customerId", "path", TEXT),),
                    status="204",
                    errors={"404": problem},
                ),
            },
        },
        {"Order": order, "Customer": customer},
        "Shop",
    )
