"""The execution gate: calls that are made again in fresh worlds give what was recorded."""

from __future__ import annotations

from inftool.core.trajectories import GateName, GateResult
from inftool.verification.case import Case
from inftool.verification.gates.protocol import NO_WORLD, abstaining, attributed


class ExecutionGate:
    """Passes if the replay gives the recorded results and state, and no call failed in vain.

    The replay itself is made before any gate is asked (see `verification.evidence`), since the
    gates before this one judge calls by what the world really answered.
    """

    name: GateName = "execution"
    prerequisite = False

    def check(self, case: Case) -> GateResult:
        """`abstain` where there is no world to make the calls again in."""
        if case.differences is None:
            return abstaining("execution", NO_WORLD)
        findings = [*case.differences, *case.unmended("execution")]
        return attributed("execution", findings, case)
