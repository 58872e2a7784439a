"""The tool gate: only tools that were offered are called, and they are those of the spec."""

from __future__ import annotations

from inftool.core.trajectories import Finding, GateName, GateResult
from inftool.verification.case import Case
from inftool.verification.conversation import Call
from inftool.verification.gates.protocol import attributed
from inftool.verification.turn_verdicts import TurnFault


class ToolGate:
    """Passes if every call names a tool that was on offer at that moment."""

    name: GateName = "tool"
    prerequisite = True

    def faults(self, case: Case) -> list[TurnFault]:
        """The calls of tools that were not offered, or not yet."""
        faults: list[TurnFault] = []
        for call in case.conversation.calls:
            if call.name not in case.schemas:
                faults.append(_not_offered(call, ""))
            elif call.message < case.trajectory.offered_from.get(call.name, -1):
                faults.append(_not_offered(call, " at that time"))
        return faults

    def check(self, case: Case) -> GateResult:
        """`fail` for such calls, or for tools that differ from what the spec makes of them."""
        return attributed("tool", case.unmended("tool") or case.changed_tools, case)


def _not_offered(call: Call, when: str) -> TurnFault:
    finding = Finding(
        code="unknown_tool",
        message=f"no tool named {call.name!r} was offered{when}",
        turn=call.turn,
        pointer=f"{call.pointer}/function/name",
    )
    return TurnFault("tool", call, finding)
