"""Launchers and client configuration: the files by which simulated servers are started."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from inftool.core.errors import UsageError
from inftool.core.tools import Api
from inftool.specs import compile_specs

# What a title keeps in the docstring of a launcher: nothing that could end it.
_NOT_IN_TITLES = re.compile(r"[^\w .,:;()&+-]")
_NOT_IN_SERVER_NAMES = re.compile(r"[^A-Za-z0-9_-]+")
_LAUNCHER = '''\
"""{title}, simulated: fastmcp run {folder}/{file}."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A launcher in this folder may be named like a standard module (calendar.py) and would hide it.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]

from inftool import build_server, compile_specs  # noqa: E402

SPEC = HERE / {spec}

mcp = build_server(compile_specs([SPEC]))

if __name__ == "__main__":
    mcp.run()
'''


def launcher_text(api: Api, spec: Path, out: Path) -> str:
    """The text of a launcher at `out` for the API of a spec.

    A function of the API's title and of where the spec lies as seen from the launcher, nothing
    else. UsageError where that path has a line break in it.
    """
    # Relative, so that a checkout works wherever it lies and the bytes stay the same.
    relative = Path(os.path.relpath(spec.resolve(), out.resolve().parent)).as_posix()
    if "\n" in relative or "\r" in relative:
        raise UsageError(f"{relative!r} cannot be written into a launcher")
    title = _NOT_IN_TITLES.sub("", " ".join(api.title.split())) or "An API"
    return _LAUNCHER.format(
        title=title, folder=out.parent.name, file=out.name, spec=json.dumps(relative)
    )


def write_launcher(spec: str | Path, out: str | Path) -> Path:
    """Write a launcher for a spec (a file, or the folder of a multi-file one).

    The same spec gives the same bytes. UsageError where `out` does not end in `.py`.
    """
    source, target = Path(spec), Path(out)
    if target.suffix != ".py":
        raise UsageError(
            f"{target} is not a Python file", hint="a launcher is named like servers/bookshop.py"
        )
    text = launcher_text(compile_specs([source])[0], source, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def client_config(name: str, specs: Sequence[str | Path], *, url: str | None = None) -> str:
    """The JSON that desktop MCP clients take (`mcpServers`), for one server.

    It holds the server's address where `url` is given, else the command that starts it.
    """
    key = _NOT_IN_SERVER_NAMES.sub("-", name).strip("-") or "inftool"
    entry: dict[str, object] = {"url": url}
    if not url:
        paths = [str(Path(spec).resolve()) for spec in specs]
        entry = {"command": sys.executable, "args": ["-m", "inftool", "serve", *paths]}
    return json.dumps({"mcpServers": {key: entry}}, indent=2)
