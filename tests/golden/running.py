"""Runs the public entry points for the cases: command line, compiler, server, in clean rooms."""

from __future__ import annotations

import asyncio
import atexit
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from fastmcp import Client
from typer.testing import CliRunner

from inftool import build_server, compile_specs
from inftool.cli import app

ROOT = Path(__file__).resolve().parents[2]
REAL_SPECS = Path(os.environ.get("INFTOOL_SHARED") or ROOT.parent / "shared") / "specs"
# As the cases name them: relative to the folder that all commands run in (see `clean_room`).
SAMPLES, SHARED = Path("specs"), Path("shared")
_ROOM = tempfile.mkdtemp(prefix="inftool-golden-")
atexit.register(shutil.rmtree, _ROOM, ignore_errors=True)


def new_folder(name: str) -> Path:
    """A path inside a new folder that goes away with the process."""
    return Path(tempfile.mkdtemp(dir=_ROOM)) / name


@functools.cache
def desk() -> Path:
    """A folder with copies of all specs, in which commands run.

    Names of definitions in schemas come to hold a hash of the path by which the spec was named, so
    every checkout has to name the specs by the same relative paths.
    """
    folder = new_folder("desk")
    shutil.copytree(ROOT / "specs", folder / SAMPLES)
    if REAL_SPECS.is_dir():
        shutil.copytree(REAL_SPECS, folder / SHARED, copy_function=shutil.copyfile)
        for path in (folder / SHARED).rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@contextmanager
def clean_room() -> Iterator[dict[str, str]]:
    """In the folder of copies, without settings from outside, and with an empty compile cache.

    What is read back from the cache and what is compiled afresh are equal, but a case must not
    depend on which cases ran before it.
    """
    before, folder = dict(os.environ), Path.cwd()
    os.chdir(desk())
    for key in before:
        if key.startswith("INFTOOL_"):
            del os.environ[key]
    os.environ["XDG_CACHE_HOME"] = str(new_folder("cache"))
    try:
        yield dict(os.environ)
    finally:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(before)


def without_paths(text: str, folders: Mapping[Path, str]) -> str:
    """A text with some folders and that of the copies replaced by labels such as `<run>`."""
    for folder, label in {**folders, desk(): "<desk>"}.items():
        text = text.replace(str(folder), label)
    return text


def read_json(text: str, folders: Mapping[Path, str] | None = None) -> Any:
    """A JSON document in which the machine's folders are replaced by labels."""
    return json.loads(without_paths(text, folders or {}))


def command(*words: object) -> str:
    """The standard output of a command; an exit code above 1 or an error is raised."""
    with clean_room():
        done = CliRunner().invoke(app, [str(word) for word in words])
    if done.exit_code > 1 or (done.exception and not isinstance(done.exception, SystemExit)):
        raise RuntimeError(f"inftool {' '.join(map(str, words))}: {done.output}") from (
            done.exception
        )
    return done.stdout


def command_in_process_of_its_own(*words: object) -> None:
    """Run a command in a process of its own, on one thread; needed where torch takes part."""
    with clean_room() as environment:
        environment |= {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        line = [sys.executable, "-m", "inftool", *map(str, words)]
        done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    if done.returncode > 1:
        raise RuntimeError(f"{' '.join(line)}: {done.stderr[-2000:]}")


def synth(specs: Sequence[Path], *options: object) -> tuple[Path, dict[str, Any]]:
    """The folder of a new run and the summary that `synth --json` prints."""
    run = new_folder("run")
    done = command("synth", *specs, "-o", run, "--json", *options)
    summary: dict[str, Any] = read_json(done, {run: "<run>"})
    return run, summary


def lines(run: Path, part: str) -> list[dict[str, Any]]:
    """The lines of `kept` or `rejected` of a run, by the number of the attempt.

    Lines are written as conversations end, and which ends first depends on how often each yields
    to the others; that order is not pinned.
    """
    rows = [
        read_json(line, {run: "<run>"})
        for path in sorted((run / part).glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
    ]
    return sorted(rows, key=lambda row: str(row["id"]))


@functools.cache
def small_run() -> Path:
    """A run to be exported, verified and mapped. One conversation at a time: its order is fixed."""
    specs = [SAMPLES / "parcels.json", SAMPLES / "calendar.yaml"]
    options = ("-n", 48, "--seed", 5, "--mistakes", 0.3, "--concurrency", 1)
    return synth(specs, *options)[0]


def compiled(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Every API behind some paths as plain data."""
    with clean_room():
        apis = compile_specs(paths)
    return [read_json(api.model_dump_json()) for api in apis]


async def _play(paths: Sequence[Path], seed: int) -> tuple[list[Any], list[tuple[str, Any]]]:
    async with Client(build_server(compile_specs(paths), seed=seed)) as client:
        tools = await client.list_tools()
        answers = []
        for tool in tools:
            if tool.input_schema.get("required"):
                continue
            answer = await client.call_tool(tool.name, {}, raise_on_error=False)
            told = [block.model_dump(mode="json") for block in answer.content]
            answers.append((tool.name, {"failed": answer.is_error, "content": told}))
    return [tool.model_dump(mode="json", by_alias=True) for tool in tools], answers


def served(paths: Sequence[Path], seed: int) -> tuple[list[Any], list[tuple[str, Any]]]:
    """The tools that a server of some specs lists, and what those without a required argument
    answer when they are called with none."""
    with clean_room():
        return asyncio.run(_play(paths, seed))
