"""A world: the state of one API and the calls that read and change it."""

from __future__ import annotations

from typing import Protocol, Self

from inftool.core.tools import Result, Tool
from inftool.core.types import Arguments
from inftool.world.faults import FaultInjector, FaultPlan
from inftool.world.operations.dispatch import play
from inftool.world.recordings import Recordings
from inftool.world.rendering.views import Views
from inftool.world.rules import Rules
from inftool.world.seeding.base import SeededBase
from inftool.world.seeding.entries import Collection
from inftool.world.state import WorldState


class CallInterceptor(Protocol):
    """What may answer a call before the world plays it, such as injected faults."""

    def before(self, base: SeededBase, tool: Tool, arguments: Arguments) -> Result | None:
        """The answer to this call, None where the world shall play it; changes no state."""

    def fork(self) -> Self:
        """The same interceptor at the same place of its plan."""


class World(WorldState):
    """One API as it is played. Seed one with `World.seed`, then `fork()` it for each conversation.

    `interceptor` may answer calls instead of the world. `recordings` are answers that a model gave
    where the spec determines none.
    """

    __slots__ = ("interceptor", "recordings")

    def __init__(
        self,
        base: SeededBase,
        views: Views,
        written: dict[str, Collection],
        total: int,
        rules: Rules | None = None,
    ) -> None:
        super().__init__(base, views, written, total, rules)
        self.interceptor: CallInterceptor | None = None
        self.recordings: Recordings | None = None

    def fork(self) -> Self:
        """As `WorldState.fork`; the interceptor is forked with it."""
        fork = super().fork()
        fork.recordings = self.recordings
        if self.interceptor is not None:
            fork.interceptor = self.interceptor.fork()
        return fork

    def inject(self, plan: FaultPlan | None) -> None:
        """Let some of the calls from now on fail as a plan says (None: no more).

        A failed call is marked in its Result and changes nothing.
        """
        self.interceptor = FaultInjector(plan) if plan is not None else None

    def call(self, tool: str, arguments: Arguments) -> Result:
        """Play one call whose arguments are valid; a refusal is a Result with its status.

        ToolError on an unknown tool only.
        """
        called = self.tool(tool)
        if self.interceptor is not None:
            answer = self.interceptor.before(self.base, called, arguments)
            if answer is not None:
                return answer
        # The digest of a state costs more than the call, and most worlds have no recordings.
        if self.recordings is None or not len(self.recordings):
            return play(self, called, arguments)
        # Recordings are kept by the state that the call was made in, which it may change.
        state = self.digest()
        result = play(self, called, arguments)
        if result.ok and result.fallback:
            is_recorded, body = self.recordings.find(state, tool, arguments)
            if is_recorded:
                return result.model_copy(update={"body": body})
        return result
