"""What tools are called when several APIs share one list of tools."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from inftool.core.tools import Api

_LONGEST = 64


def prefixed(api: str, tool: str) -> str:
    """A tool's name with its API's in front, cut to 64 characters at the API's side first."""
    head = re.sub(r"[^A-Za-z0-9_-]+", "_", api).strip("_") or "api"
    room = max(_LONGEST - len(tool) - 1, 8)
    return f"{head[:room].rstrip('_-')}_{tool}"[:_LONGEST]


def unique_names(apis: Sequence[Api]) -> dict[tuple[str, str], str]:
    """The name that each tool of each API is offered under: (API name, tool name) -> name.

    A name that one API alone has is kept; one that several have gets its API's name in front. The order of the APIs changes nothing.
    """
    counts = Counter(tool.name for api in apis for tool in api.tools)
    out: dict[tuple[str, str], str] = {}
    taken = {name for name, count in counts.items() if count == 1}
    for api in sorted(apis, key=lambda item: item.name):
        for tool in sorted(api.tools, key=lambda item: item.name):
            if counts[tool.name] == 1:
                out[api.name, tool.name] = tool.name
                continue
            name = base = prefixed(api.name, tool.name)
            number = 2
            while name in taken:
                name, number = f"{base[: _LONGEST - len(str(number)) - 1]}_{number}", number + 1
            taken.add(name)
            out[api.name, tool.name] = name
    return out
