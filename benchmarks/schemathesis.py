"""Does schemathesis find an answer of the simulated APIs, served over plain HTTP, that breaks its
spec?

Run: SCHEMATHESIS=path/to/st python benchmarks/schemathesis.py specs ../shared/specs   (pip install
schemathesis, in an environment of its own)
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHECKS = (
    "not_a_server_error,response_schema_conformance,response_headers_conformance,use_after_free"
)


def tool() -> str | None:
    """The schemathesis command: the environment variable SCHEMATHESIS, else `st` on the path."""
    return os.environ.get("SCHEMATHESIS") or shutil.which("st") or shutil.which("schemathesis")


@contextmanager
def served(spec: Path, seed: int = 0) -> Iterator[str]:
    """A spec's API over plain HTTP in a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "inftool",
        "serve",
        str(spec),
        "--as-http",
        "--port",
        str(port),
        "--seed",
        str(seed),
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(url, timeout=1)
            except urllib.error.HTTPError:
                break
            except OSError:
                if process.poll() is not None:
                    raise RuntimeError(
                        f"{spec} is not served: {process.stderr.read() if process.stderr else ''}"
                    ) from None
                time.sleep(0.1)
        yield url
    finally:
        process.terminate()
        process.wait(timeout=10)


def document(spec: Path) -> Path:
    """The root document of a spec: itself, or the first that says what it is inside a folder."""
    if spec.is_file():
        return spec
    texts = sorted(path for path in spec.rglob("*") if path.suffix in {".yaml", ".yml", ".json"})
    return next(
        path
        for path in texts
        if any(
            word in path.read_text("utf-8")[:4000]
            for word in ("openapi:", "swagger:", '"openapi"', '"swagger"')
        )
    )


def examine(command: str, spec: Path, *, examples: int, seconds: int, seed: int) -> dict[str, Any]:
    """What schemathesis says of one spec."""
    start = time.perf_counter()
    # It leaves a folder of its own where it runs.
    with served(spec) as url, tempfile.TemporaryDirectory() as folder:
        run = subprocess.run(
            [
                command,
                "run",
                str(document(spec).resolve()),
                "--url",
                url,
                "--checks",
                CHECKS,
                "--phases",
                "examples,coverage,fuzzing",
                "--max-examples",
                str(examples),
                "--seed",
                str(seed),
                "--generation-database",
                "none",
                "--suppress-health-check",
                "all",
                "--continue-on-failure",
                "--warnings",
                "off",
                "--no-color",
                "--max-time",
                str(seconds),
            ],
            capture_output=True,
            text=True,
            timeout=seconds + 240,
            check=False,
            cwd=folder,
        )
    lines = run.stdout.splitlines()
    found = [line.strip() for line in lines if line.strip().startswith("- ")]
    # 0: nothing found, 1: failures or operations that it cannot read (a pattern that is no ECMA
    # one, an undeclared path parameter), else it could not run.
    failed = any(line.strip("= ") == "FAILURES" for line in lines)
    verdict = (
        "clean"
        if run.returncode == 0 or (run.returncode == 1 and not failed)
        else "failures"
        if run.returncode == 1
        else "error"
    )
    unread = sorted(
        {
            lines[place - 1].strip("_ ")
            for place, line in enumerate(lines)
            if place and line.startswith("Schema Error")
        }
    )
    return {
        "spec": spec.name,
        "verdict": verdict,
        "found": found[:40],
        "unread": unread,
        "tail": lines[-12:],
        "seconds": round(time.perf_counter() - start, 1),
        "output": run.stdout if verdict != "clean" else "",
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", default=["specs"])
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=120, help="for each spec")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    command = tool()
    if command is None:
        print("schemathesis is not installed: name its command in SCHEMATHESIS", file=sys.stderr)
        return 2
    specs = []
    for path in map(Path, options.paths):
        files = (
            sorted(path.iterdir())
            if path.is_dir() and not (path / "openapi.yaml").is_file()
            else [path]
        )
        specs += [
            item
            for item in files
            if item.suffix in {".yaml", ".json", ""}
            and not item.name.endswith(".world.yaml")
            and item.name != "README.md"
        ]
    rows = []
    for spec in specs:
        row = examine(
            command, spec, examples=options.examples, seconds=options.seconds, seed=options.seed
        )
        rows.append(row)
        if not options.json:
            unread = f"cannot read {', '.join(row['unread'])}" if row["unread"] else ""
            print(
                (
                    f"{row['spec']:44} {row['verdict']:9} {row['seconds']:7} s  "
                    f"{'; '.join(row['found'][:4])[:200]} {unread}"
                ).rstrip(),
                flush=True,
            )
            if options.verbose and row["output"]:
                print(row["output"])
    if options.json:
        print(json.dumps(rows, indent=1))
    return int(any(row["verdict"] != "clean" for row in rows))


if __name__ == "__main__":
    sys.exit(main())
