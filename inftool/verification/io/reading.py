"""Streams trajectories out of files and folders, one line at a time, whatever their encoding."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from inftool.core.errors import UsageError
from inftool.core.types import JsonObject

MAX_LINE = 64 * 1024 * 1024
_CHUNK = 1024 * 1024
_MARK = b"\xef\xbb\xbf"
_OPENING = re.compile(rb"\[\s*(?:\{|\]|$)")
BAR = 0.95


SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
ESCAPED = re.compile(r"[\ud800-\udfff]")


def input_files(path: Path) -> list[Path]:
    """The files to read: a run's kept lines, the JSON files of a folder, or the file itself.

    UsageError where there is none.
    """
    if path.is_dir():
        if (path / "run.json").is_file():
            found = sorted((path / "kept").glob("*.jsonl"))
        else:
            found = sorted(path.glob("*.jsonl")) or sorted(path.glob("*.json"))
        if not found:
            raise UsageError(
                f"{path} holds no .jsonl file", hint="name a run folder or a file of JSON lines"
            )
        return found
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    return [path]


def lines(file: Path) -> Iterator[tuple[int, bytes | JsonObject | str]]:
    """The lines of a file by number: their bytes, or a text that says why one cannot be read.

    A JSON array is taken apart, its entries counted from 1.
    """
    if _is_array(file):
        yield from _entries(file)
        return
    with file.open("rb") as handle:
        number = 0
        while line := handle.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE and not line.endswith(b"\n"):
                while (rest := handle.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                    pass
                yield number, f"longer than {MAX_LINE // 2**20} MiB"
            elif line.strip():
                yield number, line


def _is_array(file: Path) -> bool:
    """Whether a file is one JSON array of objects, not lines of which the first happens to be a
    list."""
    with file.open("rb") as handle:
        first = handle.readline(_CHUNK).removeprefix(_MARK).strip()
        if _OPENING.match(first) is None and not (
            first == b"[" and _OPENING.match(b"[" + handle.read(_CHUNK).lstrip()[:1])
        ):
            return False
        rest = handle.read(_CHUNK).strip()
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return True
    return not rest


def _entries(file: Path) -> Iterator[tuple[int, JsonObject | str]]:
    """The entries of an array by number, one after another, so that no more than the longest is
    held; after one that is broken the rest is lost."""
    problems: list[str] = []

    def refuse(name: str) -> None:
        problems.append(f"{name} is not JSON")

    def pairs(items: list[tuple[str, Any]]) -> JsonObject:
        found = dict(items)
        if len(found) < len(items):
            problems.append("a name stands twice in one object")
        return found

    decoder = json.JSONDecoder(parse_constant=refuse, object_pairs_hook=pairs)
    number, size = 1, _CHUNK
    with file.open(encoding="utf-8-sig") as handle:
        try:
            text = handle.read(size).lstrip()[1:]
            while True:
                text = text.lstrip(" \t\r\n,")
                if text.startswith("]"):
                    return
                problems.clear()
                try:
                    value, end = decoder.raw_decode(text)
                except ValueError as error:
                    more = handle.read(size) if len(text) <= MAX_LINE else ""
                    if not more:
                        reason = (
                            f"longer than {MAX_LINE // 2**20} MiB"
                            if len(text) > MAX_LINE
                            else str(error)
                        )
                        yield number, f"{reason}; what comes after it is not read"
                        return
                    text, size = text + more, 2 * size
                    continue
                text, size = text[end:], _CHUNK
                yield (
                    number,
                    problems[0]
                    if problems
                    else value
                    if isinstance(value, dict)
                    else "not a JSON object",
                )
                number += 1
        except (UnicodeDecodeError, RecursionError) as error:
            yield (
                number,
                f"{type(error).__name__}: {str(error)[:200]}; what comes after it is not read",
            )
