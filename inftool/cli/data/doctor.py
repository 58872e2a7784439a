"""`inftool doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inftool.cli.common import DONE, FELL_SHORT, AsJson, Specs, app, named
from inftool.cli.rendering import err, out, plain, show_json
from inftool.core.errors import UsageError


@app.command(epilog="Example:  inftool doctor specs/ --strict warning")
def doctor(
    specs: Specs = None,
    strict: Annotated[
        str | None,
        typer.Option(help="Exit 1 if anything above this level was lost: info, warning or error."),
    ] = None,
    fix: Annotated[
        Path | None,
        typer.Option(
            help="Write the normalised OpenAPI 3.1 document of a single spec to this file."
        ),
    ] = None,
    level: Annotated[
        str, typer.Option(help="The least level of losses to show: info, warning or error.")
    ] = "info",
    most: Annotated[int, typer.Option(min=0, help="How many losses to show a spec.")] = 20,
    max_schema_bytes: Annotated[
        int, typer.Option(min=512, help="The budget of one input schema.")
    ] = 16384,
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="Fetch references to http(s) addresses.")
    ] = False,
    mcp: Annotated[
        str | None,
        typer.Option(
            help="Ask a live MCP server instead: its http(s) address, or the command that starts it."
        ),
    ] = None,
    world: Annotated[
        bool,
        typer.Option(
            "--world",
            help="Show what the simulated world holds and does instead, and what falls back.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say what each spec becomes and what is lost on the way, with its line."""
    if world:
        from inftool.world.report import describe_specs, render_world

        described = describe_specs(named(specs))
        if as_json:
            show_json(described)
        else:
            out.print(plain(render_world(described)))
        return
    from inftool.specs.doctor import examine, examine_server, falls_short, render
    from inftool.specs.normalize import write_normalized as write_fixed

    levels = ("info", "warning", "error")
    if (strict or "info") not in levels or level not in levels:
        raise UsageError("a level is one of: info, warning, error")
    if mcp is not None:
        document = examine_server(mcp, max_schema_bytes=max_schema_bytes)
    else:
        paths = named(specs)
        if fix is not None:
            if len(paths) != 1:
                raise UsageError("--fix takes exactly one spec")
            write_fixed(paths[0], fix, allow_remote=allow_remote)
            err.print(f"wrote {plain(str(fix))}")
        _, document = examine(paths, max_schema_bytes=max_schema_bytes, allow_remote=allow_remote)
    if as_json:
        show_json(document)
    else:
        out.print(render(document, most=most, level=level))  # type: ignore[arg-type]
        if mcp is None:
            out.print(
                f"next:  [bold]inftool synth {plain(' '.join(specs or []))} -n 100[/]".replace(
                    "synth  ", "synth "
                )
            )
    raise typer.Exit(FELL_SHORT if falls_short(document, strict) else DONE)  # type: ignore[arg-type]
