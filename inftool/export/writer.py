"""Writes a run in a training format, line by line.

The files get their names only after every line was read back and compared.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

from pydantic import Field

from inftool.core.errors import ExportError, UsageError
from inftool.core.types import Record
from inftool.export.formats import (
    axolotl,
    bfcl,
    hermes,
    llamafactory,
    ms_swift,
    nemo_gym,
    openai,
    prime_rl,
    trl_dpo,
    trl_grpo,
    trl_sft,
    xlam,
)
from inftool.export.sample import Format, Lost, Row, dumps, loads
from inftool.runs.manifest import read_manifest

_MODULES = (
    openai,
    trl_sft,
    trl_dpo,
    trl_grpo,
    llamafactory,
    ms_swift,
    axolotl,
    hermes,
    xlam,
    bfcl,
    nemo_gym,
    prime_rl,
)
FORMATS: dict[str, Format] = {module.FORMAT.name: module.FORMAT for module in _MODULES}


class Exported(Record):
    """What was written: the JSON document of `inftool export`."""

    run: str
    """The run folder that was read."""

    format: str
    """The name of the format."""

    folder: str
    """The folder that was written."""

    files: dict[str, int] = Field(default_factory=dict)
    """Lines by file."""

    proved: int = 0
    """How many lines were read back and compared."""

    left_out: dict[str, int] = Field(default_factory=dict)
    """Reason -> how many items the format could not say."""


def export_run(run: Path, format: str, folder: Path) -> Exported:
    """Write a run in a format into a new or empty folder, one trajectory in memory at a time.

    Errors: UsageError for an unknown format or a folder in use, StoreError for what is not a run,
    ExportError if nothing can be written or what was written is not what was kept (the unfinished
    files then keep the ending `.part`).
    """
    found = FORMATS.get(format)
    if found is None:
        raise UsageError(f"there is no format {format!r}", hint=f"there are: {', '.join(FORMATS)}")
    read_manifest(run)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is not empty", hint="choose another folder with -o")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Files have the ending `.part` until they are proved, so that a reader never finds half of
        # one.
        counts, left_out = _write(run, found, folder)
        proved = _prove(run, found, folder, counts)
        for file in counts:
            _part(folder, file).replace(folder / f"{file}.jsonl")
        for name, content in found.beside(counts).items():
            (folder / name).write_text(
                json.dumps(content, indent=2, ensure_ascii=False) + "\n", "utf-8"
            )
    except OSError as error:
        raise ExportError(
            f"cannot write to {folder}: {error.strerror or error}",
            hint="choose another folder with -o",
        ) from error
    return Exported(
        run=str(run),
        format=format,
        folder=str(folder),
        files=dict(counts),
        proved=proved,
        left_out=dict(left_out.most_common()),
    )


def _part(folder: Path, file: str) -> Path:
    return folder / f"{file}.jsonl.part"


def _usable(
    run: Path, format: Format, left_out: Counter[str]
) -> Iterator[tuple[Any, list[tuple[str, Row]]]]:
    for item in format.items(run):
        if item.unusable:
            left_out[item.unusable] += 1
            continue
        try:
            lines = list(format.rows(item))
        except Lost as reason:
            left_out[str(reason)] += 1
            continue
        if lines:
            yield item, lines


def _write(run: Path, format: Format, folder: Path) -> tuple[Counter[str], Counter[str]]:
    counts: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    open_: dict[str, IO[str]] = {}
    with ExitStack() as stack:
        for _, lines in _usable(run, format, left_out):
            for file, row in lines:
                if file not in open_:
                    open_[file] = stack.enter_context(
                        _part(folder, file).open("w", encoding="utf-8")
                    )
                open_[file].write(dumps(row) + "\n")
                counts[file] += 1
    if not counts:
        reasons = (
            "; ".join(f"{reason}: {times}" for reason, times in left_out.most_common())
            or "the run kept nothing"
        )
        raise ExportError(f"there is nothing in {run} that {format.name} can say ({reasons})")
    return counts, left_out


def _prove(run: Path, format: Format, folder: Path, counts: Counter[str]) -> int:
    """Read every line back and compare it with what was kept, as JSON; how many were compared."""
    proved: Counter[str] = Counter()
    with ExitStack() as stack:
        files = {file: stack.enter_context(_part(folder, file).open("rb")) for file in counts}
        # The run is read a second time instead of being held in memory: it may not fit.
        for item, lines in _usable(run, format, Counter()):
            wanted = list(format.said(item))
            if len(wanted) != len(lines):
                raise ExportError(
                    f"{format.name} writes {len(lines)} lines of {item.id}, which has "
                    f"{len(wanted)} to say"
                )
            for (file, _), expected in zip(lines, wanted, strict=True):
                proved[file] += 1
                where = f"{folder / file}.jsonl:{proved[file]}"
                if dumps(format.back(file, loads(files[file].readline(), where))) != dumps(
                    expected
                ):
                    raise ExportError(
                        f"{where} does not say what {item.id} says",
                        hint="this is a fault of InfTool: please report it",
                    )
        longer = next((file for file, handle in files.items() if handle.readline()), None)
    # Every line that was written has to be one that was compared.
    if longer is not None or proved != counts:
        raise ExportError(f"{folder / (longer or '')} holds more lines than were written")
    return proved.total()
