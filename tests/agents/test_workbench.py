"""The assistant's tools: over a real in-memory MCP client, and straight into the worlds, with the
same answers."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from autogen_core.tools import ToolResult
from fastmcp import Client, FastMCP

from inftool.agents.workbench import BaseWorkbench, McpWorkbench, WorldWorkbench, schemas_of
from inftool.core.tools import Api, Tool
from inftool.servers.mcp import build_server
from inftool.world.registry import WorldRegistry
from inftool.world.world import World
from tests.support.apis import shop

KINDS = ("mcp", "direct")
TOOLS = {tool.name: tool for tool in shop().tools}
READS = [TOOLS["getOrder"], TOOLS["listOrders"], TOOLS["listCustomers"]]


@asynccontextmanager
async def opened(kind: str, world: World, tools: list[Tool]) -> AsyncIterator[BaseWorkbench]:
    """A workbench of either kind over one world."""
    if kind == "direct":
        yield WorldWorkbench({world.api.name: world}, tools)
        return
    worlds = WorldRegistry()
    name = worlds.open(world)
    async with Client(build_server(shop(), worlds=worlds, output_schemas=False)) as client:
        yield McpWorkbench(client, tools, world=name)


def seeded() -> tuple[World, str]:
    """A fresh world of the shop, and the id of a customer in it."""
    world = World.seed(shop(), 0)
    return world, next(iter(world.entities("customer")))


def text_of(result: ToolResult) -> str:
    return result.to_text()


def body_of(result: ToolResult) -> Any:
    return json.loads(text_of(result))


async def test_both_workbenches_answer_the_same_calls_with_the_same_words() -> None:
    start, customer = seeded()
    calls: list[tuple[str, Mapping[str, Any] | None]] = [
        ("createOrder", {"customerId": customer, "item": "Tea"}),
        ("listOrders", None),
        ("getOrder", {"orderId": "none-such"}),
        ("createOrder", {"customerId": customer}),
        ("listOrders", {"limit": "many"}),
        ("deleteCustomer", {"customerId": customer}),
    ]
    answers = {}
    for kind in KINDS:
        async with opened(kind, start.fork(), list(TOOLS.values())) as bench:
            answers[kind] = [await bench.call_tool(name, arguments) for name, arguments in calls]
    assert answers["mcp"] == answers["direct"]
    assert [answer.is_error for answer in answers["mcp"]][:5] == [False, False, True, True, True]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_tool_out_of_sight_is_unknown_and_changes_nothing(kind: str) -> None:
    world, customer = seeded()
    before = world.digest()
    async with opened(kind, world, READS) as bench:
        for name in ("createOrder", "makeCoffee"):
            result = await bench.call_tool(name, {"customerId": customer, "item": "Tea"})
            assert result.is_error
            assert text_of(result) == f"there is no tool named {name!r} here"
    assert world.digest() == before


@pytest.mark.parametrize("kind", KINDS)
async def test_a_tool_that_is_offered_later_can_be_called_from_then_on(kind: str) -> None:
    world, customer = seeded()
    async with opened(kind, world, READS) as bench:
        bench.offer([TOOLS["createOrder"]])
        assert [schema["name"] for schema in await bench.list_tools()] == [
            *(tool.name for tool in READS),
            "createOrder",
        ]
        made = await bench.call_tool("createOrder", {"customerId": customer, "item": "Tea"})
    assert not made.is_error
    assert body_of(made)["id"] in world.entities("order")


@pytest.mark.parametrize("kind", KINDS)
async def test_arguments_that_the_schema_refuses_come_back_as_an_error_and_change_nothing(
    kind: str,
) -> None:
    world, customer = seeded()
    before = world.digest()
    async with opened(kind, world, list(TOOLS.values())) as bench:
        for arguments, named in (
            ({"customerId": customer}, "item"),
            ({"customerId": customer, "item": 7}, "item"),
            ({"customerId": customer, "item": "Tea", "color": "red"}, "color"),
            ({"customerId": customer, "item": "Tea", "quantity": 0}, "quantity"),
        ):
            result = await bench.call_tool("createOrder", arguments)
            assert result.is_error
            assert body_of(result)["status"] == 422
            assert f"`{named}`" in text_of(result)
    assert world.digest() == before


@pytest.mark.parametrize("kind", KINDS)
async def test_arguments_that_are_no_object_are_refused(kind: str) -> None:
    world, _ = seeded()
    async with opened(kind, world, READS) as bench:
        wrong: tuple[Any, ...] = ([], "x", 3)
        for arguments in wrong:
            result = await bench.call_tool("listOrders", arguments)
            assert result.is_error
            assert text_of(result) == "the arguments of 'listOrders' are not a JSON object"


@pytest.mark.parametrize("kind", KINDS)
async def test_calls_made_at_once_run_in_the_order_in_which_they_were_made(kind: str) -> None:
    world, customer = seeded()
    async with opened(kind, world, list(TOOLS.values())) as bench:
        first = await bench.call_tool("createOrder", {"customerId": customer, "item": "Tea"})
        order = body_of(first)["id"]
        paid, again, shown = await asyncio.gather(
            bench.call_tool("payOrder", {"orderId": order}),
            bench.call_tool("payOrder", {"orderId": order}),
            bench.call_tool("getOrder", {"orderId": order}),
        )
    assert not paid.is_error
    assert body_of(paid)["status"] == "paid"
    assert again.is_error
    assert body_of(shown) == body_of(paid)


async def test_a_conversation_sees_only_the_world_that_its_calls_name() -> None:
    start, customer = seeded()
    worlds = WorldRegistry()
    left, right = worlds.open(start.fork()), worlds.open(start.fork())
    async with Client(build_server(shop(), worlds=worlds, output_schemas=False)) as client:
        benches = [McpWorkbench(client, list(TOOLS.values()), world=name) for name in (left, right)]
        made = body_of(
            await benches[0].call_tool("createOrder", {"customerId": customer, "item": "Tea"})
        )
        shown = [await bench.call_tool("getOrder", {"orderId": made["id"]}) for bench in benches]
    assert [result.is_error for result in shown] == [False, True]
    assert body_of(shown[0]) == made


async def test_a_world_that_has_been_closed_is_an_error_that_the_model_sees() -> None:
    world, _ = seeded()
    worlds = WorldRegistry()
    name = worlds.open(world)
    async with Client(build_server(shop(), worlds=worlds, output_schemas=False)) as client:
        bench = McpWorkbench(client, READS, world=name)
        worlds.close(name)
        result = await bench.call_tool("listOrders", {})
    assert result.is_error
    assert "no open world" in text_of(result)


async def test_without_tools_given_everything_that_the_server_lists_can_be_called() -> None:
    async with Client(build_server(shop())) as client:
        bench = McpWorkbench(client)
        assert {schema["name"] for schema in await bench.list_tools()} == set(TOOLS)
        bench.offer([TOOLS["createOrder"]])
        assert len(await bench.list_tools()) == len(TOOLS)
        assert not (await bench.call_tool("listOrders", {})).is_error
        # There is no list of names to look it up in: the server says so, and it is a result as
        # well.
        unknown = await bench.call_tool("makeCoffee", {})
    assert unknown.is_error
    assert "makeCoffee" in text_of(unknown)


async def test_a_connection_that_is_closed_is_an_error_result() -> None:
    client = Client(build_server(shop()))
    async with client:
        bench = McpWorkbench(client, READS)
        await bench.list_tools()
    result = await bench.call_tool("listOrders", {})
    assert result.is_error
    assert "Error" in text_of(result)


class Slow:
    """A server of two tools: `wait` answers when it is let, `quick` at once; `began` lists what has
    been called."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.waiting = asyncio.Event()
        self.let = asyncio.Event()
        self.server: FastMCP[Any] = FastMCP("slow")

        async def wait() -> str:
            self.began.append("wait")
            self.waiting.set()
            await self.let.wait()
            return "waited"

        async def quick() -> str:
            self.began.append("quick")
            return "done"

        self.server.tool(wait)
        self.server.tool(quick)


async def test_a_call_that_is_cancelled_lets_the_next_one_run() -> None:
    slow = Slow()
    async with Client(slow.server) as client:
        bench = McpWorkbench(client)
        call = asyncio.create_task(bench.call_tool("wait", {}))
        await slow.waiting.wait()
        next_in_line = asyncio.create_task(bench.call_tool("quick", {}))
        await asyncio.sleep(0)
        assert slow.began == ["wait"]
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert text_of(await next_in_line) == "done"
        slow.let.set()


async def test_a_call_that_is_cancelled_while_it_waits_for_its_turn_is_never_made() -> None:
    slow = Slow()
    async with Client(slow.server) as client:
        bench = McpWorkbench(client)
        first = asyncio.create_task(bench.call_tool("wait", {}))
        await slow.waiting.wait()
        second = asyncio.create_task(bench.call_tool("quick", {}))
        await asyncio.sleep(0)
        second.cancel()
        slow.let.set()
        assert text_of(await first) == "waited"
    assert second.cancelled()
    assert slow.began == ["wait"]


async def test_a_call_past_its_deadline_is_an_error_result_and_the_next_one_runs() -> None:
    slow = Slow()
    async with Client(slow.server) as client:
        bench = McpWorkbench(client, timeout=0.5)
        late = await bench.call_tool("wait", {})
        assert late.is_error
        assert "timed out" in text_of(late).lower()
        assert not (await bench.call_tool("quick", {})).is_error
        slow.let.set()


async def test_a_tool_is_described_by_the_same_object_every_time() -> None:
    world, _ = seeded()
    first, second = schemas_of(READS), schemas_of(READS)
    assert all(one is other for one, other in zip(first, second, strict=True))
    bench = WorldWorkbench({world.api.name: world}, READS)
    assert await bench.list_tools() is await bench.list_tools()
    assert first[0].get("parameters") == READS[0].input_schema


async def test_starting_saving_and_resetting_touch_no_world() -> None:
    world, customer = seeded()
    bench = WorldWorkbench({world.api.name: world}, list(TOOLS.values()))
    async with bench:
        await bench.start()
        await bench.call_tool("createOrder", {"customerId": customer, "item": "Tea"})
        before = world.digest()
        saved = await bench.save_state()
        await bench.reset()
        await bench.load_state(saved)
        await bench.stop()
    assert saved == {}
    assert world.digest() == before


def test_a_workbench_that_cannot_carry_out_calls_cannot_be_made() -> None:
    with pytest.raises(TypeError, match="abstract"):
        BaseWorkbench(None)  # type: ignore[abstract]


async def test_a_workbench_never_raises(bookshop: tuple[Api, ...]) -> None:
    async with Client(build_server(bookshop)) as client:
        first = bookshop[0].tools[0]
        bench = McpWorkbench(client, [first])
        assert (await bench.call_tool("nothing", {})).is_error
        assert (await bench.call_tool(first.name, [1])).is_error  # type: ignore[arg-type]
        assert [tool["name"] for tool in await bench.list_tools()] == [first.name]
        open_bench = McpWorkbench(client)
        assert len(await open_bench.list_tools()) == len(bookshop[0].tools)
        refused = await open_bench.call_tool("getBook", {"bookId": 7})
        assert refused.is_error
        assert "bookId" in refused.to_text()
    assert (await bench.call_tool(first.name, {})).is_error
