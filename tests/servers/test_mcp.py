"""The MCP server, through the real in-memory client."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from fastmcp import Client

from inftool.core.errors import WorldError
from inftool.servers.mcp import build_server
from inftool.toolset.naming import unique_names
from inftool.world.registry import META_KEY, WorldRegistry, WorldSet
from inftool.world.world import World
from tests.support.apis import TEXT, api, find, many, op, own, seeded, shop, thing


async def call(
    client: Client[Any], name: str, arguments: dict[str, Any], world: str | None = None
) -> tuple[bool, Any]:
    result = await client.call_tool_mcp(name, arguments, meta={META_KEY: world} if world else None)
    (block,) = result.content
    body = json.loads(block.text)  # type: ignore[union-attr]
    if result.structured_content is not None:
        assert result.structured_content in (body, {"result": body})
    return bool(result.is_error), body


async def test_every_tool_of_every_spec_is_listed_with_its_hints() -> None:
    apis = tuple(own().values())
    async with Client(build_server(apis)) as client:
        listed = {tool.name: tool for tool in await client.list_tools()}
    names = unique_names(apis)
    assert set(listed) == set(names.values())
    for found in apis:
        for tool in found.tools:
            hints = listed[names[found.name, tool.name]].annotations
            assert hints is not None
            assert hints.read_only_hint is (tool.effect == "read")
            assert hints.destructive_hint is (tool.effect == "delete")
            assert listed[names[found.name, tool.name]].input_schema == tool.input_schema


async def test_a_conversation_plays_in_the_world_that_its_calls_name() -> None:
    worlds = WorldRegistry()
    start = World.seed(shop(), 0)
    left, right = worlds.open(start.fork()), worlds.open(start.fork())
    customer = next(iter(start.entities("customer")))
    async with Client(build_server(shop(), worlds=worlds)) as client:
        failed, made = await call(
            client, "createOrder", {"customerId": customer, "item": "Tea"}, left
        )
        assert not failed
        assert await call(client, "getOrder", {"orderId": made["id"]}, left) == (False, made)
        failed, gone = await call(client, "getOrder", {"orderId": made["id"]}, right)
        assert failed
        assert gone["status"] == 404
        assert set(gone["error"]) == {"code", "message"}
        worlds.close(left)
        failed, closed = await call(client, "getOrder", {"orderId": made["id"]}, left)
        assert failed
        assert "no open world" in closed["error"]["message"]
    assert len(worlds) == 1


async def test_hundreds_of_conversations_share_one_session_and_nothing_else() -> None:
    worlds = WorldRegistry()
    start = World.seed(shop(), 0)
    customer = next(iter(start.entities("customer")))
    ids = [worlds.open(start.fork()) for _ in range(200)]

    async def talk(client: Client[Any], number: int, world: str) -> int:
        _, made = await call(
            client, "createOrder", {"customerId": customer, "item": f"Item {number}"}, world
        )
        await asyncio.sleep(0)
        _, listed = await call(client, "listOrders", {"q": "item", "limit": 50}, world)
        return int(listed["total"]) if made in listed["data"] else -1

    async with Client(build_server(shop(), worlds=worlds)) as client:
        assert set(
            await asyncio.gather(*(talk(client, number, world) for number, world in enumerate(ids)))
        ) == {1}


async def test_without_a_registry_any_id_gets_a_world_of_its_own() -> None:
    server = build_server(shop(), seed=3)
    customer = next(iter(World.seed(shop(), 3).entities("customer")))
    async with Client(server) as client:
        _, made = await call(client, "createOrder", {"customerId": customer, "item": "Tea"}, "one")
        assert (await call(client, "getOrder", {"orderId": made["id"]}, "one"))[0] is False
        assert (await call(client, "getOrder", {"orderId": made["id"]}, "two"))[0] is True
        assert (await call(client, "getOrder", {"orderId": made["id"]}))[0] is True


async def test_a_plain_client_finds_what_it_wrote() -> None:
    customer = next(iter(World.seed(shop(), 0).entities("customer")))
    async with Client(build_server(shop())) as client:
        _, made = await call(client, "createOrder", {"customerId": customer, "item": "Tea"})
        assert await call(client, "getOrder", {"orderId": made["id"]}) == (False, made)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ({}, "customerId"),
        ({"customerId": "c", "item": "Tea", "colour": "red"}, "colour"),
        ({"customerId": "c", "item": 5}, "item"),
        ({"customerId": "c", "item": "Tea", "quantity": 0}, "quantity"),
    ],
)
async def test_bad_arguments_are_refused_by_name_before_the_world_sees_them(
    arguments: dict[str, Any], named: str
) -> None:
    worlds = WorldRegistry()
    world = World.seed(shop(), 0)
    before = world.digest()
    async with Client(build_server(shop(), worlds=worlds)) as client:
        failed, body = await call(client, "createOrder", arguments, worlds.open(world))
    assert failed
    assert body["status"] in {400, 422}
    assert named in json.dumps(body)
    assert world.digest() == before


async def test_answers_that_are_no_objects_are_wrapped_as_the_protocol_wants() -> None:
    made = api(
        {
            "/tags": {"get": op("listTags", many(TEXT))},
            "/count": {"get": op("countTags", {"type": "integer"})},
            "/things": {"get": op("listThings", many(thing("id", id=TEXT)))},
        }
    )
    async with Client(build_server(made)) as client:
        await client.list_tools()
        for name, kind in (("listTags", list), ("countTags", int), ("listThings", list)):
            result = await client.call_tool(name, {})
            assert isinstance(result.data, kind), name


async def test_every_read_of_every_spec_passes_the_clients_own_check_of_output_schemas() -> None:
    for name, found in own().items():
        world = seeded(found.title.split()[0])
        worlds = WorldRegistry()
        opened = worlds.open(world.fork())
        async with Client(build_server(found, worlds=worlds)) as client:
            await client.list_tools()
            for tool in found.tools:
                role = world.resources.roles[tool.name]
                if (
                    role.kind in {"list", "search", "get"}
                    and role.target.resource
                    and (keys := list(world.entities(role.target.resource)))
                ):
                    arguments = world.address(tool.name, keys[0])
                    if arguments is not None and set(tool.input_schema.get("required", ())) <= set(
                        arguments
                    ):
                        result = await client.call_tool_mcp(
                            tool.name, arguments, meta={META_KEY: opened}
                        )
                        assert not result.is_error, (name, tool.name, result.content)


async def test_two_apis_in_one_server_play_side_by_side() -> None:
    first, second = (
        shop(),
        api({"/orders": {"get": op("listOrders", many(thing("id", id=TEXT)))}}, title="Other shop"),
    )
    names = unique_names((first, second))
    assert names[first.name, "createOrder"] == "createOrder"
    assert names[first.name, "listOrders"] != names[second.name, "listOrders"]
    assert unique_names((second, first)) == names
    worlds = WorldRegistry()
    opened = worlds.open(WorldSet.seed((first, second), 1))
    async with Client(build_server((first, second), worlds=worlds)) as client:
        assert "data" in (await call(client, names[first.name, "listOrders"], {}, opened))[1]
        assert isinstance(
            (await call(client, names[second.name, "listOrders"], {}, opened))[1], list
        )


def test_worlds_are_opened_found_and_closed() -> None:
    worlds = WorldRegistry()
    name = worlds.open(World.seed(shop(), 0), id="mine")
    assert worlds.get(name)["shop"].api.title == "Shop"
    with pytest.raises(WorldError, match="open already"):
        worlds.open(World.seed(shop(), 0), id="mine")
    worlds.close(name)
    with pytest.raises(WorldError, match="no open world"):
        worlds.get(name)
    universe = WorldSet.seed((shop(),), 0)
    assert universe.fork().digest() == universe.digest()


def test_names_stay_within_what_the_protocol_allows() -> None:
    long = "x" * 64
    left, right = (
        api({"/a": {"get": op(long)}}, title=title) for title in ("One " * 30, "Two " * 30)
    )
    names = set(unique_names((left, right)).values())
    assert len(names) == 2
    assert all(len(name) <= 64 for name in names)
    assert find("Bookshop").tools
