"""How true the simulated worlds are, per spec: valid answers, what was written read back, 404 after a delete, replay, cost.

Run: python benchmarks/world.py specs ../shared/specs
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
import tracemalloc
from collections import Counter
from pathlib import Path
from typing import Any

from inftool.records import Api, JsonObject, Tool
from inftool.servers.calls import answer_is_valid, arguments_for
from inftool.servers.resources import Role, at, each
from inftool.servers.sample import sample
from inftool.servers.shapes import Shape, faults
from inftool.servers.world import World
from inftool.specs import compile_specs, violations


def contains(stored: Any, sent: Any, shape: Shape | None) -> bool:
    """Whether what was sent is in what came back (as far as the answer's schema has a place for it)."""
    if isinstance(sent, dict):
        view = shape.object() if shape is not None else None
        if not isinstance(stored, dict):
            return False
        return all(
            contains(stored.get(name), item, view.properties.get(name) if view else None)
            for name, item in sent.items()
            if view is None or name in view.properties or name in stored
            if item is not None
        )
    if isinstance(sent, list):
        item_shape = shape.array().items if shape is not None and shape.array() is not None else None  # type: ignore[union-attr]
        return (
            isinstance(stored, list)
            and len(stored) == len(sent)
            and all(contains(left, right, item_shape) for left, right in zip(stored, sent, strict=True))
        )
    return bool(stored == sent) or (isinstance(stored, int | float | str) and str(stored) == str(sent))


def sent_body(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Any:
    """What a create sent as the entity."""
    from inftool.servers.writing import body_of

    return at(body_of(tool, role, arguments), role.body)


class Tally(Counter[str]):
    """Counts, and a few examples of what failed."""

    def __init__(self) -> None:
        super().__init__()
        self.examples: list[str] = []

    def note(self, what: str, good: bool, detail: str = "") -> None:
        self[what] += 1
        self[f"{what}_ok"] += int(good)
        if not good and len(self.examples) < 40:
            self.examples.append(f"{what}: {detail}")


def validity(world: World, tally: Tally, rounds: int) -> None:
    for number in range(rounds):
        for tool in world.api.tools:
            rng = random.Random(f"{tool.name}:{number}")
            arguments = arguments_for(world, tool, rng, optional=(0.0, 0.5, 0.9)[number % 3])
            if arguments is None:
                tally["unsampled"] += 1
                if number == 0:
                    tally.examples.append(f"unsampled: {tool.name}")
                continue
            fork = world.fork()
            before = fork.digest()
            result = fork.call(tool.name, arguments)
            tally[f"status_{result.status // 100}xx"] += 1
            tally["fallback"] += int(result.fallback)
            tally.note(
                "valid",
                answer_is_valid(tool, result),
                f"{tool.name} {result.status} {faults(tool.output_schema or {}, result.body)[:2] if result.ok else result.body}",
            )
            again = world.fork()
            second = again.call(tool.name, arguments)
            tally.note("replay", second.model_dump_json() == result.model_dump_json() and again.digest() == fork.digest(), tool.name)
            role = world.resources.roles[tool.name]
            if role.role in {"list", "search", "get", "singleton_get"} or (role.role == "compute" and tool.effect == "read"):
                tally.note("read_only", fork.digest() == before, tool.name)


def _page_through(world: World, name: str, tool: Tool, arguments: JsonObject) -> list[Any]:
    role = world.resources.roles[name]
    call = dict(arguments)
    if role.paging.size and not violations(tool, {**call, role.paging.size: 50}):
        call[role.paging.size] = 50
    found: list[Any] = []
    for number in range(12):
        result = world.call(name, call)
        items = at(result.body, role.items or "")
        if not result.ok or not isinstance(items, list) or not items:
            break
        found += items
        if role.paging.style == "page" and role.paging.page:
            call[role.paging.page] = role.paging.first + number + 1
        elif role.paging.style == "offset" and role.paging.offset:
            call[role.paging.offset] = len(found)
        elif role.paging.style == "cursor" and role.paging.cursor:
            from inftool.servers.listing import token

            call[role.paging.cursor] = token(len(found))
        else:
            break
        if violations(tool, call):
            break
    return found


def pairs(world: World, tally: Tally) -> None:
    by_name = {tool.name: tool for tool in world.api.tools}
    for resource in world.resources.resources.values():
        creates = world.resources.tools(resource.name, "create")
        gets = world.resources.tools(resource.name, "get")
        lists = world.resources.tools(resource.name, "list")
        deletes = world.resources.tools(resource.name, "delete")
        for create in creates:
            role = world.resources.roles[create]
            arguments = arguments_for(world, by_name[create], random.Random(create), optional=0.8)
            if arguments is None:
                continue
            fork = world.fork()
            result = fork.call(create, arguments)
            if not result.ok:
                tally.note("created", False, f"{create} {result.status} {json.dumps(result.body)[:200]}")
                continue
            tally.note("created", True)
            fresh = [change.key for change in world.diff(fork) if change.resource == resource.name and change.before is None]
            if not fresh:
                continue
            key = fresh[0]
            sent = sent_body(world, by_name[create], role, arguments)
            if isinstance(sent, dict):
                # A body that contradicts its own path (another parent than the one created under) is the caller's mistake, not the world's.
                own = {pointer[1:] for pointer, (target, _) in resource.references.items() if target in dict(role.scope)}
                named = {parameter.name for parameter in by_name[create].parameters if parameter.location == "path"}
                sent = {name: item for name, item in sent.items() if name not in own | named}
            for get in gets:
                address = fork.address(get, key)
                if address is None or violations(by_name[get], address) or fork.resources.roles[get].mine:
                    continue
                shown = fork.call(get, address)
                where = fork.resources.roles[get].item or ""
                shape = fork.views.inside(by_name[get], where, item=False)
                value = at(shown.body, where)
                if isinstance(value, list) and fork.resources.roles[get].item is None:
                    value = (at(shown.body, fork.resources.roles[get].items or "") or [None])[0]
                good = shown.ok and contains(value, sent if isinstance(sent, dict) else {}, shape)
                tally.note("pair_get", good, f"{create} -> {get}: {shown.status} sent {json.dumps(sent)[:300]} got {json.dumps(value)[:300]}")
            for listing in lists:
                address = fork.address(listing, key)
                if address is None or violations(by_name[listing], address):
                    continue
                items = _page_through(fork, listing, by_name[listing], address)
                entity = fork.entities(resource.name)[key]
                own = resource.identifier
                good = (
                    any(
                        isinstance(item, dict)
                        and (
                            str(item.get(own)) == str(entity.get(own))
                            if own in item
                            else contains(item, sent if isinstance(sent, dict) else {}, None)
                        )
                        for item in items
                    )
                    if own
                    else bool(items)
                )
                tally.note("pair_list", good, f"{create} -> {listing} {len(items)} items")
            for delete in deletes:
                address = fork.address(delete, key)
                if address is None or violations(by_name[delete], address):
                    continue
                gone = fork.fork()
                done = gone.call(delete, address)
                if not done.ok:
                    tally.note("deleted", False, f"{delete} {done.status} {json.dumps(done.body)[:200]}")
                    continue
                tally.note("deleted", True)
                for get in gets:
                    where = fork.address(get, key)
                    if where is None or violations(by_name[get], where):
                        continue
                    tally.note("gone_404", gone.call(get, where).status in {404, 410, 400}, f"{delete} then {get}")
        for get in gets:
            role = world.resources.roles[get]
            if role.target is None or resource.virtual or role.role != "get":
                continue
            pool = list(world.entities(resource.name))
            address = world.address(get, pool[0]) if pool else None
            if not address:
                continue
            address = {**address, role.target: _other(by_name[get], role.target, address[role.target])}
            if violations(by_name[get], address):
                continue
            tally.note("unknown_404", world.call(get, address).status in {404, 410, 400}, get)


def _other(tool: Tool, argument: str, value: Any) -> Any:
    if isinstance(value, int):
        return value + 987_650
    text = str(value)
    turned = "".join(chr((ord(char) - 48 + 7) % 10 + 48) if char.isdigit() else char for char in text)
    shape = Shape.of(tool.input_schema).properties.get(argument)
    if turned == text:
        turned = sample(shape.schema(), random.Random(5), name=argument) if shape is not None else f"{text}x"
    return turned


def dangling(world: World, tally: Tally) -> None:
    for resource in world.resources.resources.values():
        for pattern, (target, prop) in resource.references.items():
            if world.resources.resources[target].virtual:
                continue
            known = {str(value.get(prop, key)) for key, value in world.entities(target).items()}
            for key, value in world.entities(resource.name).items():
                for _, found in each(value, pattern):
                    if not isinstance(found, dict | list):
                        tally.note("linked", str(found) in known, f"{resource.name} {key} {pattern} -> {target} {found!r}")


def cost(world: World, tally: Tally) -> float:
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


def memory(world: World, forks: int = 1000) -> tuple[float, int]:
    for name in world.resources.resources:
        world.entities(name)
    tracemalloc.start()
    kept = [world.fork() for _ in range(forks)]
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / 1e6, len(kept)


async def over_mcp(api: Api, rounds: int = 400) -> tuple[float, float]:
    """Milliseconds a call through the in-memory client: an empty custom tool, and the API's first read; in turns, medians."""
    from statistics import median

    from fastmcp import Client, FastMCP
    from fastmcp.tools.base import Tool as FastMCPTool
    from fastmcp.tools.base import ToolResult

    from inftool.servers.server import build_server
    from inftool.servers.worlds import META_KEY, Worlds

    class Empty(FastMCPTool):
        async def run(self, arguments: JsonObject) -> ToolResult:
            return ToolResult(content="{}", structured_content={})

    bare: FastMCP[Any] = FastMCP("bare")
    bare.add_tool(Empty(name="empty", parameters={"type": "object", "properties": {}}))
    world = World.seed(api)
    name = next(role.tool for role in world.resources.roles.values() if role.role == "get" and role.target and not role.scope)
    role = world.resources.roles[name]
    address = world.address(name, next(iter(world.entities(str(role.resource)))))
    worlds = Worlds()
    key = worlds.open(world)
    empty, full = [], []
    async with Client(bare) as one, Client(build_server(api, worlds=worlds, output_schemas=False)) as two:
        for _ in range(rounds):
            start = time.process_time()
            await one.call_tool_mcp("empty", {})
            middle = time.process_time()
            await two.call_tool_mcp(name, address or {}, meta={META_KEY: key})
            empty.append(middle - start)
            full.append(time.process_time() - middle)
    return median(empty) * 1000, median(full) * 1000


def written_forks(api: Api, forks: int = 1000) -> tuple[int, float]:
    """Entities in a large world, and megabytes of some forks of it that each wrote once."""
    world = World.seed(api, 0, size=100)
    count = sum(len(world.entities(name)) for name in world.resources.resources)
    tool = next(tool for tool in api.tools if world.resources.roles[tool.name].role == "create")
    calls = [arguments_for(world, tool, random.Random(number)) for number in range(forks)]
    tracemalloc.start()
    kept = []
    for arguments in calls:
        kept.append(world.fork())
        kept[-1].call(tool.name, arguments or {})
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return count, used / 1e6


def measure(api: Api, rounds: int, seed: int) -> dict[str, Any]:
    start = time.perf_counter()
    world = World.seed(api, seed)
    entities = sum(len(world.entities(name)) for name in world.resources.resources)
    seeding = (time.perf_counter() - start) * 1000
    tally = Tally()
    validity(world, tally, rounds)
    pairs(world, tally)
    dangling(world, tally)
    roles = Counter(role.role for role in world.resources.roles.values())
    fallbacks = sum(role.fallback for role in world.resources.roles.values())
    return {
        "api": api.name,
        "tools": len(api.tools),
        "resources": len(world.resources.resources),
        "entities": entities,
        "seed_ms": round(seeding, 1),
        "fallback_tools": fallbacks,
        "roles": dict(roles),
        "call_us": round(cost(world, tally), 1),
        "fork_mb_1000": round(memory(world)[0], 2),
        "tally": dict(tally),
        "examples": tally.examples,
    }


def rate(tally: dict[str, int], name: str) -> str:
    total = tally.get(name, 0)
    return f"{tally.get(name + '_ok', 0)}/{total}" if total else "-"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=["specs"])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--examples", type=int, default=0)
    parser.add_argument(
        "--mcp", action="store_true", help="the cost of a call through the MCP client beside an empty tool's, and of forks that write"
    )
    options = parser.parse_args()
    if options.mcp:
        for api in compile_specs([Path(path) for path in options.paths]):
            bare, full = asyncio.run(over_mcp(api))
            count, used = written_forks(api)
            print(
                f"{api.name[:34]:34} empty tool {bare:.3f} ms, world {full:.3f} ms, ratio {full / bare:.2f}; 1,000 written forks of {count} entities {used:.1f} MB"
            )
        return 0
    rows = []
    columns = ("valid", "replay", "read_only", "created", "pair_get", "pair_list", "deleted", "gone_404", "unknown_404", "linked")
    if not options.json:
        print(
            f"{'api':34} {'tools':>5} {'res':>4} {'ents':>5} {'fall':>4} {'seed':>7} {'us':>6} {'MB':>5} "
            + " ".join(f"{name:>11}" for name in columns)
        )
    totals: Counter[str] = Counter()
    for api in compile_specs([Path(path) for path in options.paths]):
        if not api.tools:
            continue
        row = measure(api, options.rounds, options.seed)
        rows.append(row)
        totals.update(row["tally"])
        if not options.json:
            print(
                f"{row['api'][:34]:34} {row['tools']:5} {row['resources']:4} {row['entities']:5} {row['fallback_tools']:4} "
                f"{row['seed_ms']:7} {row['call_us']:6} {row['fork_mb_1000']:5} " + " ".join(f"{rate(row['tally'], name):>11}" for name in columns)
            )
            for example in row["examples"][: options.examples]:
                print("      ", example[:700])
    if options.json:
        print(json.dumps(rows, indent=1))
    else:
        print(f"{'total':78} " + " ".join(f"{rate(dict(totals), name):>11}" for name in columns))
    return 0


if __name__ == "__main__":
    sys.exit(main())
