"""Hostile keys, texts and arguments are data."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import ClientSession
from fastmcp import Client
from yarl import URL

from inftool.servers.http import http_app
from inftool.servers.mcp import build_server
from inftool.world.registry import WorldRegistry
from inftool.world.world import World
from tests.support.apis import shop
from tests.support.serving import served


@pytest.mark.parametrize(
    "key",
    [
        "\n",
        "a\nb",
        "\x00",
        "..",
        "' OR 1=1 --",
        "{{7*7}}",
        "\u202e\U0001f4a9",
        "x" * 4000,
        "%2e%2e%2f",
    ],
)
async def test_hostile_keys_are_data(key: str) -> None:
    async with served(http_app(shop())) as url, ClientSession() as http:
        path = quote(key, safe="").replace(".", "%2E")
        answer = await http.get(URL(f"{url}/orders/{path}", encoded=True))
        assert answer.status == 404
        assert answer.content_type == "application/json"
        assert set(await answer.json()) == {"code", "message"}


def deep(levels: int) -> Any:
    value: Any = "x"
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "note",
    [
        "../../../etc/passwd",
        "${jndi:ldap://x}",
        "<script>alert(1)</script>",
        "\x00\x1b[31m",
        "\ud83d\ude00" * 2000,
        "\u0661\u202e",
        "$name",
    ],
)
def test_hostile_texts_come_back_as_they_were_sent(note: str) -> None:
    world = World.seed(shop(), 0)
    customer = next(iter(world.entities("customer")))
    made = world.call("createOrder", {"customerId": customer, "item": "Tea", "note": note})
    assert made.body["note"] == note
    assert world.call("getOrder", {"orderId": made.body["id"]}).body == made.body
    assert world.call("listOrders", {"q": note[:50]}).ok


async def test_hostile_arguments_are_refused_and_change_nothing() -> None:
    worlds = WorldRegistry()
    world = World.seed(shop(), 0)
    before = world.digest()
    name = worlds.open(world)
    async with Client(build_server(shop(), worlds=worlds)) as client:
        for arguments in (
            {"customerId": deep(200), "item": "Tea"},
            {"customerId": {"$ref": "#/x"}, "item": ["Tea"] * 5000},
            {"__class__": {"__init__": "x"}, "item": "x", "customerId": "x"},
            {"customerId": "x" * 1_000_000, "item": "Tea"},
        ):
            result = await client.call_tool_mcp(
                "createOrder", arguments, meta={"inftool/world": name}
            )
            assert result.is_error
    assert world.digest() == before
