"""Paths, folders and globs -> the files to read, each with the folder that it may refer into."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inftool.core.errors import SpecError

_SUFFIXES = frozenset({".json", ".jsonl", ".yaml", ".yml"})
_GLOB_CHARACTERS = re.compile(r"[*?\[]")
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", ".git", ".venv"})
# Whoever gives a folder with more files than this has most likely given the wrong one.
MAX_FOUND = 50_000


@dataclass(frozen=True, slots=True)
class Source:
    """A file to try."""

    path: Path
    root: Path
    """The folder that the file may refer into."""
    shown_root: str
    """The root as the user wrote it."""
    explicit: bool
    """Whether the file was asked for by name, so that it is an error if it is no description."""


def find_sources(paths: Sequence[str | Path]) -> list[Source]:
    """Every candidate behind `paths`, each once, sorted by path.

    Raises SpecError if a path does not exist or a pattern matches nothing.
    """
    if isinstance(paths, (str, Path)):
        paths = [paths]
    sources: dict[Path, Source] = {}
    for path in paths:
        for source in _sources_of(path):
            # Not `resolve()`, which would follow the symbolic links that are refused later.
            key = Path(os.path.abspath(source.path))  # noqa: PTH100
            earlier = sources.get(key)
            if earlier is None or (source.explicit and not earlier.explicit):
                sources[key] = source
    return sorted(sources.values(), key=lambda source: source.path.as_posix())


def _sources_of(given: str | Path) -> list[Source]:
    """The candidates behind one path: a folder, a file or a pattern."""
    path = Path(given).expanduser()
    try:
        if path.is_dir():
            return [Source(file, path, path.as_posix(), False) for file in _files_in(path)]
        if path.exists():
            return [Source(path, path.parent, _shown(path.parent), True)]
    except (OSError, ValueError) as error:
        raise SpecError(f"{given} cannot be read: {error}") from error
    if _GLOB_CHARACTERS.search(str(given)):
        return _matches(path, given)
    raise SpecError(
        f"{given} does not exist", hint="Give a file, a folder or a pattern such as 'specs/*.yaml'."
    )


def _matches(pattern: Path, given: str | Path) -> list[Source]:
    """The files that match a pattern; their root is the folder before the first wildcard."""
    parts = pattern.parts
    first = next(index for index, part in enumerate(parts) if _GLOB_CHARACTERS.search(part))
    base = Path(*parts[:first]) if first else Path()
    matches = sorted(match for match in base.glob("/".join(parts[first:])) if match.is_file())
    if not matches:
        raise SpecError(f"nothing matches {given}")
    return [Source(file, base, _shown(base), False) for file in matches if _may_be_spec(file.name)]


def _shown(folder: Path) -> str:
    return "" if folder == Path() else folder.as_posix()


def _may_be_spec(name: str) -> bool:
    # The rules of a world (NAME.world.yaml) are kept beside the spec that they belong to.
    return Path(name).suffix.lower() in _SUFFIXES and not name.lower().endswith(".world.yaml")


def _files_in(folder: Path) -> list[Path]:
    """The files below a folder that may be specs, in the order of their paths."""
    files: list[Path] = []
    for parent, folders, names in os.walk(folder):
        # `os.walk` goes where this list tells it to.
        folders[:] = sorted(
            name for name in folders if name not in _SKIPPED_FOLDERS and not name.startswith(".")
        )
        files.extend(
            Path(parent) / name
            for name in sorted(names)
            if _may_be_spec(name) and not name.startswith(".")
        )
        if len(files) > MAX_FOUND:
            raise SpecError(
                f"{folder} holds more than {MAX_FOUND:,} JSON and YAML files",
                hint="Give the files themselves, or a smaller folder.",
            )
    return files
