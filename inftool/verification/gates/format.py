"""The format gate: the arguments of every call can be read.

A conversation whose form is broken in any other way is no case at all: `read_conversation` returns
none, and the verdict ends with what it found.
"""

from __future__ import annotations

from inftool.core.trajectories import GateName, GateResult
from inftool.verification.case import Case
from inftool.verification.gates.protocol import attributed
from inftool.verification.turn_verdicts import TurnFault


class FormatGate:
    """Passes if the arguments of every call are a JSON object."""

    name: GateName = "format"
    prerequisite = True

    def faults(self, case: Case) -> list[TurnFault]:
        """The calls whose arguments cannot be read."""
        return [
            TurnFault("format", call, finding)
            for call, finding in zip(case.conversation.broken, case.unreadable, strict=True)
        ]

    def check(self, case: Case) -> GateResult:
        """`fail` if such a call was not made again properly."""
        return attributed("format", case.unmended("format"), case)
