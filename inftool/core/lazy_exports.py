"""Exports of a package that are imported on first use.

They keep `import inftool` and `inftool --help` fast: most of the time would go into libraries that
a command does not need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def lazy_exports(package: str, modules: Mapping[str, str]) -> Callable[[str], object]:
    """The `__getattr__` of a package (PEP 562) for names that live in other modules.

    `modules`: name -> dotted module. An unknown name raises AttributeError. Example, in the
    `__init__` of a package:
    `__getattr__ = lazy_exports(__name__, {"synthesize": "inftool.synthesis.synthesize"})`.
    """

    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        exported: object = getattr(import_module(modules[name]), name)
        return exported

    return get
