"""The manifest of a run: what `run.json` says."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field

from inftool.core.errors import StoreError
from inftool.core.tools import Api
from inftool.core.types import JsonObject, Record

RunState = Literal["running", "complete", "stopped", "failed"]


class ManifestApi(Record):
    """One spec that a run was made from."""

    model_config = ConfigDict(frozen=True, extra="allow")

    file: str = ""
    """The file as it was named on the command line, or found in a folder that was."""

    version: str = ""
    """The version that the document states."""

    sha256: str = ""
    """The hash of every file that the API was read from; a run resumes only with the same one."""

    tools: int = 0
    """How many tools it was compiled into."""


class RunManifest(Record):
    """What `run.json` says of a run.

    Keys that are absent stay absent when it is written again, and keys that are not known here are
    kept: folders of other versions can be read and resumed.
    """

    model_config = ConfigDict(frozen=True, extra="allow")

    inftool: str = ""
    """The version that began the run."""

    state: RunState = "running"
    """`running` also where the process was killed; the others are written at its end."""

    settings: JsonObject = Field(default_factory=dict)
    """The `Settings` it was begun with, as JSON. Not validated: a version may know other ones."""

    specs: tuple[str, ...] = ()
    """Absolute paths of the specs as they were given: files and folders."""

    apis: dict[str, ManifestApi] = Field(default_factory=dict)
    """The compiled APIs by name."""

    summary: JsonObject | None = None
    """The run's `Summary` as JSON, once it has ended."""

    def as_json(self) -> JsonObject:
        """The JSON object to store: what was set, in the order of the fields."""
        return self.model_dump(mode="json", exclude_unset=True)

    def with_changes(self, **changes: Any) -> RunManifest:
        """The manifest with some keys replaced or added."""
        return self.model_copy(update=changes)


def manifest_apis(apis: Sequence[Api]) -> dict[str, ManifestApi]:
    """Compiled APIs as a manifest names them."""
    return {
        api.name: ManifestApi(
            file=api.file, version=api.version, sha256=api.sha256, tools=len(api.tools)
        )
        for api in apis
    }


def read_manifest(folder: Path) -> RunManifest:
    """A run's `run.json`; StoreError where the folder has none or it cannot be read."""
    path = folder / "run.json"
    try:
        return RunManifest.model_validate(json.loads(path.read_text("utf-8")))
    except FileNotFoundError as error:
        raise StoreError(f"{folder} is no run: there is no {path.name} in it") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path} cannot be read: {error}") from error
