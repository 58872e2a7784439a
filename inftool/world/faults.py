"""Fault injection: documented failures answer some calls, so that recovery can be played."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from pydantic import Field

from inftool.core.blueprints import Step
from inftool.core.json_values import canonical
from inftool.core.tools import Result, Tool
from inftool.core.types import Arguments, Record
from inftool.world.rendering import errors
from inftool.world.seeding.base import SeededBase

FaultName = Literal["rate_limit", "unavailable", "timeout", "server_error", "conflict"]


class Fault(NamedTuple):
    """A failure that passes by itself."""

    status: int
    """The HTTP status; an operation has to document it."""
    text: str
    """What the service says, with `{wait}` for the seconds to wait."""

    @property
    def has_wait(self) -> bool:
        """Whether the service says how long to wait: in its text and in a Retry-After header."""
        return "{wait}" in self.text


FAULTS: Mapping[str, Fault] = {
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
# Seconds to wait, as rate limiters of real services say them.
_WAITS = (1, 2, 5, 10, 30)
# Failures of the infrastructure in front of a service, which specs often leave out.
_OFTEN_UNDOCUMENTED = frozenset({"rate_limit", "unavailable", "timeout"})


def documented_faults(tool: Tool) -> list[str]:
    """The names of the failures that an operation documents."""
    return [name for name in FAULTS if _documents(tool, name)]


def _documents(tool: Tool, name: str) -> bool:
    if _is_impossible(tool, name):
        return False
    statuses = {answer.status.upper() for answer in tool.responses}
    status = FAULTS[name].status
    # "4XX" stands for refusals of all kinds, so it documents no particular failure.
    return str(status) in statuses or (status >= 500 and "5XX" in statuses)


def _is_impossible(tool: Tool, name: str) -> bool:
    """A conflict is between two writers: a read never meets one."""
    return name == "conflict" and tool.effect == "read"


def _failure(base: SeededBase, tool: Tool, name: str, wait: int) -> Result:
    fault = FAULTS[name]
    headers = {"Retry-After": str(wait)} if fault.has_wait else {}
    text = fault.text.format(wait=wait)
    return errors.failure(base, tool, fault.status, text, headers=headers, fault=name)


class FaultPlan(Record):
    """Which calls of a conversation fail. The same call made again right away succeeds."""

    seed: int = 0
    """The same seed makes the same calls fail."""
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
    """A fault plan at work in one conversation.

    It counts the calls, and remembers which ones have failed.
    """

    __slots__ = ("_calls", "_failed", "_injected", "plan")

    def __init__(self, plan: FaultPlan) -> None:
        self.plan = plan
        self._calls = 0
        self._injected = 0
        self._failed: frozenset[str] = frozenset()

    def fork(self) -> FaultInjector:
        """The same plan at the same place."""
        fork = FaultInjector(self.plan)
        fork._calls, fork._injected, fork._failed = self._calls, self._injected, self._failed
        return fork

    def before(self, base: SeededBase, tool: Tool, arguments: Arguments) -> Result | None:
        """The failure of this call, None where it goes through; the state never changes by it."""
        self._calls += 1
        # A retry is the same call word for word; other arguments make another call, which may fail.
        call = f"{tool.name}:{canonical(arguments)}"
        if self._injected >= self.plan.most or call in self._failed:
            return None
        # Drawn from the number of the call, so that a replayed conversation fails where it failed.
        rng = random.Random(f"fault:{self.plan.seed}:{self._calls}:{tool.name}")
        if rng.random() >= self.plan.rate:
            return None
        kinds = [kind for kind in self.plan.kinds if self._may_fail(tool, kind)]
        if not kinds:
            return None
        kind = rng.choice(kinds)
        # Drawn for every kind of failure, so that the kinds that say no wait do not shift the
        # draws.
        wait = rng.choice(_WAITS)
        self._injected += 1
        self._failed |= {call}
        return _failure(base, tool, kind, wait)

    def _may_fail(self, tool: Tool, kind: str) -> bool:
        if _is_impossible(tool, kind):
            return False
        return _documents(tool, kind) or (self.plan.undocumented and kind in _OFTEN_UNDOCUMENTED)


class PlannedFaults:
    """The faults of one blueprint at work in its world.

    The first call of each tool that has one fails, later ones succeed.
    """

    __slots__ = ("_pending",)

    def __init__(self, pending: Sequence[tuple[str, str]]) -> None:
        """`pending`: (tool, fault) pairs."""
        self._pending = tuple(pending)

    @classmethod
    def of(cls, plan: Sequence[Step]) -> PlannedFaults | None:
        """Those of a plan, None where it has none."""
        pending = [(step.tool, step.fault) for step in plan if step.fault]
        return cls(pending) if pending else None

    def fork(self) -> PlannedFaults:
        """The same faults at the same place."""
        return PlannedFaults(self._pending)

    def before(self, base: SeededBase, tool: Tool, arguments: Arguments) -> Result | None:
        """The failure of this call, None where it goes through; the state never changes by it."""
        for index, (name, fault) in enumerate(self._pending):
            if name == tool.name:
                self._pending = self._pending[:index] + self._pending[index + 1 :]
                # A blueprint has no draws left for this: the wait is a function of the tool.
                return _failure(base, tool, fault, _WAITS[len(tool.name) % len(_WAITS)])
        return None
