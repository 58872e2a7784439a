"""The verdict on a trajectory: what its gates add up to.

A trajectory is kept only if every gate passes. A gate that cannot tell abstains, and an abstention
is not a pass.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from inftool.core.errors import VerifyError
from inftool.core.trajectories import Finding, GateResult, Status, Trajectory, Verdict
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.case import Case, answered, open_case
from inftool.verification.checker.told_facts import spans
from inftool.verification.conversation_reader import read_conversation
from inftool.verification.evidence import gather_evidence
from inftool.verification.gates.protocol import abstaining, result_of
from inftool.verification.gates.registry import GATES
from inftool.verification.turn_verdicts import TurnFault, turn_verdicts


def judge(
    trajectory: Trajectory, pool: WorldPool | None = None, *, seed: int | None = None
) -> Verdict:
    """Judge one trajectory; the cost is linear in its calls.

    If `pool` has the world of its blueprint, every gate can tell; otherwise execution and outcome
    abstain (`no_world`). A trajectory without a blueprint that was played on a server seeded with
    `seed` can still be replayed, but nobody knows what it should have come to, so outcome abstains.
    VerifyError where its tools cannot be read, or something in it is nested too deeply.
    """
    try:
        conversation, problems = read_conversation(
            trajectory.messages, results=answered(trajectory)
        )
        if conversation is None:
            return _on_form(trajectory, problems)
        case = open_case(trajectory, conversation, problems, pool)
        gather_evidence(case, seed)
        return _on_case(case, _ask_gates(case))
    except RecursionError as error:
        raise VerifyError("something in it is nested too deeply") from error


def _ask_gates(case: Case) -> list[GateResult]:
    """The results in order, up to the gate after which nothing true can be said."""
    results: list[GateResult] = []
    for gate in GATES:
        result = gate.check(case)
        results.append(result)
        if result.status == "fail" or (result.status == "abstain" and gate.prerequisite):
            break
    return results


def _on_form(trajectory: Trajectory, problems: Sequence[Finding]) -> Verdict:
    """The verdict on messages that cannot be read as a conversation."""
    return _sum_up(trajectory, [result_of("format", problems)])


def _on_case(case: Case, results: Sequence[GateResult]) -> Verdict:
    blueprint = case.trajectory.blueprint
    # Only findings are placed by the wishes that they belong to, so a pass does not need them.
    failed = any(result.status == "fail" for result in results)
    ranges = spans(blueprint, case.conversation) if failed and blueprint is not None else None
    verdict = _sum_up(case.trajectory, results, case.faults, case.mended_by, ranges)
    if case.extra_reads and verdict.passed:
        return verdict.model_copy(update={"extra_reads": case.extra_reads})
    return verdict


def _sum_up(
    trajectory: Trajectory,
    results: Sequence[GateResult],
    faults: Sequence[TurnFault] = (),
    mended_by: Mapping[str, int] | None = None,
    ranges: Sequence[tuple[int, int]] | None = None,
) -> Verdict:
    """The verdict on a trajectory; the gates that were not asked abstain without a reason."""
    gates = (*results, *(abstaining(gate.name) for gate in GATES[len(results) :]))
    statuses = {result.status for result in gates}
    status: Status = (
        "fail" if "fail" in statuses else "abstain" if "abstain" in statuses else "pass"
    )
    turns = turn_verdicts(
        trajectory.messages, gates, faults, mended_by or {}, ends=ranges, passed=status == "pass"
    )
    return Verdict(status=status, gates=gates, turns=turns)
