"""Files that say that a stage of the loop is complete."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from inftool.core.errors import TrainingError


def write_document(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON document completely or not at all."""
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
        # Renaming is atomic, so a marker is never seen half written.
        draft.replace(path)
    except OSError as error:
        raise TrainingError(
            f"cannot write {path}: {error.strerror}",
            hint="free the disk and run the same command again: it goes on",
        ) from error


def is_complete_run(folder: Path) -> bool:
    """Whether a run folder holds a run that came to its end."""
    marker = folder / "run.json"
    return marker.is_file() and json.loads(marker.read_text("utf-8")).get("state") == "complete"
