"""What a simulated world costs: CPU a call, the MCP client's part in it (paired with an empty
tool), and the memory of forks."""

from __future__ import annotations

import random
import time
import tracemalloc
from statistics import median
from typing import Any

from inftool.core.tools import Api
from inftool.core.types import JsonObject
from inftool.specs import violations
from inftool.world.random_calls import arguments_for
from inftool.world.world import World


def cost(world: World) -> float:
    """Microseconds of CPU a call, over one call of each tool on a fork of its own."""
    calls = []
    for tool in world.api.tools:
        arguments = arguments_for(world, tool, random.Random(tool.name))
        if arguments is not None:
            calls.append((tool.name, arguments))
    fork = world.fork()
    for name, arguments in calls:
        fork.call(name, arguments)
    fork = world.fork()
    start = time.process_time()
    for _ in range(5):
        fork = world.fork()
        for name, arguments in calls:
            fork.call(name, arguments)
    return (time.process_time() - start) / max(1, 5 * len(calls)) * 1e6


async def over_mcp(api: Api, rounds: int = 300) -> tuple[float | None, float | None]:
    """Milliseconds a call through the in-memory client: an empty custom tool, and the API's first
    read; in turns, medians."""
    from fastmcp import Client, FastMCP
    from fastmcp.tools.base import Tool as FastMCPTool
    from fastmcp.tools.base import ToolResult

    from inftool.servers.mcp import build_server
    from inftool.world.registry import META_KEY, WorldRegistry

    class Empty(FastMCPTool):
        async def run(self, arguments: JsonObject) -> ToolResult:
            return ToolResult(content="{}", structured_content={})

    bare: FastMCP[Any] = FastMCP("bare")
    bare.add_tool(Empty(name="empty", parameters={"type": "object", "properties": {}}))
    world = World.seed(api)
    call = _a_read(world)
    if call is None:
        return None, None
    name, address = call
    worlds = WorldRegistry()
    key = worlds.open(world)
    empty, full = [], []
    async with (
        Client(bare) as one,
        Client(build_server(api, worlds=worlds, output_schemas=False)) as two,
    ):
        for _ in range(rounds):
            start = time.process_time()
            await one.call_tool_mcp("empty", {})
            middle = time.process_time()
            await two.call_tool_mcp(name, address, meta={META_KEY: key})
            empty.append(middle - start)
            full.append(time.process_time() - middle)
    return median(empty) * 1000, median(full) * 1000


def _a_read(world: World) -> tuple[str, JsonObject] | None:
    for role in world.resources.roles.values():
        if role.kind != "get" or not role.target.argument or role.target.resource is None:
            continue
        keys = list(world.entities(role.target.resource))
        address = world.address(role.tool, keys[0]) if keys else None
        if (
            address is not None
            and not violations(world.tool(role.tool), address)
            and world.fork().call(role.tool, address).ok
        ):
            return role.tool, address
    return None


def written_forks(api: Api, forks: int = 1000) -> tuple[int, float]:
    """Entities in a large world, and megabytes of some forks of it that each wrote once."""
    world = World.seed(api, 0, size=100)
    count = sum(len(world.entities(name)) for name in world.resources.resources)
    tool = next(
        (tool for tool in api.tools if world.resources.roles[tool.name].kind == "create"), None
    )
    calls = [
        arguments_for(world, tool, random.Random(number % 50)) if tool is not None else None
        for number in range(forks)
    ]
    tracemalloc.start()
    kept = []
    for arguments in calls:
        kept.append(world.fork())
        if tool is not None and arguments is not None:
            kept[-1].call(tool.name, arguments)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return count, used / 1e6
