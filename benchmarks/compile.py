"""InfTool's compiler beside `FastMCP.from_openapi`, on the same documents: build and list together,
time and peak memory.

    python benchmarks/compile.py [SPECS…] [--repeat 3] [--big] [--json]

Each document and each side runs in a process of its own, in turns, so that neither warms the
other's caches; imports are not counted. Time is the best of
`--repeat`; memory is the growth of the peak resident set over what the imports took. `--big` adds a
made document of 12 MB and 1,100 operations. The
summary also says what it costs to compile one schema for validation, and to check one call.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# The input schema of a made-up tool of usual size.
CALL: dict[str, object] = {
    "type": "object",
    "properties": {
        "count": {"type": "integer", "minimum": 3, "maximum": 9},
        "color": {"enum": ["red", "green"]},
        "day": {"type": "string", "format": "date"},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"name": {"type": "string"}},
                "required": ["name"],
            },
        },
    },
    "required": ["count"],
    "additionalProperties": False,
}
WORDS = [
    "account",
    "balance",
    "cable",
    "damage",
    "engine",
    "filter",
    "garden",
    "harbor",
    "island",
    "jacket",
    "kernel",
    "ladder",
    "market",
    "nation",
]


def ours(path: Path) -> dict[str, float]:
    from inftool.specs import compile_specs
    from inftool.specs.validation.validator import Validator

    Validator({"type": "string", "pattern": "a"})
    import inftool.specs.compiler  # noqa: F401 - counted as an import

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    (api,) = compile_specs([path], cache=False)
    listed = 0
    for tool in api.tools:
        entry = {
            "name": tool.name,
            "description": tool.description,
            "inputSchema": tool.input_schema,
            "outputSchema": tool.output_schema,
        }
        listed += len(json.dumps(entry))
    seconds = time.perf_counter() - start
    return measured(before, seconds, len(api.tools), listed)


def theirs(path: Path) -> dict[str, float]:
    import fastmcp.server.providers.openapi  # noqa: F401 - counted as an import
    import httpx2
    import yaml
    from fastmcp import FastMCP
    from fastmcp.client import Client

    client = httpx2.AsyncClient(base_url="http://localhost")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    text = path.read_text(encoding="utf-8")
    content = (
        json.loads(text)
        if path.suffix == ".json"
        else yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    )
    server = FastMCP.from_openapi(content, client=client)

    async def listing() -> tuple[int, int]:
        tools = await server.list_tools()
        return len(tools), sum(len(tool.to_mcp_tool().model_dump_json()) for tool in tools)

    count, listed = asyncio.run(listing())
    seconds = time.perf_counter() - start
    assert Client is not None
    return measured(before, seconds, count, listed)


def measured(before: int, seconds: float, tools: int, listed: int) -> dict[str, float]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": seconds,
        "megabytes": (peak - before) / 1024,
        "tools": tools,
        "listed": listed / 1e6,
    }


def run(side: str, path: Path, timeout: float) -> dict[str, float] | None:
    command = [sys.executable, "-W", "ignore", __file__, "--side", side, str(path)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            cwd=ROOT,
            env={**_environment(), "PYTHONPATH": str(ROOT)},
        )
    except subprocess.TimeoutExpired:
        return None
    return (
        json.loads(done.stdout.splitlines()[-1])
        if done.returncode == 0 and done.stdout.strip()
        else None
    )


def _environment() -> dict[str, str]:
    import os

    return dict(os.environ)


def compare(paths: list[Path], repeat: int, timeout: float, quiet: bool) -> dict[str, object]:
    rows = []
    for path in paths:
        best: dict[str, dict[str, float] | None] = {"ours": None, "theirs": None}
        for turn in range(repeat):
            for side in ("ours", "theirs") if turn % 2 == 0 else ("theirs", "ours"):
                found = run(side, path, timeout)
                known = best[side]
                if found is not None and (known is None or found["seconds"] < known["seconds"]):
                    best[side] = {
                        **found,
                        "megabytes": min(found["megabytes"], known["megabytes"])
                        if known
                        else found["megabytes"],
                    }
        row: dict[str, Any] = {"file": path.name, "bytes": path.stat().st_size, **best}
        mine, other = best["ours"], best["theirs"]
        if mine and other and other["tools"]:
            row["time_ratio"] = mine["seconds"] / other["seconds"]
            row["memory_ratio"] = (
                mine["megabytes"] / other["megabytes"] if other["megabytes"] else None
            )
        rows.append(row)
        if not quiet:
            print(line(row), flush=True)
    times = [float(row["time_ratio"]) for row in rows if "time_ratio" in row]
    both = [row for row in rows if "time_ratio" in row]
    slowest = max(both, key=lambda row: row["theirs"]["seconds"]) if both else None
    heaviest = max(both, key=lambda row: row["theirs"]["megabytes"]) if both else None
    summary = {
        "documents": len(rows),
        "compared": len(both),
        "median_time_ratio": statistics.median(times) if times else None,
        "slowest": None
        if slowest is None
        else {"file": slowest["file"], "time_ratio": slowest["time_ratio"]},
        "heaviest": None
        if heaviest is None
        else {"file": heaviest["file"], "memory_ratio": heaviest["memory_ratio"]},
        "peak_memory_ratio": None
        if not both
        else max(row["ours"]["megabytes"] for row in both)
        / max(row["theirs"]["megabytes"] for row in both),
    }
    return {"rows": rows, "summary": summary | {"validation": validation()}}


def validation() -> dict[str, float]:
    """Microseconds of CPU to compile a schema for validation, and to check one valid call with it;
    the best of some rounds."""
    from inftool.specs.validation.validator import Validator

    arguments = {"count": 5, "color": "red", "day": "2024-02-29", "items": [{"name": "a"}]}
    best = {"compile_us": float("inf"), "call_us": float("inf")}
    for _ in range(5):
        start = time.process_time()
        for _ in range(100):
            validator = Validator(CALL)
        made = time.process_time()
        for _ in range(10_000):
            validator.is_valid(arguments)
        best["compile_us"] = min(best["compile_us"], (made - start) / 100 * 1e6)
        best["call_us"] = min(best["call_us"], (time.process_time() - made) / 10_000 * 1e6)
    return {name: round(value, 2) for name, value in best.items()}


def line(row: dict[str, object]) -> str:
    def shown(found: object) -> str:
        if not isinstance(found, dict):
            return f"{'failed':>30}"
        return f"{found['seconds']:8.3f} s {found['megabytes']:7.1f} MB {int(found['tools']):5}"

    ratio = f"{row['time_ratio']:6.2f}x" if "time_ratio" in row else "       "
    return f"{str(row['file'])[:44]:44} {shown(row['ours'])} | {shown(row['theirs'])} {ratio}"


def big_document(operations: int = 1100, schemas: int = 1500, seed: int = 0) -> str:
    """A document of about 12 MB whose schemas all lead to each other: the worst that a budget can
    meet."""
    chance = random.Random(seed)
    names = [
        f"{chance.choice(WORDS).title()}{chance.choice(WORDS).title()}{number}"
        for number in range(schemas)
    ]

    def reference() -> dict[str, object]:
        return {"$ref": f"#/components/schemas/{chance.choice(names)}"}

    def member() -> dict[str, object]:
        kind = chance.random()
        text = " ".join(chance.choice(WORDS) for _ in range(chance.randint(8, 40)))
        if kind < 0.45:
            return {"type": "string", "description": text, "maxLength": 200}
        if kind < 0.6:
            return {"type": "integer", "description": text, "minimum": 0, "format": "int32"}
        if kind < 0.7:
            return {
                "type": "string",
                "enum": [
                    f"{chance.choice(WORDS)}{number}" for number in range(chance.randint(2, 12))
                ],
                "description": text,
            }
        if kind < 0.78:
            return {"type": "array", "items": reference(), "description": text}
        if kind < 0.9:
            return reference()
        return (
            {"type": "string", "nullable": True, "format": "date-time", "description": text}
            if kind < 0.95
            else {"allOf": [reference()], "description": text}
        )

    components = {}
    for name in names:
        members = {
            f"{chance.choice(WORDS)}_{number}": member() for number in range(chance.randint(10, 40))
        }
        components[name] = {
            "type": "object",
            "description": "A thing. " * 5,
            "properties": members,
            "required": list(members)[:3],
        }
    paths: dict[str, object] = {}
    count = 0
    while count < operations:
        item: dict[str, object] = {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
            ]
        }
        path = f"/{chance.choice(WORDS)}s/{chance.choice(WORDS)}{count}/{{id}}"
        for method in ("get", "post", "put", "delete"):
            if count >= operations:
                break
            operation: dict[str, object] = {
                "operationId": f"{method}_{count}",
                "summary": "Do it",
                "description": "x " * 200,
                "parameters": [
                    {
                        "name": f"q{number}",
                        "in": "query",
                        "schema": {"type": "string"},
                        "description": "text " * 20,
                    }
                    for number in range(6)
                ],
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {"application/json": {"schema": reference()}},
                    }
                },
            }
            if method in {"post", "put"}:
                operation["requestBody"] = {
                    "required": True,
                    "content": {"application/json": {"schema": reference()}},
                }
            item[method] = operation
            count += 1
        paths[path] = item
    document = {
        "openapi": "3.0.3",
        "info": {"title": "Big", "version": "1"},
        "paths": paths,
        "components": {"schemas": components},
    }
    return json.dumps(document, indent=1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("specs", nargs="*", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--big", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--side", choices=["ours", "theirs"])
    options = parser.parse_args()
    if options.side:
        print(json.dumps((ours if options.side == "ours" else theirs)(options.specs[0])))
        return
    folders = options.specs or [
        folder for folder in (ROOT / "specs", ROOT.parent / "shared" / "specs") if folder.is_dir()
    ]
    paths = []
    for given in folders:
        own = (
            sorted(path for path in given.iterdir() if path.suffix in {".json", ".yaml", ".yml"})
            if given.is_dir()
            else [given]
        )
        paths += own
        paths += [
            path
            for path in (
                given / "openhue__bridge/main.yaml",
                given / "nhs__personal-demographics/personal-demographics.yaml",
            )
            if path.is_file()
        ]
    with tempfile.TemporaryDirectory() as folder:
        if options.big:
            big = Path(folder) / "big.json"
            big.write_text(big_document(), encoding="utf-8")
            paths.append(big)
        found = compare(paths, options.repeat, options.timeout, options.json)
    print(json.dumps(found) if options.json else json.dumps(found["summary"], indent=1))


if __name__ == "__main__":
    main()
