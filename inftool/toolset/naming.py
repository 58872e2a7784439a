"""What tools are called when several APIs share one list of tools."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from inftool.core.tools import Api

# The longest tool name that the OpenAI API accepts.
_LONGEST = 64
# The prefix keeps this many characters, however long the tool's own name is.
_SHORTEST_PREFIX = 8


def prefixed(api: str, tool: str) -> str:
    """A tool's name with its API's in front: `prefixed("Book Shop", "list")` is `Book_Shop_list`.

    At most 64 characters; what is too long is cut from the API's name first.
    """
    prefix = re.sub(r"[^A-Za-z0-9_-]+", "_", api).strip("_") or "api"
    space = max(_LONGEST - len(tool) - 1, _SHORTEST_PREFIX)
    return f"{prefix[:space].rstrip('_-')}_{tool}"[:_LONGEST]


def unique_names(apis: Sequence[Api]) -> dict[tuple[str, str], str]:
    """The name that each tool of each API is offered under: (API name, tool name) -> name.

    A name that only one API has is kept; a name that several have gets its API's name in front.
    The order of the APIs makes no difference.
    """
    counts = Counter(tool.name for api in apis for tool in api.tools)
    names: dict[tuple[str, str], str] = {}
    taken = {name for name, count in counts.items() if count == 1}
    for api in sorted(apis, key=lambda item: item.name):
        for tool in sorted(api.tools, key=lambda item: item.name):
            if counts[tool.name] == 1:
                names[api.name, tool.name] = tool.name
                continue
            # Two APIs can have the same prefix once theirs are cut or cleaned.
            name = base = prefixed(api.name, tool.name)
            number = 2
            while name in taken:
                name, number = f"{base[: _LONGEST - len(str(number)) - 1]}_{number}", number + 1
            taken.add(name)
            names[api.name, tool.name] = name
    return names
