"""Where role cards and sample specs lie, which ship with InfTool."""

from __future__ import annotations

from pathlib import Path


def data_folder(kind: str) -> Path:
    """The folder of a kind of packaged data: `agents` or `specs`."""
    # A wheel holds them in the package (see `force-include` in pyproject.toml); in a checkout they
    # lie at its top, where people look for them.
    packaged = Path(__file__).parents[1] / "_data" / kind
    return packaged if packaged.is_dir() else Path(__file__).parents[2] / kind
