"""Planned trouble: the documented failure with which the first try of a step is answered, so that recovery can be played and judged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inftool.records import JsonObject, Result, Step, Tool
from inftool.servers import refusals
from inftool.servers.faults import FaultPlan, Faults

if TYPE_CHECKING:
    from inftool.servers.world import World

# The failures that pass by themselves: the status an operation has to document, and what the service says.
TROUBLES: dict[str, tuple[int, str]] = {
    "rate_limit": (429, "Too many requests, try again in {wait} seconds."),
    "unavailable": (503, "The service is unavailable for a moment, try again in {wait} seconds."),
    "timeout": (504, "The service did not answer in time; nothing was changed."),
    "server_error": (500, "Something went wrong on our side; nothing was changed."),
    "conflict": (409, "Someone else is changing this just now; nothing was changed, try again."),
}
_WAITS = (1, 2, 5, 10, 30)


def troubles(tool: Tool) -> list[str]:
    """The passing failures that an operation documents, by name; a read never meets a conflict."""
    statuses = {answer.status.upper() for answer in tool.responses}
    return [
        name
        for name, (status, _) in TROUBLES.items()
        if (str(status) in statuses or (status >= 500 and "5XX" in statuses)) and not (name == "conflict" and tool.effect == "read")
    ]


class PlannedFaults(Faults):
    """The failures of one blueprint at work in its world: the first call of each tool that has one fails, later ones go through."""

    __slots__ = ("_pending",)

    def __init__(self, pending: Sequence[tuple[str, str]]) -> None:
        super().__init__(FaultPlan(rate=0.0))
        self._pending = tuple(pending)

    @classmethod
    def of(cls, plan: Sequence[Step]) -> PlannedFaults | None:
        """Those of a plan, None where it has none."""
        pending = [(step.tool, step.fault) for step in plan if step.fault]
        return cls(pending) if pending else None

    def fork(self) -> PlannedFaults:
        """The same failures at the same place."""
        return PlannedFaults(self._pending)

    def strike(self, world: World, tool: Tool, arguments: JsonObject) -> Result | None:
        """The failure of this call, None where it goes through; the state never changes by it."""
        found = next((item for item in self._pending if item[0] == tool.name), None)
        if found is None:
            return None
        index = self._pending.index(found)
        self._pending = self._pending[:index] + self._pending[index + 1 :]
        status, text = TROUBLES[found[1]]
        wait = _WAITS[len(tool.name) % len(_WAITS)]
        headers = {"Retry-After": str(wait)} if "{wait}" in text else {}
        return refusals.failure(world.base, tool, status, text.format(wait=wait), headers=headers, fault=found[1])
