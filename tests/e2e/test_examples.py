"""Every example runs as a user would run it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

EXAMPLES = ROOT / "examples"


@pytest.mark.parametrize("script", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.name)
def test_script(script: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    assert "'execution': 'pass'" in done.stdout


def test_a_custom_scenario_takes_25_lines() -> None:
    code = [
        line
        for line in (EXAMPLES / "01_custom_scenario.py").read_text("utf-8").splitlines()
        if line.strip()
    ]
    assert len(code) <= 25


EXPECTED = {
    "02_first_trajectories.ipynb": ("as played pass []", "edited fail"),
    "03_custom_blueprint.ipynb": ("by hand pass []", "there is no such tool"),
}


@pytest.mark.parametrize("notebook", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda path: path.name)
@pytest.mark.filterwarnings("ignore")
def test_notebook(notebook: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    document = nbformat.read(notebook, as_version=4)
    assert all(not cell.get("outputs") for cell in document.cells), (
        "notebooks are committed without outputs"
    )
    nbclient.NotebookClient(
        document, timeout=None, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}
    ).execute()
    said = "".join(
        output.get("text", "") for cell in document.cells for output in cell.get("outputs", ())
    )
    for line in EXPECTED[notebook.name]:
        assert line in said
