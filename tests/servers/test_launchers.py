"""Launchers: written the same every time, and started by a real client over stdio and HTTP."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport

from inftool.core.errors import UsageError
from inftool.servers.launchers import client_config, launcher_text, write_launcher
from inftool.servers.running import address
from inftool.specs import compile_specs
from tests.support.apis import ROOT

SERVERS = sorted((ROOT / "servers").glob("*.py"))


def spec_of(launcher: Path) -> Path:
    """The spec that a launcher in servers/ is for."""
    found = [
        path
        for path in (ROOT / "specs").iterdir()
        if (path.name if path.is_dir() else path.stem) == launcher.stem
        and not path.name.endswith(".world.yaml")
    ]
    return found[0]


def test_every_spec_has_a_launcher() -> None:
    stems = {
        path.name if path.is_dir() else path.stem
        for path in (ROOT / "specs").iterdir()
        if not path.name.endswith(".world.yaml")
    }
    assert {path.stem for path in SERVERS} == stems


@pytest.mark.parametrize("launcher", SERVERS, ids=lambda path: path.stem)
def test_launchers_are_what_the_generator_writes(launcher: Path, tmp_path: Path) -> None:
    kept = launcher.read_bytes()
    (tmp_path / "specs").symlink_to(ROOT / "specs")
    again = tmp_path / "servers" / launcher.name

    text = launcher_text(compile_specs([spec_of(launcher)])[0], spec_of(launcher), launcher)
    assert text.encode() == kept
    assert len(text.splitlines()) < 20
    assert not again.exists()


def test_a_launcher_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    out = write_launcher(ROOT / "specs" / "bookshop.yaml", tmp_path / "here" / "shop.py")
    assert out.read_text().startswith('"""Paper Lantern Bookshop API, simulated')
    with pytest.raises(UsageError, match="not a Python file"):
        write_launcher(ROOT / "specs" / "bookshop.yaml", tmp_path / "shop.txt")


async def test_a_real_client_talks_to_a_launcher_over_stdio() -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    transport = StdioTransport(
        sys.executable, [str(ROOT / "servers" / "bookshop.py")], env=environment, cwd=str(ROOT)
    )
    async with Client(transport) as client:
        assert len(await client.list_tools()) == 22
        listed = json.loads(
            (await client.call_tool_mcp("listBooks", {"perPage": 2})).content[0].text
        )
        assert len(listed["data"]) == 2


def test_where_a_server_listens_is_said_plainly() -> None:
    assert address("127.0.0.1", 8000) == "http://127.0.0.1:8000/mcp (this machine only)"
    assert "EVERY machine" in address("0.0.0.0", 8000)
    assert address("::1", 1, "/").startswith("http://[::1]:1/")


def test_the_snippet_for_desktop_clients_is_json() -> None:
    entry = json.loads(client_config("My shop!", ["specs/bookshop.yaml"]))["mcpServers"]["My-shop"]
    assert entry["args"][:3] == ["-m", "inftool", "serve"]
    assert Path(entry["args"][3]).is_absolute()
    assert json.loads(client_config("x", [], url="http://127.0.0.1:1/mcp"))["mcpServers"]["x"] == {
        "url": "http://127.0.0.1:1/mcp"
    }
