"""`inftool doctor`: what each spec became and what was lost on the way.

As a JSON document, as a table, and as the answer whether that is good enough.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from inftool.core.tools import Api
from inftool.core.types import Level
from inftool.specs.compiler import Progress, compile_each
from inftool.specs.options import MAX_SCHEMA_BYTES, CompileOptions

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.text import Text


_SEVERITY: dict[Level, int] = {"info": 0, "warning": 1, "error": 2}
_STYLE: dict[Level, str] = {"info": "dim", "warning": "yellow", "error": "bold red"}


class LossReport(TypedDict):
    """One loss, as `inftool doctor --json` has it."""

    code: str
    level: Level
    file: str
    pointer: str
    line: int | None
    message: str


class SpecReport(TypedDict):
    """One compiled document, as `inftool doctor --json` has it."""

    file: str
    title: str
    version: str
    format: str
    name: str
    operations: int
    tools: int
    seconds: float
    losses: list[LossReport]


class Totals(TypedDict):
    """The sums over all documents; `losses` counts them by level."""

    specs: int
    operations: int
    tools: int
    seconds: float
    losses: dict[Level, int]


class DoctorReport(TypedDict):
    """The document of `inftool doctor --json`."""

    specs: list[SpecReport]
    totals: Totals


def examine(
    paths: Sequence[str | Path],
    *,
    max_schema_bytes: int = MAX_SCHEMA_BYTES,
    closed: bool = True,
    allow_remote: bool = False,
    cache: bool = True,
    on_progress: Progress | None = None,
) -> tuple[list[Api], DoctorReport]:
    """The Apis behind `paths` and the report about them. Raises SpecError as `compile_specs`."""
    start = time.perf_counter()
    options = CompileOptions(max_schema_bytes, closed, allow_remote)
    timed = compile_each(paths, options, cache=cache, on_progress=on_progress)
    return [api for api, _ in timed], report(timed, time.perf_counter() - start)


def examine_server(target: str, *, max_schema_bytes: int = MAX_SCHEMA_BYTES) -> DoctorReport:
    """The report about the tools of a running MCP server.

    `target` is an http(s) address or the command that starts one. Raises SpecError if the server
    does not answer.
    """
    # The client of MCP takes half a second to import, and few examine a server.
    import asyncio

    from inftool.specs.tool_lists.mcp import compile_server

    start = time.perf_counter()
    api = asyncio.run(compile_server(target, max_schema_bytes=max_schema_bytes))
    seconds = time.perf_counter() - start
    return report([(api, seconds)], seconds)


def report(timed: Sequence[tuple[Api, float]], seconds: float) -> DoctorReport:
    """The report about compiled Apis, each with the seconds that it took, and `seconds` in all."""
    specs = [_spec_report(api, took) for api, took in timed]
    # All levels are there, at 0 if need be, for who reads the document by program.
    levels = Counter(loss.level for api, _ in timed for loss in api.losses)
    return {
        "specs": specs,
        "totals": {
            "specs": len(specs),
            "operations": sum(spec["operations"] for spec in specs),
            "tools": sum(spec["tools"] for spec in specs),
            "seconds": round(seconds, 4),
            "losses": {level: levels.get(level, 0) for level in _SEVERITY},
        },
    }


def _spec_report(api: Api, seconds: float) -> SpecReport:
    return {
        "file": api.file,
        "title": api.title,
        "version": api.version,
        "format": api.format,
        "name": api.name,
        "operations": api.operations,
        "tools": len(api.tools),
        "seconds": round(seconds, 4),
        "losses": [
            {
                "code": loss.code,
                "level": loss.level,
                "file": loss.origin.file,
                "pointer": loss.origin.pointer,
                "line": loss.origin.line,
                "message": loss.message,
            }
            for loss in api.losses
        ],
    }


def falls_short(document: DoctorReport, strict: Level | None = None) -> bool:
    """Whether doctor exits with 1: there is no tool at all, or a loss above the level `strict`.

    With "info" only information passes, with "warning" warnings do too.
    """
    if not document["totals"]["tools"]:
        return True
    if strict is None:
        return False
    return any(
        _SEVERITY[loss["level"]] > _SEVERITY[strict]
        for spec in document["specs"]
        for loss in spec["losses"]
    )


def render(document: DoctorReport, *, most: int = 20, level: Level = "info") -> RenderableType:
    """The report as a table of specs with their losses under it.

    At most `most` losses a spec are shown; those below `level` are left out.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("spec", "format", "version"):
        table.add_column(title, overflow="fold")
    for title in ("operations", "tools", "errors", "warnings", "infos", "seconds"):
        table.add_column(title, justify="right")
    details: list[Text] = []
    for spec in document["specs"]:
        table.add_row(*_row(spec))
        details.extend(_loss_lines(spec, most, level))
    totals = document["totals"]
    summary = (
        f"{totals['tools']} tools from {totals['operations']} operations "
        f"in {totals['specs']} specs, {totals['seconds']:.2f} s"
    )
    return Group(table, *details, Text(""), Text(summary, style="bold"))


def _row(spec: SpecReport) -> list[RenderableType]:
    from rich.text import Text

    counts = Counter(loss["level"] for loss in spec["losses"])
    operations_lost = spec["tools"] < spec["operations"] or not spec["tools"]
    levels: tuple[Level, ...] = ("error", "warning", "info")
    return [
        Text(spec["file"]),
        spec["format"],
        Text(spec["version"]),
        str(spec["operations"]),
        Text(str(spec["tools"]), style="red" if operations_lost else "green"),
        *(
            Text(str(counts[level] or "·"), style=_STYLE[level] if counts[level] else "dim")
            for level in levels
        ),
        f"{spec['seconds']:.2f}",
    ]


def _loss_lines(spec: SpecReport, most: int, level: Level) -> list[Text]:
    from rich.text import Text

    shown = [loss for loss in spec["losses"] if _SEVERITY[loss["level"]] >= _SEVERITY[level]]
    if not shown:
        return []
    # The worst first; within a level in the order of the file.
    shown.sort(key=lambda loss: -_SEVERITY[loss["level"]])
    lines = [Text(f"\n{spec['file']}", style="bold")]
    for loss in shown[:most]:
        place = f"{loss['file']}:{loss['line']}" if loss["line"] else loss["file"]
        lines.append(
            Text.assemble(
                ("  " + loss["level"].ljust(8), _STYLE[loss["level"]]),
                (loss["code"], "cyan"),
                f"  {place}  ",
                (loss["message"], "default"),
            )
        )
        if loss["pointer"]:
            lines.append(Text(f"          {loss['pointer']}", style="dim"))
    if len(shown) > most:
        more = f"  … and {len(shown) - most} more (--json lists them all)"
        lines.append(Text(more, style="dim"))
    return lines
