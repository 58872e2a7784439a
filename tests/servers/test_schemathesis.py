"""Schemathesis against the simulated APIs over plain HTTP.

No answer that breaks its schema, no server error, nothing alive after its delete.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.apis import ROOT, SHARED

SAMPLE = ("redocly__museum.yaml", "prometheus__alertmanager-v2.yaml", "xero__projects.yaml")
SPECS = [
    path for path in sorted((ROOT / "specs").iterdir()) if not path.name.endswith(".world.yaml")
]
SPECS += [SHARED / name for name in SAMPLE if (SHARED / name).exists()]


@pytest.mark.nightly
@pytest.mark.cpu_limit(300)
@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.name)
def test_schemathesis_finds_nothing(spec: Path) -> None:
    if not os.environ.get("SCHEMATHESIS") and not shutil.which("st"):
        pytest.skip("schemathesis is not installed: name its command in SCHEMATHESIS")
    script = ROOT / "benchmarks" / "schemathesis.py"
    done = subprocess.run(
        [sys.executable, str(script), str(spec), "--examples", "4", "--seconds", "40", "--verbose"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
