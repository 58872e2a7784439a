"""`inftool doctor`: what each spec became, and what was lost on the way, as a table, as JSON and as an exit code."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inftool.core.tools import Api
from inftool.core.types import JsonObject, Level
from inftool.specs.compiler import compile_each

if TYPE_CHECKING:
    from rich.console import RenderableType


_ORDER: dict[Level, int] = {"info": 0, "warning": 1, "error": 2}
_STYLE: dict[Level, str] = {"info": "dim", "warning": "yellow", "error": "bold red"}


def examine(
    paths: Sequence[str | Path],
    *,
    max_schema_bytes: int = 16_384,
    closed: bool = True,
    allow_remote: bool = False,
    cache: bool = True,
    on_progress: Callable[[str, int, int], None] | None = None,
) -> tuple[list[Api], JsonObject]:
    """The Apis behind `paths` and the JSON document of `inftool doctor` about them. Raises SpecError as `compile_specs` does."""
    start = time.perf_counter()
    found = compile_each(
        paths,
        max_schema_bytes=max_schema_bytes,
        closed=closed,
        allow_remote=allow_remote,
        cache=cache,
        on_progress=on_progress,
    )
    return [api for api, _ in found], report(found, time.perf_counter() - start)


def examine_server(target: str, *, max_schema_bytes: int = 16_384) -> JsonObject:
    """The JSON document about the tools of a live MCP server (an http(s) address, or the command that starts one). Raises SpecError where it does not answer."""
    import asyncio

    from inftool.specs.tool_lists.mcp import compile_server

    start = time.perf_counter()
    api = asyncio.run(compile_server(target, max_schema_bytes=max_schema_bytes))
    seconds = time.perf_counter() - start
    return report([(api, seconds)], seconds)


def report(found: Sequence[tuple[Api, float]], seconds: float) -> JsonObject:
    """The JSON document about compiled Apis and the seconds that each took."""
    specs = [
        {
            "file": api.file,
            "title": api.title,
            "version": api.version,
            "format": api.format,
            "name": api.name,
            "operations": api.operations,
            "tools": len(api.tools),
            "seconds": round(took, 4),
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
        for api, took in found
    ]
    levels = Counter(loss.level for api, _ in found for loss in api.losses)
    totals = {
        "specs": len(specs),
        "operations": sum(api.operations for api, _ in found),
        "tools": sum(len(api.tools) for api, _ in found),
        "seconds": round(seconds, 4),
        "losses": {level: levels.get(level, 0) for level in _ORDER},
    }
    return {"specs": specs, "totals": totals}


def falls_short(document: JsonObject, strict: Level | None = None) -> bool:
    """Whether doctor exits with 1: no tool at all, or with `strict` any loss above that level ("info" lets only information pass)."""
    if not document["totals"]["tools"]:
        return True
    if strict is None:
        return False
    return any(
        _ORDER[loss["level"]] > _ORDER[strict]
        for spec in document["specs"]
        for loss in spec["losses"]
    )


def render(document: JsonObject, *, most: int = 20, level: Level = "info") -> RenderableType:
    """The document as a table of specs with their losses under it: at most `most` losses a spec, those below `level` left out."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("spec", "format", "version"):
        table.add_column(title, overflow="fold")
    for title in ("operations", "tools", "errors", "warnings", "infos", "seconds"):
        table.add_column(title, justify="right")
    details: list[Any] = []
    for spec in document["specs"]:
        levels = Counter(loss["level"] for loss in spec["losses"])
        lost = spec["tools"] < spec["operations"] or not spec["tools"]
        table.add_row(
            Text(spec["file"]),
            spec["format"],
            Text(spec["version"]),
            str(spec["operations"]),
            Text(str(spec["tools"]), style="red" if lost else "green"),
            *(
                Text(str(levels[name] or "·"), style=_STYLE[name] if levels[name] else "dim")
                for name in ("error", "warning", "info")
            ),
            f"{spec['seconds']:.2f}",
        )
        details.extend(_losses(spec, most, level))
    totals = document["totals"]
    summary = Text(
        f"{totals['tools']} tools from {totals['operations']} operations in {totals['specs']} specs, {totals['seconds']:.2f} s",
        style="bold",
    )
    return Group(table, *details, Text(""), summary)


def _losses(spec: JsonObject, most: int, level: Level) -> list[Any]:
    from rich.text import Text

    shown = [loss for loss in spec["losses"] if _ORDER[loss["level"]] >= _ORDER[level]]
    if not shown:
        return []
    # The worst first; within a level in the order of the file.
    shown.sort(key=lambda loss: -_ORDER[loss["level"]])
    lines: list[Any] = [Text(f"\n{spec['file']}", style="bold")]
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
        lines.append(Text(f"  … and {len(shown) - most} more (--json lists them all)", style="dim"))
    return lines
