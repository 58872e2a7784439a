"""The wheel as its users have it: installed without extras, away from the repository, its types
seen by mypy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
import zipfile
from contextlib import chdir
from pathlib import Path

import pytest
from hatchling.build import build_wheel

ROOT = Path(__file__).parents[1]
PROGRAM = """
import asyncio
from pathlib import Path

from fastmcp import Client

from inftool import build_server, compile_specs, synthesize, verify
from inftool.agents import ToolAssistant, UserSimulator

apis = compile_specs([Path("bookshop.yaml")])
reveal_type(apis)
server = build_server(apis)
reveal_type(server)
reveal_type(synthesize)
reveal_type(verify)
reveal_type(UserSimulator)


async def main() -> None:
    async with Client(server) as client:
        assistant = ToolAssistant.scripted(client, "Hello.")
        reveal_type(assistant)
        reveal_type(await assistant.reply("Hi"))


asyncio.run(main())
"""


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command's end and its output, both streams together; it does not see a `PYTHONPATH` that
    leads to the repository."""
    env = {
        name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "MYPYPATH"}
    }
    return subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has the wheel; what it depends on is lent by the
    environment of the tests."""
    folder = tmp_path_factory.mktemp("wheel")
    with chdir(ROOT):
        name = build_wheel(str(folder))
    venv.create(folder / "venv", symlinks=True)
    site = next((folder / "venv").glob("lib/python*/site-packages"))
    with zipfile.ZipFile(folder / name) as wheel:
        # Files of a pure Python wheel are installed as they lie in it.
        wheel.extractall(site)
    (site / "lent.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return folder / "venv" / "bin" / "python"


def test_the_wheel_holds_its_types_and_its_data_and_nothing_of_the_tests(
    installed: Path, tmp_path: Path
) -> None:
    where = run(
        installed, "-I", "-c", "import inftool; print(inftool.__file__)", cwd=tmp_path
    ).stdout.strip()
    package = Path(where).parent
    assert package.is_relative_to(installed.parents[1])
    assert (package / "py.typed").is_file()
    assert {path.name for path in (package / "_data").iterdir()} == {"agents", "specs"}
    assert {
        path.name
        for path in package.parent.iterdir()
        if path.is_dir() and "inftool" not in path.name
    } <= {"pip", "setuptools"}


@pytest.mark.cpu_limit(300)
def test_a_program_of_a_user_is_checked_strictly_and_sees_every_type(
    installed: Path, tmp_path: Path
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    checked = run(
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--python-executable",
        installed,
        "--cache-dir",
        tmp_path / "cache",
        "program.py",
        cwd=tmp_path,
    )
    assert checked.returncode == 0, checked.stdout
    types = [
        line.partition("Revealed type is ")[2].strip('"')
        for line in checked.stdout.splitlines()
        if "Revealed type is" in line
    ]
    assert len(types) == 7
    wanted = (
        r"\[inftool[\w.]*\.Api\b",
        r"FastMCP\[",
        r"-> inftool[\w.]*\.Summary$",
        r"-> .*inftool[\w.]*\.",
        r"-> inftool[\w.]*\.UserSimulator$",
        r"^inftool[\w.]*\.ToolAssistant$",
        r"\bstr$",
    )
    assert [
        pattern
        for pattern, shown in zip(wanted, types, strict=True)
        if not re.search(pattern, shown)
    ] == [], types
