"""The manifest: what was read is written again, whatever version wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inftool.core.errors import StoreError
from inftool.runs.manifest import RunManifest, read_manifest
from inftool.runs.run_folder import Run


def stored(folder: Path, document: object) -> Path:
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(document), "utf-8")
    for name in ("kept", "rejected"):
        (folder / name).mkdir()
    return folder


def test_a_run_folder_of_another_version_keeps_its_keys_and_their_order(tmp_path: Path) -> None:
    document = {
        "inftool": "0.1.0",
        "state": "stopped",
        "settings": {"seed": 3, "a setting of another version": [1, None]},
        "specs": ["/specs/bookshop.yaml"],
        "apis": {"shop": {"file": "bookshop.yaml", "version": "1", "sha256": "0", "tools": 4}},
        "summary": {"kept": 2},
    }
    folder = stored(tmp_path / "run", {**document, "note": "mine"})
    with Run.resume(folder) as run:
        run.save(state="complete")
    again = json.loads((folder / "run.json").read_text("utf-8"))
    assert list(again.items()) == list({**document, "state": "complete", "note": "mine"}.items())


def test_what_was_never_set_is_not_written(tmp_path: Path) -> None:
    with Run.create(tmp_path / "run", RunManifest(state="running")) as run:
        run.save(state="complete", grown={"within": 3})
    text = (tmp_path / "run" / "run.json").read_text("utf-8")
    assert json.loads(text) == {"state": "complete", "grown": {"within": 3}}


@pytest.mark.parametrize("document", [[], {"apis": []}, {"specs": 7}])
def test_a_manifest_that_cannot_be_read_is_named(tmp_path: Path, document: object) -> None:
    folder = stored(tmp_path / "run", document)
    with pytest.raises(StoreError, match=r"run\.json cannot be read"):
        read_manifest(folder)
