"""What kind of request to compose: how its entities are found, and how its call ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from inftool.toolset.producer_graph import Edge

Lookup = Literal["none", "direct", "nested", "several"]
"""How entities are found: by what the user says or has seen (`none`), by lists that show them
(`direct`), through the entity that they belong to (`nested`), several of them (`several`)."""

Outcome = Literal["success", "refused", "transient_failure"]
"""How the call ends: it succeeds, the world refuses it for the state of its entity, or it fails
once as the operation documents and succeeds when it is repeated."""


# A record of its own, so that "read again" cannot be asked for without "reuse".
@dataclass(frozen=True)
class ReuseOptions:
    """What a request takes from earlier results."""

    edge: Edge | None = None
    """The edge that the value goes along; None if any value of any earlier result will do."""

    read_again: bool = False
    """What was shown before is read again, and the user says so."""


@dataclass(frozen=True)
class ComposeOptions:
    """What kind of request to compose; by default one that needs nothing but its own call."""

    lookup: Lookup = "none"
    """How the entities that the request names are found."""

    withhold: int = 0
    """How many needed values the user leaves out at first, at most."""

    reuse: ReuseOptions | None = None
    """What has to come from earlier results; None if nothing has to."""

    toward: Edge | None = None
    """An edge that the next request may follow: its value is preferred in this one's answer."""

    outcome: Outcome = "success"
    """How the call ends."""
