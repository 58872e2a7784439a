"""The real API behind the same tools."""

from __future__ import annotations

import json

import pytest
from fastmcp import Client

from inftool.core.errors import UsageError
from inftool.servers.http import http_app
from inftool.servers.mcp import build_server
from inftool.servers.upstream import READ_ONLY, UpstreamApi, auth_headers
from inftool.world.world import World
from tests.support.apis import shop
from tests.support.serving import served


async def test_the_real_api_is_called_through_the_same_tools_and_only_read() -> None:
    async with (
        served(http_app(shop(), seed=2)) as url,
        UpstreamApi(shop(), url, headers={}) as live,
    ):
        customer = next(iter(World.seed(shop(), 2).entities("customer")))
        async with Client(build_server(shop(), live={"shop": live})) as client:
            listed = await client.call_tool_mcp("listOrders", {"limit": 3})
            assert len(json.loads(listed.content[0].text)["data"]) == 3
            refused = await client.call_tool_mcp(
                "createOrder", {"customerId": customer, "item": "Tea"}
            )
            assert refused.is_error
            assert "POST is not allowed" in refused.content[0].text
            bad = await client.call_tool_mcp("listOrders", {"limit": "many"})
            assert bad.is_error
        async with UpstreamApi(shop(), url, methods=READ_ONLY | {"POST"}, headers={}) as writing:
            tool = next(tool for tool in shop().tools if tool.name == "createOrder")
            assert (await writing.call(tool, {"customerId": customer, "item": "Tea"})).status == 201
    async with UpstreamApi(shop(), url, headers={}) as live:
        assert (
            await live.call(next(tool for tool in shop().tools if tool.name == "listOrders"), {})
        ).status == 502
    with pytest.raises(UsageError, match="not an http"):
        UpstreamApi(shop(), "file:///etc/passwd")


def test_keys_come_from_the_environment_and_go_where_the_spec_says() -> None:
    made = shop()
    assert auth_headers(made, {}) == {}
    assert auth_headers(made, {"INFTOOL_LIVE_TOKEN": "t"}) == {"Authorization": "Bearer t"}
    assert auth_headers(made, {"INFTOOL_LIVE_HEADER": "X-Api-Key: k"}) == {"X-Api-Key": "k"}
    keyed = made.model_copy(
        update={"security": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}}
    )
    assert auth_headers(keyed, {"INFTOOL_LIVE_TOKEN": "t"}) == {"X-Key": "t"}
    basic = made.model_copy(update={"security": {"basic": {"type": "http", "scheme": "basic"}}})
    assert auth_headers(basic, {"INFTOOL_LIVE_TOKEN": "u:p"}) == {"Authorization": "Basic dTpw"}
    with pytest.raises(UsageError, match="Name: value"):
        auth_headers(made, {"INFTOOL_LIVE_HEADER": "nocolon"})
