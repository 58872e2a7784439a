"""`inftool serve`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import Cards, KeyVariable, Role, Specs, app, specs_or_samples
from inftool.cli.rendering import err, plain
from inftool.core.errors import InftoolError, UsageError

Http = Annotated[
    bool,
    typer.Option(
        "--http", help="Serve MCP over streamable HTTP instead of standard input and output."
    ),
]
AsHttp = Annotated[
    bool,
    typer.Option(
        "--as-http", help="Serve the simulated API itself as plain HTTP at its own paths."
    ),
]
Host = Annotated[
    str, typer.Option(help="The interface to listen on; only this machine can reach the default.")
]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")]
Seed = Annotated[
    int, typer.Option(help="The seed of the worlds; the same seed gives the same entities.")
]
Live = Annotated[
    str | None,
    typer.Option(
        help="Call the real API at this address through the same validation"
        " (auth from INFTOOL_LIVE_TOKEN)."
    ),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(help="An HTTP method that --live may send beside GET and HEAD."),
]
Write = Annotated[
    Path | None,
    typer.Option(help="Write a launcher such as servers/bookshop.py for one spec, and stop."),
]
Model = Annotated[
    str | None,
    typer.Option(help="A model that answers what the spec does not determine (agents/world.md)."),
]
BaseUrl = Annotated[
    str | None, typer.Option(help="That model's endpoint, such as http://127.0.0.1:8000/v1.")
]
RecordingsFile = Annotated[
    Path | None,
    typer.Option(help="Where its answers are kept (JSON lines); recorded ones need no model."),
]


@app.command(epilog="Example:  inftool serve specs/bookshop.yaml --http --port 8000")
def serve(
    specs: Specs = None,
    http: Http = False,
    as_http: AsHttp = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    seed: Seed = 0,
    live: Live = None,
    allow: Allow = None,
    write: Write = None,
    model: Model = None,
    base_url: BaseUrl = None,
    key_env: KeyVariable = None,
    role: Role = None,
    card: Cards = None,
    recordings: RecordingsFile = None,
) -> None:
    """Serve simulated APIs as MCP tools (standard input and output, or HTTP), or as plain HTTP."""
    from inftool.servers import running
    from inftool.specs import compile_specs
    from inftool.synthesis.cast_builder import own_cards, player_of, role_endpoint

    paths = specs_or_samples(specs)
    if write is not None:
        _write_launcher(paths, write)
        return
    apis = tuple(api for api in compile_specs(paths) if api.tools)
    if not apis:
        raise InftoolError(
            "the specs have no usable operation",
            hint="inftool doctor SPECS says what is wrong with them",
        )
    tools = sum(len(api.tools) for api in apis)
    endpoint = role_endpoint("world", role or (), model=model, base_url=base_url, key_env=key_env)
    player = player_of(endpoint, recordings, own_cards(card or ()))
    # Plain HTTP has no MCP client to configure, so only the address is printed.
    if as_http:
        err.print(f"{tools} operations of {len(apis)} APIs at {running.address(host, port, '/')}")
        running.run_web(apis, seed=seed, host=host, port=port, player=player)
        return
    server = running.server_for(apis, seed=seed, live=live, allow=tuple(allow or ()), player=player)
    url = running.address(host, port) if http else None
    where = f"at {url}" if url else "on standard input and output"
    # On standard error: with stdio, standard output belongs to the protocol.
    err.print(f"{tools} tools of {len(apis)} APIs {where}; for an MCP client's configuration:")
    _print_client_config(apis[0].name if len(apis) == 1 else "inftool", paths, url)
    if http:
        running.run_http(server, host=host, port=port)
    else:
        running.run_stdio(server)


def _write_launcher(paths: list[str], file: Path) -> None:
    from inftool.servers import launchers

    if len(paths) != 1:
        raise UsageError("--write takes exactly one spec")
    err.print(f"wrote {plain(str(launchers.write_launcher(paths[0], file)))}")


def _print_client_config(name: str, paths: list[str], url: str | None) -> None:
    from inftool.servers import launchers

    # The address may be followed by a remark for people.
    address = url.split(" ")[0] if url else None
    err.print(plain(launchers.client_config(name, paths, url=address)))
