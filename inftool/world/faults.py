"""Fault injection: documented failures that answer some calls of a conversation, so that recovery can be played and judged."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from inftool.core.blueprints import Step
from inftool.core.json_values import canonical
from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject, Record
from inftool.world.rendering import errors
from inftool.world.seeding.base import SeededBase

FaultName = Literal["rate_limit", "unavailable", "timeout", "server_error", "conflict"]


class Fault(NamedTuple):
    """A failure that passes by itself: the status an operation has to document, and what the service says."""

    status: int
    text: str

    @property
    def has_wait(self) -> bool:
        """Whether the service says how long to wait, in its text and in a Retry-After header."""
        return "{wait}" in self.text


FAULTS: dict[str, Fault] = {
    "rate_limit": Fault(429, "Too many requests, try again in {wait} seconds."),
    "unavailable": Fault(
        503, "The service is unavailable for a moment, try again in {wait} seconds."
    ),
    "timeout": Fault(504, "The service did not answer in time; nothing was changed."),
    "server_error": Fault(500, "Something went wrong on our side; nothing was changed."),
    "conflict": Fault(
        409, "Someone else is changing this just now; nothing was changed, try again."
    ),
}
_WAITS = (1, 2, 5, 10, 30)


def documented_faults(tool: Tool) -> list[str]:
    """The transient failures that an operation documents; a read never meets a conflict."""
    return [name for name in FAULTS if _documents(tool, name)]


def _documents(tool: Tool, name: str) -> bool:
    if name == "conflict" and tool.effect == "read":
        return False
    statuses = {answer.status.upper() for answer in tool.responses}
    status = FAULTS[name].status
    return str(status) in statuses or (status >= 500 and "5XX" in statuses)


def _failure(base: SeededBase, tool: Tool, name: str, wait: int) -> Result:
    fault = FAULTS[name]
    headers = {"Retry-After": str(wait)} if fault.has_wait else {}
    text = fault.text.format(wait=wait)
    return errors.failure(base, tool, fault.status, text, headers=headers, fault=name)


class FaultPlan(Record):
    """Which calls of a conversation fail. The same call made again right away succeeds."""

    seed: int = 0
    rate: float = Field(default=0.2, ge=0, le=1)
    """The chance of each call to fail."""
    most: int = 2
    """The most calls that fail in all."""
    kinds: tuple[FaultName, ...] = (
        "rate_limit",
        "unavailable",
        "timeout",
        "server_error",
        "conflict",
    )
    """The failures to choose from; of these, those that the operation documents."""
    undocumented: bool = False
    """Whether rate limits and outages also occur where the spec documents none."""


class FaultInjector:
    """A fault plan at work in one conversation: it counts the calls and remembers which ones have failed."""

    __slots__ = ("_calls", "_failed", "_injected", "plan")

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._calls = 0
        self._injected = 0
        self._failed: frozenset[str] = frozenset()

    def fork(self) -> FaultInjector:
        """The same plan at the same place."""
        other = FaultInjector(self.plan)
        other._calls, other._injected, other._failed = self._calls, self._injected, self._failed
        return other

    def before(self, base: SeededBase, tool: Tool, arguments: JsonObject) -> Result | None:
        """The failure of this call, None where it goes through; the state never changes by it."""
        self._calls += 1
        call = f"{tool.name}:{canonical(arguments)}"
        if self._injected >= self.plan.most or call in self._failed:
            return None
        rng = random.Random(f"fault:{self.plan.seed}:{self._calls}:{tool.name}")
        if rng.random() >= self.plan.rate:
            return None
        kinds = [kind for kind in self.plan.kinds if self._may(kind, tool)]
        if not kinds:
            return None
        kind = rng.choice(kinds)
        wait = rng.choice(_WAITS)
        self._injected += 1
        self._failed |= {call}
        return _failure(base, tool, kind, wait)

    def _may(self, kind: str, tool: Tool) -> bool:
        if kind == "conflict" and tool.effect == "read":
            return False
        return _documents(tool, kind) or (
            self.plan.undocumented and kind in {"rate_limit", "unavailable", "timeout"}
        )


class PlannedFaults:
    """The faults of one blueprint at work in its world: the first call of each tool that has one fails, later ones succeed."""

    __slots__ = ("_pending",)

    def __init__(self, pending: Sequence[tuple[str, str]]) -> None:
        self._pending = tuple(pending)

    @classmethod
    def of(cls, plan: Sequence[Step]) -> PlannedFaults | None:
        """Those of a plan, None where it has none."""
        pending = [(step.tool, step.fault) for step in plan if step.fault]
        return cls(pending) if pending else None

    def fork(self) -> PlannedFaults:
        """The same faults at the same place."""
        return PlannedFaults(self._pending)

    def before(self, base: SeededBase, tool: Tool, arguments: JsonObject) -> Result | None:
        """The failure of this call, None where it goes through; the state never changes by it."""
        for index, (name, fault) in enumerate(self._pending):
            if name == tool.name:
                self._pending = self._pending[:index] + self._pending[index + 1 :]
                return _failure(base, tool, fault, _WAITS[len(tool.name) % len(_WAITS)])
        return None
