"""`python -m inftool`."""

from __future__ import annotations

from inftool.cli import main

main()
