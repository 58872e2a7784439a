"""The simulated API over plain HTTP, and the real one behind the same tools."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal
from urllib.parse import quote, unquote

import pytest
import uvicorn
from aiohttp import ClientSession, ClientTimeout
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport
from starlette.applications import Starlette
from yarl import URL

from inftool.core.errors import UsageError
from inftool.core.tools import Api, Tool
from inftool.servers.http import http_app
from inftool.servers.http_arguments import to_arguments
from inftool.servers.http_requests import HttpRequest, to_request
from inftool.servers.http_routes import RouteTable
from inftool.servers.mcp import build_server
from inftool.servers.upstream import READ_ONLY, UpstreamApi, auth_headers
from inftool.world.registry import WORLD_HEADER, WorldRegistry
from inftool.world.world import World
from tests.support.apis import ROOT, TEXT, WHOLE, api, many, op, shop, thing
from tests.support.processes import started, until


@asynccontextmanager
async def served(app: Starlette, *, lifespan: Literal["on", "off"] = "off") -> AsyncIterator[str]:
    """An application on a free port of the loopback interface."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan=lifespan)
    )
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started or task.done())
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def test_people_can_use_the_world_without_mcp() -> None:
    worlds = WorldRegistry()
    other = worlds.open(World.seed(shop(), 5))
    async with served(http_app(shop(), worlds=worlds)) as url, ClientSession(url) as http:
        customer = (await (await http.get("/customers")).json())[0]["id"]
        answer = await http.post("/orders", json={"customerId": customer, "item": "Tea"})
        made = await answer.json()
        assert answer.status == 201
        assert await (await http.get(f"/orders/{made['id']}")).json() == made
        assert (
            await http.get(f"/orders/{made['id']}", headers={WORLD_HEADER: other})
        ).status == 404
        assert (await http.get("/orders", params={"limit": "2"})).status == 200
        assert len((await (await http.get("/orders", params={"limit": "2"})).json())["data"]) == 2
        assert (await http.get("/orders", params={"limit": "many"})).status == 400
        assert (await http.get("/orders", params={"colour": "red"})).status == 400
        assert (
            await http.post("/orders", data=b"{", headers={"Content-Type": "application/json"})
        ).status in {400, 422}
        assert (await http.delete(f"/orders/{made['id']}")).status == 204
        assert (await http.get(f"/orders/{made['id']}")).status == 404
        assert (await http.put("/customers")).status == 405
        assert (await http.get("/nothing")).status == 404
        assert (await http.get("/orders/..%2F..%2Fetc%2Fpasswd")).status == 404


async def test_a_real_client_talks_mcp_over_streamable_http() -> None:
    customer = next(iter(World.seed(shop(), 0).entities("customer")))
    async with (
        served(build_server(shop()).http_app(), lifespan="on") as url,
        Client(f"{url}/mcp") as client,
    ):
        assert {tool.name for tool in await client.list_tools()} == {
            tool.name for tool in shop().tools
        }
        made = json.loads(
            (await client.call_tool_mcp("createOrder", {"customerId": customer, "item": "Tea"}))
            .content[0]
            .text
        )
        shown = await client.call_tool_mcp("getOrder", {"orderId": made["id"]})
        assert json.loads(shown.content[0].text) == made


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
    with pytest.raises(UsageError, match="no http"):
        UpstreamApi(shop(), "file:///etc/passwd")


def queries() -> Api:
    return api(
        {
            "/a/{id}/b": {
                "get": op(
                    "get",
                    params=(
                        ("id", "path", TEXT),
                        ("tags", "query", many(TEXT)),
                        ("size", "query", WHOLE),
                        ("deep", "query", {"type": "boolean"}),
                        ("X-Trace", "header", TEXT),
                    ),
                ),
                "post": op("post", body=thing("name", name=TEXT), params=(("id", "path", TEXT),)),
            }
        }
    )


def arguments_back(tool: Tool, request: HttpRequest) -> dict[str, Any]:
    match = RouteTable(queries().tools).find(request.method, request.path)
    assert match.tool is not None
    assert match.tool.name == tool.name
    return to_arguments(
        match.tool,
        path={name: unquote(value) for name, value in match.path_values.items()},
        query=request.query,
        headers=request.headers,
        cookies={},
        body=request.body,
    )


@pytest.mark.parametrize("key", ["plain", "a/b", "../..", "..", "ü ?#%", "{id}", "a%2Fb"])
def test_arguments_survive_the_way_through_http(key: str) -> None:
    by_name = {tool.name: tool for tool in queries().tools}
    for name, arguments in (
        ("get", {"tags": ["a", "b"], "size": 3, "deep": True}),
        ("post", {"name": "x&y=z"}),
    ):
        tool = by_name[name]
        named = {parameter.name: parameter.argument for parameter in tool.parameters}
        call = {named["id"]: key, **arguments}
        request = to_request(tool, call)
        assert request.path.count("/") == 3, "an argument is one step of the path"
        assert ".." not in request.path.split("/")
        assert arguments_back(tool, request) == call


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


async def test_clients_that_stall_or_vanish_do_not_hold_up_the_others() -> None:
    async with (
        served(http_app(shop())) as url,
        ClientSession(url, timeout=ClientTimeout(total=None)) as http,
    ):
        host, port = url.removeprefix("http://").split(":")
        head = (
            b"POST /orders HTTP/1.1\r\nHost: x\r\n"
            b"Content-Type: application/json\r\nContent-Length: 9000\r\n\r\n{"
        )
        stalled = [await asyncio.open_connection(host, int(port)) for _ in range(50)]
        for _, writer in stalled[:25]:
            writer.write(head)
            await writer.drain()
        for _, writer in stalled[25:]:
            writer.write(head[:20])
            await writer.drain()
        answers = await asyncio.gather(
            *(http.get("/orders", params={"limit": "1"}) for _ in range(20))
        )
        assert [answer.status for answer in answers] == [200] * 20
        before = await (await http.get("/orders", params={"limit": "100"})).json()
        for _, writer in stalled:
            writer.transport.abort()
        assert await (await http.get("/orders", params={"limit": "100"})).json() == before


async def test_clients_that_name_a_world_in_the_address_or_a_header_see_nothing_of_each_other() -> (
    None
):
    async with served(build_server(shop()).http_app(), lifespan="on") as url:
        where = f"{url}/mcp"
        left, right = (
            Client(f"{where}?world=left"),
            Client(StreamableHttpTransport(where, headers={WORLD_HEADER: "right"})),
        )
        async with left, right, Client(f"{where}?world=left") as again, Client(where) as nobody:
            customer = next(iter(World.seed(shop(), 0).entities("customer")))
            made = (
                await left.call_tool("createOrder", {"customerId": customer, "item": "Tea"})
            ).structured_content
            assert made is not None
            shown = [
                await client.call_tool_mcp("getOrder", {"orderId": made["id"]})
                for client in (left, again, right, nobody)
            ]
    assert [bool(one.is_error) for one in shown] == [False, False, True, True]
    assert shown[1].structured_content == made


async def test_a_world_named_in_a_header_of_plain_http_is_opened_by_being_named() -> None:
    async with served(http_app(shop())) as url, ClientSession(url) as http:
        customer = next(iter(World.seed(shop(), 0).entities("customer")))
        made = await (
            await http.post(
                "/orders",
                json={"customerId": customer, "item": "Tea"},
                headers={WORLD_HEADER: "left"},
            )
        ).json()
        where = f"/orders/{made['id']}"
        assert [
            (await http.get(where, headers=named)).status
            for named in ({WORLD_HEADER: "left"}, {WORLD_HEADER: "right"}, {})
        ] == [200, 404, 404]


async def test_an_answer_has_the_media_type_that_its_spec_gives_it() -> None:
    read = op("getOrder", thing("id", id=TEXT, item=TEXT), params=(("id", "path", TEXT),))
    read["responses"]["404"] = {
        "description": "None such",
        "content": {"application/problem+json": {"schema": thing("title", title=TEXT)}},
    }
    async with (
        served(http_app(api({"/orders/{id}": {"get": read}}))) as url,
        ClientSession(url) as http,
    ):
        answer = await http.get("/orders/none-such")
        assert (answer.status, answer.content_type) == (404, "application/problem+json")


async def test_a_stalled_mcp_client_does_not_hold_up_the_others() -> None:
    async with served(build_server(shop()).http_app(), lifespan="on") as url:
        host, port = url.removeprefix("http://").split(":")
        stalled = [await asyncio.open_connection(host, int(port)) for _ in range(20)]
        for _, writer in stalled:
            writer.write(
                b"POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Type: application/json\r\nContent-Length: 5000\r\n\r\n{"
            )
            await writer.drain()
        async with Client(f"{url}/mcp") as client:
            assert not (await client.call_tool_mcp("listOrders", {"limit": 1})).is_error
        for _, writer in stalled:
            writer.transport.abort()


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


def test_serving_over_http_stays_on_loopback_and_says_so() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "inftool",
        "serve",
        str(ROOT / "specs" / "bookshop.yaml"),
        "--http",
        "--port",
        str(port),
    ]
    with started(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert f"http://127.0.0.1:{port}/mcp (this machine only)" in process.stderr.readline()
