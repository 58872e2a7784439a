"""Training formats, one a file: a run is streamed through, and what was written is read back and
compared before it counts."""

from __future__ import annotations

from inftool.export.writer import FORMATS, export_run

__all__ = ["FORMATS", "export_run"]
