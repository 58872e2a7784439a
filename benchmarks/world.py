"""How true the simulated worlds are, per spec: valid answers, what was written read back, 404 after
a delete, replay, cost.

Run: python benchmarks/world.py specs ../shared/specs
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import world_cost
from inftool.core.json_pointer import find_all, find_at
from inftool.core.tools import Api, Result, Tool
from inftool.core.types import JsonObject
from inftool.specs import compile_specs, violations
from inftool.world.random_calls import answer_is_valid, arguments_for
from inftool.world.resources.models import Role
from inftool.world.rule_files import find_rules, load_rules
from inftool.world.sampling.sampler import sample
from inftool.world.schema.shape import Shape
from inftool.world.schema.validation import is_valid, schema_errors
from inftool.world.world import World


def _complaint(tool: Tool, result: Result) -> object:
    """What is wrong with an answer: its first two schema errors, or the body of a refusal."""
    return schema_errors(tool.output_schema or {}, result.body)[:2] if result.ok else result.body


def contains(stored: Any, sent: Any, shape: Shape | None) -> bool:
    """Whether what was sent is in what came back, as far as the answer's schema has a place for it
    (a text where it wants a number has none)."""
    if _same(stored, sent, shape):
        return True
    return (
        shape is not None
        and bool(shape.types or shape.variants)
        and not is_valid(shape.schema(), sent)
        and not _near(shape, sent)
    )


def _near(shape: Shape, sent: Any) -> bool:
    """Whether a value that a shape refuses is of a kind that it takes: an object with a part
    missing, a number written as text."""
    if isinstance(sent, list):
        array = shape.array()
        return array is not None and all(
            array.items is None or is_valid(array.items.schema(), item) or _near(array.items, item)
            for item in sent
        )
    return isinstance(sent, dict) and (shape.has("object") or bool(shape.properties))


def _same(stored: Any, sent: Any, shape: Shape | None) -> bool:
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
        array = shape.array() if shape is not None else None
        item_shape = array.items if array is not None else None
        return (
            isinstance(stored, list)
            and len(stored) == len(sent)
            and all(
                contains(left, right, item_shape) for left, right in zip(stored, sent, strict=True)
            )
        )
    return bool(stored == sent) or (
        isinstance(stored, int | float | str) and str(stored) == str(sent)
    )


def sent_body(world: World, tool: Tool, role: Role, arguments: JsonObject) -> Any:
    """What a create sent as the entity."""
    from inftool.world.operations.calls import body_of

    return find_at(body_of(tool, role, arguments), role.body.pointer)


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
                f"{tool.name} {result.status} {_complaint(tool, result)}",
            )
            again = world.fork()
            second = again.call(tool.name, arguments)
            tally.note(
                "replay",
                second.model_dump_json() == result.model_dump_json()
                and again.digest() == fork.digest(),
                tool.name,
            )
            role = world.resources.roles[tool.name]
            if role.kind in {"list", "search", "get", "singleton_get"} or (
                role.kind == "compute" and tool.effect == "read"
            ):
                tally.note("read_only", fork.digest() == before, tool.name)


def _page_through(world: World, name: str, tool: Tool, arguments: JsonObject) -> list[Any]:
    role = world.resources.roles[name]
    call = dict(arguments)
    if role.listing.paging.size and not violations(tool, {**call, role.listing.paging.size: 50}):
        call[role.listing.paging.size] = 50
    found: list[Any] = []
    for number in range(12):
        result = world.call(name, call)
        items = find_at(result.body, role.response.items or "")
        if not result.ok or not isinstance(items, list) or not items:
            break
        found += items
        if role.listing.paging.style == "page" and role.listing.paging.page:
            call[role.listing.paging.page] = role.listing.paging.first + number + 1
        elif role.listing.paging.style == "offset" and role.listing.paging.offset:
            call[role.listing.paging.offset] = len(found)
        elif role.listing.paging.style == "cursor" and role.listing.paging.cursor:
            from inftool.world.queries import token

            call[role.listing.paging.cursor] = token(len(found))
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
                tally.note(
                    "created", False, f"{create} {result.status} {json.dumps(result.body)[:200]}"
                )
                continue
            tally.note("created", True)
            fresh = [
                change.key
                for change in world.diff(fork)
                if change.resource == resource.name and change.before is None
            ]
            if not fresh:
                continue
            key = fresh[0]
            sent = sent_body(world, by_name[create], role, arguments)
            if isinstance(sent, dict):
                # A body that contradicts its own path (another parent than the one created under)
                # is the caller's mistake, not the world's.
                addressed = {
                    pointer[1:]
                    for pointer, (target, _) in resource.references.items()
                    if target in dict(role.target.scope)
                }
                named = {
                    parameter.name
                    for parameter in by_name[create].parameters
                    if parameter.location == "path"
                }
                sent = {name: item for name, item in sent.items() if name not in addressed | named}
            for get in gets:
                address = fork.address(get, key)
                if (
                    address is None
                    or violations(by_name[get], address)
                    or fork.resources.roles[get].target.of_caller
                    or fork.resources.roles[get].fallback
                ):
                    continue
                shown = fork.call(get, address)
                where = fork.resources.roles[get].response.item or ""
                shape = fork.views.inside(by_name[get], where, item=False)
                value = find_at(shown.body, where)
                if isinstance(value, list) and fork.resources.roles[get].response.item is None:
                    value = (
                        find_at(shown.body, fork.resources.roles[get].response.items or "")
                        or [None]
                    )[0]
                    shape = fork.views.inside(
                        by_name[get], fork.resources.roles[get].response.items or "", item=True
                    )
                good = shown.ok and contains(value, sent if isinstance(sent, dict) else {}, shape)
                tally.note(
                    "pair_get",
                    good,
                    f"{create} -> {get}: {shown.status} sent {json.dumps(sent)[:300]} got "
                    f"{json.dumps(value)[:300]}",
                )
            for listing in lists:
                address = fork.address(listing, key)
                place = fork.resources.roles[listing]
                if address is None or violations(by_name[listing], address) or place.fallback:
                    continue
                if any(
                    argument is None and above not in dict(role.target.scope)
                    for above, argument in place.target.scope
                ):
                    # "My" things: what was made for nobody in particular need not be mine.
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
                    tally.note(
                        "deleted", False, f"{delete} {done.status} {json.dumps(done.body)[:200]}"
                    )
                    continue
                tally.note("deleted", True)
                for get in gets:
                    address = fork.address(get, key)
                    if (
                        address is None
                        or violations(by_name[get], address)
                        or fork.resources.roles[get].target.of_caller
                    ):
                        continue
                    tally.note(
                        "gone_404",
                        gone.call(get, address).status in {404, 410, 400},
                        f"{delete} then {get}",
                    )
        for get in gets:
            role = world.resources.roles[get]
            if role.target.argument is None or resource.virtual or role.kind != "get":
                continue
            pool = list(world.entities(resource.name))
            address = world.address(get, pool[0]) if pool else None
            if not address:
                continue
            known = {
                str(value.get(role.target.keys[role.target.argument][1], key))
                for key, value in world.entities(resource.name).items()
            } | set(pool)
            wanted = _other(
                by_name[get], role.target.argument, address[role.target.argument], known
            )
            address = {**address, role.target.argument: wanted}
            if wanted is None or violations(by_name[get], address):
                continue
            tally.note("unknown_404", world.call(get, address).status in {404, 410, 400}, get)


def _other(tool: Tool, argument: str, value: Any, known: set[str]) -> Any:
    """A key that no entity has, None where the schema leaves no other."""
    if isinstance(value, int):
        return value + 987_650
    text = str(value)
    shape = Shape.of(tool.input_schema).properties.get(argument)
    made = [
        "".join(chr((ord(char) - 48 + turn) % 10 + 48) if char.isdigit() else char for char in text)
        for turn in (7, 3, 5)
    ]
    made += (
        [sample(shape.schema(), random.Random(number), name=argument) for number in range(5)]
        if shape is not None
        else [f"{text}x"]
    )
    return next((item for item in made if str(item) not in known), None)


def dangling(world: World, tally: Tally) -> None:
    for resource in world.resources.resources.values():
        for pattern, (target, prop) in resource.references.items():
            if world.resources.resources[target].virtual:
                continue
            known = {str(value.get(prop, key)) for key, value in world.entities(target).items()}
            for key, value in world.entities(resource.name).items():
                for _, found in find_all(value, pattern):
                    if not isinstance(found, dict | list):
                        tally.note(
                            "linked",
                            str(found) in known,
                            f"{resource.name} {key} {pattern} -> {target} {found!r}",
                        )


def measure(api: Api, rounds: int, seed: int, *, mcp: bool) -> dict[str, Any]:
    start = time.perf_counter()
    path = find_rules(api.file)
    world = World.seed(api, seed, rules=load_rules(path, api) if path is not None else None)
    entities = sum(len(world.entities(name)) for name in world.resources.resources)
    seeding = (time.perf_counter() - start) * 1000
    tally = Tally()
    validity(world, tally, rounds)
    pairs(world, tally)
    dangling(world, tally)
    roles = Counter(role.kind for role in world.resources.roles.values())
    bare, full = asyncio.run(world_cost.over_mcp(api)) if mcp else (None, None)
    large, used = world_cost.written_forks(api)
    return {
        "api": api.name,
        "tools": len(api.tools),
        "resources": len(world.resources.resources),
        "entities": entities,
        "seed_ms": round(seeding, 1),
        "fallback_tools": sum(role.fallback is not None for role in world.resources.roles.values()),
        "loosened": sum(
            role.response.contract != "declared" for role in world.resources.roles.values()
        ),
        "roles": dict(roles),
        "call_us": round(world_cost.cost(world), 1),
        "forks": {"entities": large, "forks": 1000, "mb": round(used, 2)},
        "mcp": {
            "empty_ms": round(bare, 3),
            "world_ms": round(full, 3),
            "ratio": round(full / bare, 2),
        }
        if bare and full
        else None,
        "rates": {name: _rate(tally, name) for name in COLUMNS},
        "tally": dict(tally),
        "examples": tally.examples,
    }


COLUMNS = (
    "valid",
    "replay",
    "read_only",
    "created",
    "pair_get",
    "pair_list",
    "deleted",
    "gone_404",
    "unknown_404",
    "linked",
)


def rate(tally: Mapping[str, int], name: str) -> str:
    total = tally.get(name, 0)
    return f"{tally.get(name + '_ok', 0)}/{total}" if total else "-"


def _rate(tally: Mapping[str, int], name: str) -> float | None:
    total = tally.get(name, 0)
    return round(tally.get(f"{name}_ok", 0) / total, 5) if total else None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=["specs"])
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--json", action="store_true", help="one JSON document: every figure by spec and in all"
    )
    parser.add_argument("--examples", type=int, default=0, help="how many misses to show a spec")
    parser.add_argument(
        "--no-mcp", action="store_true", help="leave out the calls through the MCP client"
    )
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    if not options.json:
        print(
            f"{'api':34} {'tools':>5} {'res':>4} {'ents':>5} {'fall':>4} {'seed':>7} {'us':>6} "
            f"{'mcp':>5} {'MB':>5} " + " ".join(f"{name:>11}" for name in COLUMNS)
        )
    totals: Counter[str] = Counter()
    for api in compile_specs([Path(path) for path in options.paths]):
        if not api.tools:
            continue
        row = measure(api, options.rounds, options.seed, mcp=not options.no_mcp)
        rows.append(row)
        totals.update(row["tally"])
        if not options.json:
            ratio = row["mcp"]["ratio"] if row["mcp"] else "-"
            print(
                f"{row['api'][:34]:34} {row['tools']:5} {row['resources']:4} {row['entities']:5} "
                f"{row['fallback_tools']:4} "
                f"{row['seed_ms']:7} {row['call_us']:6} {ratio:>5} {row['forks']['mb']:5} "
                + " ".join(f"{rate(row['tally'], name):>11}" for name in COLUMNS),
                flush=True,
            )
            for example in row["examples"][: options.examples]:
                print("      ", example[:700])
    ratios = [row["mcp"]["ratio"] for row in rows if row["mcp"]]
    whole = {
        "specs": len(rows),
        "tools": sum(row["tools"] for row in rows),
        "rates": {name: _rate(totals, name) for name in COLUMNS},
        "tally": dict(totals),
        "call_us": {
            "median": median(row["call_us"] for row in rows),
            "most": max(row["call_us"] for row in rows),
        }
        if rows
        else None,
        "mcp_ratio": {"median": median(ratios), "most": max(ratios)} if ratios else None,
        "forks_mb": max((row["forks"]["mb"] for row in rows), default=None),
    }
    if options.json:
        print(json.dumps({"specs": rows, "totals": whole}, indent=1))
    else:
        print(f"{'total':84} " + " ".join(f"{rate(totals, name):>11}" for name in COLUMNS))
        print(
            f"a call: {whole['call_us']} us; through the MCP client beside an empty tool: "
            f"{whole['mcp_ratio']}; 1,000 written forks: {whole['forks_mb']} MB at most"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
