"""The one door to what `inftool[train]` installs: nothing else of the package imports torch."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from inftool.core.errors import MissingExtra


def require(name: str) -> Any:
    """A module of the extra `train` (torch, transformers, trl, peft, datasets); MissingExtra where it is not installed."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise MissingExtra((error.name or name).split(".")[0], "train") from error
