"""`inftool doctor`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inftool.cli.common import DONE, FELL_SHORT, AsJson, Specs, app, specs_or_samples
from inftool.cli.rendering import err, out, plain, show_json
from inftool.core.errors import UsageError

if TYPE_CHECKING:
    from inftool.core.types import Level

LEVELS: tuple[Level, ...] = ("info", "warning", "error")

Strict = Annotated[
    str | None,
    typer.Option(help="Exit 1 if anything above this level was lost: info, warning or error."),
]
Fix = Annotated[
    Path | None,
    typer.Option(help="Write the normalized OpenAPI 3.1 document of a single spec to this file."),
]
LeastLevel = Annotated[
    str, typer.Option(help="The least level of losses to show: info, warning or error.")
]
Most = Annotated[int, typer.Option(min=0, help="How many losses to show a spec.")]
SchemaBudget = Annotated[int, typer.Option(min=512, help="The budget of one input schema.")]
AllowRemote = Annotated[
    bool, typer.Option("--allow-remote", help="Fetch references to http(s) addresses.")
]
McpServer = Annotated[
    str | None,
    typer.Option(
        help="Ask a live MCP server instead: its http(s) address, or the command that starts it."
    ),
]
ShowWorld = Annotated[
    bool,
    typer.Option(
        "--world",
        help="Show what the simulated world holds and does instead, and what falls back.",
    ),
]


@app.command(epilog="Example:  inftool doctor specs/ --strict warning")
def doctor(
    specs: Specs = None,
    strict: Strict = None,
    fix: Fix = None,
    level: LeastLevel = "info",
    most: Most = 20,
    max_schema_bytes: SchemaBudget = 16384,
    allow_remote: AllowRemote = False,
    mcp: McpServer = None,
    world: ShowWorld = False,
    as_json: AsJson = False,
) -> None:
    """Say what each spec becomes and what is lost on the way, with its line."""
    if world:
        _show_world(specs_or_samples(specs), as_json)
        return
    from inftool.specs.doctor import examine, examine_server, falls_short, render

    # Checked before the specs are compiled, which may take long.
    least, accepted = _level(level), _level(strict) if strict is not None else None
    if mcp is not None:
        document = examine_server(mcp, max_schema_bytes=max_schema_bytes)
    else:
        paths = specs_or_samples(specs)
        if fix is not None:
            _write_fixed(paths, fix, allow_remote)
        _, document = examine(paths, max_schema_bytes=max_schema_bytes, allow_remote=allow_remote)
    if as_json:
        show_json(document)
    else:
        out.print(render(document, most=most, level=least))
        if mcp is None:
            words = ["inftool synth", *(specs or []), "-n 100"]
            out.print(f"next:  [bold]{plain(' '.join(words))}[/]")
    raise typer.Exit(FELL_SHORT if falls_short(document, accepted) else DONE)


def _level(name: str) -> Level:
    for level in LEVELS:
        if name == level:
            return level
    raise UsageError("a level is one of: info, warning, error")


def _show_world(paths: list[str], as_json: bool) -> None:
    from inftool.world.report import describe_specs, render_world

    described = describe_specs(paths)
    if as_json:
        show_json(described)
    else:
        out.print(plain(render_world(described)))


def _write_fixed(paths: list[str], file: Path, allow_remote: bool) -> None:
    from inftool.specs.normalize import write_normalized

    if len(paths) != 1:
        raise UsageError("--fix takes exactly one spec")
    write_normalized(paths[0], file, allow_remote=allow_remote)
    err.print(f"wrote {plain(str(file))}")
