"""The simulated APIs over plain HTTP and MCP over HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys

from aiohttp import ClientSession, ClientTimeout
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from inftool.servers.http import http_app
from inftool.servers.mcp import build_server
from inftool.world.registry import WORLD_HEADER, WorldRegistry
from inftool.world.world import World
from tests.support.apis import ROOT, TEXT, api, op, shop, thing
from tests.support.processes import started
from tests.support.serving import served


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
