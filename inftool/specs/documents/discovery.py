"""Paths, folders and globs -> the files to read, each with the folder that its references may not leave."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inftool.core.errors import SpecError

_SUFFIXES = frozenset({".json", ".jsonl", ".yaml", ".yml"})
_MAGIC = re.compile(r"[*?\[]")
_SKIPPED = frozenset({"node_modules", "__pycache__", ".git", ".venv"})
MAX_FOUND = 50_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file to try: `root` is the folder that it may refer into, `shown_root` how the user calls that folder; `explicit`: asked for by name."""

    path: Path
    root: Path
    shown_root: str
    explicit: bool


def find_sources(paths: Sequence[str | Path]) -> list[Source]:
    """Every candidate behind `paths`, sorted, each once. Raises SpecError where a path does not exist."""
    if isinstance(paths, (str, Path)):
        paths = [paths]
    found: dict[Path, Source] = {}
    for given in paths:
        for source in _behind(given):
            key = Path(os.path.abspath(source.path))  # noqa: PTH100 - resolve() would follow the links that are to be refused
            known = found.get(key)
            if known is None or (source.explicit and not known.explicit):
                found[key] = source
    return sorted(found.values(), key=lambda source: source.path.as_posix())


def _behind(given: str | Path) -> list[Source]:
    path = Path(given).expanduser()
    try:
        if path.is_dir():
            return [Source(file, path, path.as_posix(), False) for file in _files(path)]
        if path.exists():
            return [
                Source(
                    path, path.parent, "" if path.parent == Path() else path.parent.as_posix(), True
                )
            ]
    except (OSError, ValueError) as error:
        raise SpecError(f"{given} cannot be read: {error}") from error
    if _MAGIC.search(str(given)):
        parts = path.parts
        first = next(index for index, part in enumerate(parts) if _MAGIC.search(part))
        base = Path(*parts[:first]) if first else Path()
        matches = sorted(match for match in base.glob("/".join(parts[first:])) if match.is_file())
        if matches:
            shown = "" if base == Path() else base.as_posix()
            return [
                Source(match, base, shown, False) for match in matches if _may_be_spec(match.name)
            ]
        raise SpecError(f"nothing matches {given}")
    raise SpecError(
        f"{given} does not exist", hint="Give a file, a folder or a pattern such as 'specs/*.yaml'."
    )


def _may_be_spec(name: str) -> bool:
    # A rules file (NAME.world.yaml) lies beside the spec that it is for.
    return Path(name).suffix.lower() in _SUFFIXES and not name.lower().endswith(".world.yaml")


def _files(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED and not name.startswith(".")
        )
        found.extend(
            Path(place) / name
            for name in sorted(files)
            if _may_be_spec(name) and not name.startswith(".")
        )
        if len(found) > MAX_FOUND:
            raise SpecError(
                f"{folder} holds more than {MAX_FOUND:,} JSON and YAML files",
                hint="Give the files themselves, or a smaller folder.",
            )
    return found
