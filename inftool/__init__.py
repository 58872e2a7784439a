"""InfTool: from raw API specifications to verified tool-use training data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from inftool._version import __version__
from inftool.core.lazy_exports import lazy_exports

if TYPE_CHECKING:
    from inftool.servers.mcp import build_server as build_server
    from inftool.specs.compiler import compile_specs as compile_specs
    from inftool.synthesis.synthesize import synthesize as synthesize
    from inftool.verification.io.judge_files import verify as verify

__all__ = ["__version__", "build_server", "compile_specs", "synthesize", "verify"]

__getattr__ = lazy_exports(
    __name__,
    {
        "build_server": "inftool.servers.mcp",
        "compile_specs": "inftool.specs.compiler",
        "synthesize": "inftool.synthesis.synthesize",
        "verify": "inftool.verification.io.judge_files",
    },
)
