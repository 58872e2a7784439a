"""Planned trouble: the documented failure with which the first try of a step is answered, so that recovery can be played and judged."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from inftool.core.blueprints import Step
from inftool.core.json_values import canonical
from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject, Record
from inftool.world.rendering import errors

if TYPE_CHECKING:
    from inftool.world.state import World


FaultName = Literal["rate_limit", "unavailable", "timeout", "server_error", "conflict"]
_STATUS: dict[FaultName, tuple[int, str]] = {
    "rate_limit": (429, "Too many requests, try again in {wait} seconds."),
    "unavailable": (503, "The service is unavailable for a moment, try again in {wait} seconds."),
    "timeout": (504, "The service did not answer in time; nothing was changed."),
    "server_error": (500, "Something went wrong on our side; nothing was changed."),
    "conflict": (409, "Someone else is changing this just now; nothing was changed, try again."),
}


class FaultPlan(Record):
    """Which calls of a conversation fail: each with chance `rate`, at most `most` in all, of the `kinds` that the operation documents.

    `undocumented`: rate limits and outages are also planted where the spec documents none. The same call made again right away succeeds.
    """

    seed: int = 0
    rate: float = Field(default=0.2, ge=0, le=1)
    most: int = 2
    kinds: tuple[FaultName, ...] = (
        "rate_limit",
        "unavailable",
        "timeout",
        "server_error",
        "conflict",
    )
    undocumented: bool = False


class Faults:
    """A plan at work in one conversation: it counts the calls and knows which ones it has spoiled."""

    __slots__ = ("_calls", "_planted", "_spoiled", "plan")

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._calls = 0
        self._planted = 0
        self._spoiled: frozenset[str] = frozenset()

    def fork(self) -> Faults:
        """The same plan at the same place."""
        other = Faults(self.plan)
        other._calls, other._planted, other._spoiled = self._calls, self._planted, self._spoiled
        return other

    def strike(self, world: World, tool: Tool, arguments: JsonObject) -> Result | None:
        """The failure of this call, None where it goes through; the state never changes by it."""
        self._calls += 1
        call = f"{tool.name}:{canonical(arguments)}"
        if self._planted >= self.plan.most or call in self._spoiled:
            return None
        rng = random.Random(f"fault:{self.plan.seed}:{self._calls}:{tool.name}")
        if rng.random() >= self.plan.rate:
            return None
        kinds = [kind for kind in self.plan.kinds if self._may(kind, tool)]
        if not kinds:
            return None
        kind = rng.choice(kinds)
        status, text = _STATUS[kind]
        wait = rng.choice((1, 2, 5, 10, 30))
        self._planted += 1
        self._spoiled |= {call}
        headers = {"Retry-After": str(wait)} if kind in {"rate_limit", "unavailable"} else {}
        return errors.failure(
            world.base, tool, status, text.format(wait=wait), headers=headers, fault=kind
        )

    def _may(self, kind: FaultName, tool: Tool) -> bool:
        status = _STATUS[kind][0]
        if kind == "conflict" and tool.effect == "read":
            return False
        if any(
            answer.status == str(status) or (answer.status.upper() == "5XX" and status >= 500)
            for answer in tool.responses
        ):
            return True
        return self.plan.undocumented and kind in {"rate_limit", "unavailable", "timeout"}


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
        if (str(status) in statuses or (status >= 500 and "5XX" in statuses))
        and not (name == "conflict" and tool.effect == "read")
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
        return errors.failure(
            world.base, tool, status, text.format(wait=wait), headers=headers, fault=found[1]
        )
