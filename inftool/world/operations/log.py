"""The log of calls whose effect no entity shows."""

from __future__ import annotations

from hashlib import blake2b

from inftool.core.json_values import canonical, copied
from inftool.world.operations.calls import Call
from inftool.world.seeding.entries import Entry

LOG = "~log"
"""The collection that holds the log; no resource has such a name."""


def record(call: Call) -> None:
    """Leave a trace of a call, so that the state tells that it was made, and how often."""
    content = canonical([call.tool.name, call.arguments])
    # Keys follow from the content, not from the order of calls, as all generated keys do.
    digest = blake2b(content.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
    collection = call.world.collection(LOG)
    ordinal = 0
    while f"{digest}-{ordinal}" in collection:
        ordinal += 1
    value = {"tool": call.tool.name, "arguments": copied(call.arguments)}
    entry = Entry(f"{digest}-{ordinal}", value, {}, (1, f"{digest}-{ordinal:06d}"))
    call.world.put(LOG, entry)
