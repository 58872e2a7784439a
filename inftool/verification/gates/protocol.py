"""What a gate is, and how the result of one is made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, get_args

from inftool.core.trajectories import Finding, GateName, GateResult
from inftool.verification.attribution import attribute
from inftool.verification.case import Case
from inftool.verification.conversation import Conversation
from inftool.verification.turn_verdicts import TurnFault


class Gate(Protocol):
    """One requirement that a trajectory has to meet."""

    name: GateName
    """The name under which the verdict records its result."""

    prerequisite: bool
    """Whether the gates after this one can say nothing true unless it passes.

    After any other gate they are also asked where this one abstains. A failure always ends the
    verdict.
    """

    def check(self, case: Case) -> GateResult:
        """`pass`, `fail` with findings, or `abstain` where the gate cannot tell."""
        ...


class CallGate(Gate, Protocol):
    """A gate that looks at each call by itself, so that a later call can mend what was wrong."""

    def faults(self, case: Case) -> list[TurnFault]:
        """The calls that are wrong, in order; `case.faults` holds those of the gates before."""
        ...


# Nearly all results are these. They are frozen, so all verdicts share them.
_PASSED = {name: GateResult(gate=name, status="pass") for name in get_args(GateName)}
_SILENT = {name: GateResult(gate=name, status="abstain") for name in get_args(GateName)}

NO_ANSWERS = Finding(
    code="no_answers",
    message="its layout holds calls without results, so nobody could go on",
    blame="spec",
)
"""Why a gate abstains on a layout that records calls only."""

NO_WORLD = Finding(code="no_world", message="there is no world to run the calls in", blame="spec")
"""Why a gate abstains that needs the calls made again."""


def result_of(gate: GateName, findings: Sequence[Finding]) -> GateResult:
    """`fail` with the findings, or `pass` if there are none."""
    if not findings:
        return _PASSED[gate]
    return GateResult(gate=gate, status="fail", findings=tuple(findings))


def attributed(
    gate: GateName,
    findings: Sequence[Finding],
    case: Case,
    conversation: Conversation | None = None,
) -> GateResult:
    """The same as `result_of`, with findings that follow from the user's fault blamed on the user.

    `conversation` is the one that the findings were made from, if not the case's own.
    """
    if not findings:
        return _PASSED[gate]
    blueprint = case.trajectory.blueprint
    played = case.conversation if conversation is None else conversation
    return result_of(gate, attribute(findings, blueprint, case.checker, played))


def abstaining(gate: GateName, reason: Finding | None = None) -> GateResult:
    """The result of a gate that cannot tell, or that was not asked (no reason)."""
    if reason is None:
        return _SILENT[gate]
    return GateResult(gate=gate, status="abstain", findings=(reason,))
