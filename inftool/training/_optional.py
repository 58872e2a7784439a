"""The way to what the extra `inftool[train]` installs; nothing outside `training` imports torch."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from inftool.core.errors import MissingExtra


def require(name: str) -> ModuleType:
    """A module of the extra `train` (torch, transformers, trl, peft, datasets) by its name.

    MissingExtra where it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        # What is missing may be something that the module imports itself.
        raise MissingExtra((error.name or name).split(".")[0], "train") from error
