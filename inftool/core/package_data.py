"""Where what ships with InfTool lies: role cards and sample specs."""

from __future__ import annotations

from pathlib import Path


def data_folder(kind: str) -> Path:
    """The folder of packaged data (`agents`, `specs`): inside an installed package, at the top of a checkout otherwise."""
    packaged = Path(__file__).parents[1] / "_data" / kind
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / kind
