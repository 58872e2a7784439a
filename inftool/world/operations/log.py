"""The log of actions that leave a record of their own."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from inftool.core.json_values import canonical, copied
from inftool.core.tools import Tool
from inftool.core.types import Arguments
from inftool.world.seeding.entries import Entry

if TYPE_CHECKING:
    from inftool.world.state import WorldState


LOG = "~log"


def record(world: WorldState, tool: Tool, arguments: Arguments) -> None:
    """Leave a trace of an effect that no entity shows, so that the state tells that it was done, and how often."""
    content = canonical([tool.name, arguments])
    collection = world.collection(LOG)
    stamp_ = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    ordinal = 0
    while f"{stamp_}-{ordinal}" in collection:
        ordinal += 1
    world.put(
        LOG,
        Entry(
            f"{stamp_}-{ordinal}",
            {"tool": tool.name, "arguments": copied(arguments)},
            {},
            (1, f"{stamp_}-{ordinal:06d}"),
        ),
    )
