"""InfTool: from raw API specifications to verified tool-use training data, without end and without people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inftool.roleplay.synthesize import synthesize as synthesize
    from inftool.servers.server import build_server as build_server
    from inftool.specs import compile_specs as compile_specs
    from inftool.verification.files import verify as verify

__version__ = "0.1.0"
__all__ = ["__version__", "build_server", "compile_specs", "synthesize", "verify"]

_HOMES = {
    "build_server": "inftool.servers.server",
    "compile_specs": "inftool.specs",
    "synthesize": "inftool.roleplay.synthesize",
    "verify": "inftool.verification.files",
}


def __getattr__(name: str) -> Any:
    # The dependencies take a second to import: `import inftool` and `inftool --help` do not pay for them.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)
