"""Planted trouble: documented failures at seeded places of a conversation, so that recovery can be trained."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from inftool.records import JsonObject, Record, Result, Tool
from inftool.servers import refusals
from inftool.servers.shapes import canonical

if TYPE_CHECKING:
    from inftool.servers.world import World

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
    kinds: tuple[FaultName, ...] = ("rate_limit", "unavailable", "timeout", "server_error", "conflict")
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
        return refusals.failure(world.base, tool, status, text.format(wait=wait), headers=headers, fault=kind)

    def _may(self, kind: FaultName, tool: Tool) -> bool:
        status = _STATUS[kind][0]
        if kind == "conflict" and tool.effect == "read":
            return False
        if any(answer.status == str(status) or (answer.status.upper() == "5XX" and status >= 500) for answer in tool.responses):
            return True
        return self.plan.undocumented and kind in {"rate_limit", "unavailable", "timeout"}
