"""Exports of a package that are imported on first use, so that `import inftool` and `inftool --help` stay fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_exports(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """The `__getattr__` of a package (PEP 562) whose names live in the modules given: name -> dotted module.

    An unknown name raises AttributeError. Example, in a package's `__init__`:
    `__getattr__ = lazy_exports(__name__, {"synthesize": "inftool.synthesis.synthesize"})`.
    """

    def get(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(modules[name]), name)

    return get
