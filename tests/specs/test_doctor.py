"""What `inftool doctor` says, and when it says that a spec falls short."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from inftool.core.errors import SpecError
from inftool.specs import compile_document
from inftool.specs.doctor import examine, falls_short, render
from inftool.specs.loss_codes import CODES
from inftool.specs.normalize import write_normalized
from tests.specs.test_compiler import answer, body, document

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "specs"
    found.mkdir()
    (found / "good.json").write_text(
        json.dumps(
            document({"/a": answer({"type": "object", "properties": {"x": {"type": "string"}}})}),
            indent=1,
        ),
        encoding="utf-8",
    )
    flawed = document(
        {"/a": body({"type": "object", "properties": {"x": {"type": "dict"}}}), "/b": {"get": None}}
    )
    (found / "flawed.json").write_text(
        json.dumps(
            {**flawed, "info": {"title": "[bold]Odd[/bold] title", "version": "1"}}, indent=1
        ),
        encoding="utf-8",
    )
    (found / "broken.json").write_text('{"openapi": "3.0.0",\n"paths": ', encoding="utf-8")
    return found


def test_the_document_has_what_the_design_promises(folder: Path) -> None:
    apis, found = examine([folder], cache=False)
    assert [Path(spec["file"]).name for spec in found["specs"]] == [
        "broken.json",
        "flawed.json",
        "good.json",
    ]
    assert [(spec["operations"], spec["tools"]) for spec in found["specs"]] == [
        (0, 0),
        (2, 1),
        (1, 1),
    ]
    assert len(apis) == 3
    assert all(
        {"file", "title", "version", "operations", "tools", "seconds", "losses"} <= spec.keys()
        for spec in found["specs"]
    )
    broken, flawed, good = (spec["losses"] for spec in found["specs"])
    assert [(loss["code"], loss["level"], loss["line"]) for loss in broken] == [
        ("unreadable", "error", 2)
    ]
    assert {(loss["code"], loss["pointer"]) for loss in flawed} == {
        ("type_word", "/paths/~1a/post/requestBody/content/application~1json/schema/properties/x"),
        ("bad_operation", "/paths/~1b/get"),
    }
    lines = (folder / "flawed.json").read_text(encoding="utf-8").splitlines()
    assert {lines[(loss["line"] or 0) - 1].strip() for loss in flawed} == {'"x": {', '"get": null'}
    assert good == []
    assert found["totals"]["tools"] == 2
    assert found["totals"]["losses"] == {"info": 0, "warning": 1, "error": 2}
    assert json.loads(json.dumps(found)) == found


def test_strict_means_above_a_level(folder: Path) -> None:
    (folder / "broken.json").unlink()
    _, found = examine([folder], cache=False)
    assert [falls_short(found, strict) for strict in (None, "error", "warning", "info")] == [
        False,
        False,
        True,
        True,
    ]
    _, good = examine([folder / "good.json"], cache=False)
    assert [falls_short(good, strict) for strict in (None, "error", "warning", "info")] == [
        False,
        False,
        False,
        False,
    ]
    (folder / "broken.json").write_text("openapi: [", encoding="utf-8")
    _, broken = examine([folder / "broken.json"], cache=False)
    assert falls_short(broken)


def test_the_table_shows_lines_and_levels(folder: Path) -> None:
    _, found = examine([folder], cache=False)
    console = Console(width=200, record=True, file=None, force_terminal=False, quiet=True)
    with console.capture() as capture:
        Console(width=200, file=console.file, force_terminal=False)
    recorder = Console(width=200, record=True, quiet=False, file=__import__("io").StringIO())
    recorder.print(render(found))
    text = recorder.export_text() + capture.get()
    assert re.search(r"flawed\.json:\d+", text)
    assert "type_word" in text
    assert "bad_operation" in text
    assert "2 tools from 3 operations in 3 specs" in text


def test_fix_writes_a_document_without_flaws(folder: Path, tmp_path: Path) -> None:
    for name in ("fixed.yaml", "fixed.json"):
        api = write_normalized(folder / "flawed.json", tmp_path / "out" / name)
        again = compile_document(tmp_path / "out" / name, cache=False)
        assert again.format == "openapi 3.1.0"
        assert again.losses == ()
        assert [tool.name for tool in again.tools] == [tool.name for tool in api.tools]
    with pytest.raises(SpecError):
        write_normalized(folder / "broken.json", tmp_path / "none.yaml")


def test_every_code_is_explained_and_used() -> None:
    page = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    explained = dict(re.findall(r"^### `(\w+)` \((\w+)\)$", page, re.MULTILINE))
    assert explained == {code: level for code, (level, _) in CODES.items()}
    source = "".join(
        path.read_text(encoding="utf-8")
        for path in (ROOT / "inftool" / "specs").rglob("*.py")
        if path.name != "loss_codes.py"
    )
    unused = {code for code in CODES if f'"{code}"' not in source}
    assert not unused
