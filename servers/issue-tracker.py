"""Trellis Issue Tracker API, simulated: fastmcp run servers/issue-tracker.py."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# A launcher in this folder may be named like a standard module (calendar.py) and would hide it.
sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != HERE]

from inftool import build_server, compile_specs  # noqa: E402

SPEC = HERE / "../specs/issue-tracker"

mcp = build_server(compile_specs([SPEC]))

if __name__ == "__main__":
    mcp.run()
