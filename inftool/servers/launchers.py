"""Launchers, addresses and client configuration: how a simulated server is started and found."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastmcp import FastMCP

from inftool.core.errors import UsageError
from inftool.core.tools import Api

if TYPE_CHECKING:
    from inftool.world.model_fallback import FallbackPlayer


LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def launcher_text(api: Api, spec: Path, out: Path) -> str:
    """The text of a launcher: a function of the API's title and of where the spec lies as seen from the launcher, nothing else."""
    relative = Path(os.path.relpath(spec.resolve(), out.resolve().parent)).as_posix()
    if "\n" in relative or "\r" in relative:
        raise UsageError(f"{relative!r} cannot be written into a launcher")
    title = re.sub(r"[^\w .,:;()&+-]", "", " ".join(api.title.split())) or "An API"
    return (
        f'"""{title}, simulated: fastmcp run {out.parent.name}/{out.name}."""\n'
        "\n"
        "import sys\n"
        "from pathlib import Path\n"
        "\n"
        "HERE = Path(__file__).resolve().parent\n"
        "# A neighbour may be named like a standard module (calendar.py) and must not be imported in its place.\n"
        'sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]\n'
        "\n"
        "from inftool import build_server, compile_specs  # noqa: E402\n"
        "\n"
        f"SPEC = HERE / {json.dumps(relative)}\n"
        "\n"
        "mcp = build_server(compile_specs([SPEC]))\n"
        "\n"
        'if __name__ == "__main__":\n'
        "    mcp.run()\n"
    )


def write_launcher(spec: str | Path, out: str | Path) -> Path:
    """Write a launcher for a spec (a file, or a folder of a multi-file one); the same spec gives the same bytes.

    UsageError on a name that is no Python file.
    """
    from inftool.specs import compile_specs

    source, target = Path(spec), Path(out)
    if target.suffix != ".py":
        raise UsageError(
            f"{target} is no Python file", hint="a launcher is named like servers/bookshop.py"
        )
    text = launcher_text(compile_specs([source])[0], source, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return target


def client_config(name: str, specs: Sequence[str | Path], *, url: str | None = None) -> str:
    """The piece of JSON that desktop MCP clients take (`mcpServers`): the command that starts the server, or its address."""
    key = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-") or "inftool"
    entry: dict[str, Any] = (
        {"url": url}
        if url
        else {
            "command": sys.executable,
            "args": ["-m", "inftool", "serve", *(str(Path(spec).resolve()) for spec in specs)],
        }
    )
    return json.dumps({"mcpServers": {key: entry}}, indent=2)


def address(host: str, port: int, path: str = "/mcp") -> str:
    """The address of a server, and whom it can be reached by."""
    shown = f"[{host}]" if ":" in host else host
    reach = "this machine only" if host in LOOPBACK else "EVERY machine that can reach this one"
    return f"http://{shown}:{port}{path} ({reach})"


def server_for(
    apis: Sequence[Api],
    *,
    seed: int = 0,
    live: str | None = None,
    allow: Sequence[str] = (),
    player: FallbackPlayer | None = None,
) -> FastMCP[Any]:
    """A server of simulated APIs; with `live`, of one API that is called for real at that address (GET and HEAD, and the methods in `allow`).

    UsageError where `live` is given for more than one API.
    """
    from inftool.servers.mcp import build_server
    from inftool.servers.upstream import READ_ONLY, UpstreamApi

    if live is None:
        return build_server(apis, seed=seed, player=player)
    if len(apis) != 1:
        raise UsageError("--live calls one API", hint="name one spec")
    methods = READ_ONLY | {method.upper() for method in allow}
    return build_server(
        apis, seed=seed, live={apis[0].name: UpstreamApi(apis[0], live, methods=methods)}
    )


def run_stdio(server: FastMCP[Any]) -> None:
    """Serve MCP over standard input and output until the client hangs up."""
    server.run(transport="stdio", show_banner=False)


def run_http(server: FastMCP[Any], *, host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve MCP over streamable HTTP at `/mcp`; on the loopback interface unless told otherwise."""
    server.run(transport="http", host=host, port=port, show_banner=False)


def run_web(
    apis: Sequence[Api],
    *,
    seed: int = 0,
    host: str = "127.0.0.1",
    port: int = 8000,
    player: FallbackPlayer | None = None,
) -> None:
    """Serve the simulated APIs as plain HTTP at their own paths; on the loopback interface unless told otherwise."""
    import uvicorn

    from inftool.servers.http import http_app

    uvicorn.run(http_app(apis, seed=seed, player=player), host=host, port=port, log_level="warning")
