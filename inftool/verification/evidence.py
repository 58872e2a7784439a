"""What is found out about a case before any gate is asked.

The calls are judged one by one and made again, failures that were meant to happen are set aside,
and wrong calls are paired with those that mended them. All of it is written into the case.
"""

from __future__ import annotations

from collections.abc import Collection

from inftool.core.json_values import canonical
from inftool.core.tools import Result
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.case import Case
from inftool.verification.checker.matching import Match, match
from inftool.verification.conversation import Call, Conversation
from inftool.verification.gates.grounding import grounding_faults
from inftool.verification.gates.registry import CALL_GATES
from inftool.verification.integrity import broken_seal
from inftool.verification.replay import (
    Replay,
    Replayer,
    begins_elsewhere,
    ends_elsewhere,
    passes_by_itself,
    replay,
    statuses,
)
from inftool.verification.turn_verdicts import TurnFault, mended

# What never reached a server because it cannot be read, would have been refused as this.
_BAD_REQUEST = 400


def gather_evidence(case: Case, seed: int | None) -> None:
    """Fill in the second part of a case; the cost is linear in its calls.

    `seed` is that of the server which a trajectory without a blueprint was played on.
    """
    for gate in CALL_GATES:
        case.faults += gate.faults(case)
    if case.blueprint_pool is not None:
        results = _replay_blueprint(case, case.blueprint_pool)
    else:
        results = []
        _replay_without_blueprint(case, seed)
    case.statuses = statuses(case.conversation, results)
    case.statuses.update({call.id: _BAD_REQUEST for call in case.conversation.broken})
    expected = _expected_failures(case)
    case.faults = [fault for fault in case.faults if fault.call.id not in expected]
    # A record that is false says nothing about what was mended.
    if case.faults and not case.differences:
        case.mended_by = _mended_calls(case)


def _replay_blueprint(case: Case, pool: WorldPool) -> list[Result]:
    """Make the calls again in the world of the blueprint; the results in order."""
    trajectory, conversation = case.trajectory, case.conversation
    replayer = Replayer.of(pool, trajectory)
    case.differences = begins_elsewhere(trajectory, replayer.worlds)
    if case.differences:
        return []
    played = replay(conversation, replayer, frozenset(case.schemas))
    assert trajectory.blueprint is not None
    case.digest = replayer.worlds[trajectory.blueprint.world.api].digest()
    if played.differences and case.faults:
        # Nobody can be blamed for what follows from a false record, so sources of values are
        # looked for in what the world really answered.
        case.faults = [fault for fault in case.faults if fault.gate != "grounding"]
        case.faults += grounding_faults(case, _with_results(conversation, played.results))
    wrong_calls = {fault.call.id for fault in case.faults}
    case.faults += [fault for fault in _failures(played) if fault.call.id not in wrong_calls]
    case.service_failures = frozenset(
        call.id
        for call, result in zip(conversation.calls, played.results, strict=True)
        if passes_by_itself(result)
    )
    case.differences = (
        played.differences or ends_elsewhere(trajectory, case.digest) or broken_seal(trajectory)
    )
    return played.results


def _replay_without_blueprint(case: Case, seed: int | None) -> None:
    """Make the calls again in worlds of a seed, if there are such worlds for all of them."""
    pool, calls = case.pool, case.conversation.calls
    if (
        pool is not None
        and seed is not None
        and case.trajectory.blueprint is None
        and all(call.name in pool.tools for call in calls)
    ):
        apis = {pool.tools[call.name].api for call in calls}
        replayer = Replayer(pool, {api: pool.world(api, seed) for api in apis})
        played = replay(case.conversation, replayer, frozenset(case.schemas))
        case.differences = played.differences
        case.faults += _failures(played)
    # A line that was changed after its play fails without a world too.
    case.differences = broken_seal(case.trajectory) or case.differences


def _failures(played: Replay) -> list[TurnFault]:
    return [TurnFault("execution", call, finding) for call, finding in played.failures]


def _with_results(conversation: Conversation, results: list[Result]) -> Conversation:
    """A conversation with the results that its calls have when they are made again."""
    calls = (
        call._replace(result=canonical(result.shown()))
        for call, result in zip(conversation.calls, results, strict=True)
    )
    return conversation._replace(calls=tuple(calls))


def _match_plan(case: Case, wrong_calls: Collection[str]) -> Match | None:
    """Which of the other calls carry out which steps; None where there is no checker."""
    pool, blueprint = case.blueprint_pool, case.trajectory.blueprint
    if case.checker is None or pool is None or blueprint is None:
        return None
    calls = case.conversation.without(wrong_calls).calls
    return match(case.checker, blueprint, calls, pool.tools, case.statuses)


def _mended_calls(case: Case) -> dict[str, int]:
    """The message that mends each wrong call; empty unless all of them were mended."""
    matched = _match_plan(case, {fault.call.id for fault in case.faults})
    planned_calls = matched.by_step if matched else None
    cures = mended(
        case.faults, case.conversation, case.statuses, case.service_failures, planned_calls
    )
    return cures or {}


def _expected_failures(case: Case) -> frozenset[str]:
    """The ids of failed calls that nobody did wrong.

    These are the calls that the plan means to be refused or to fail once, and those that failed
    for the service's reasons and went through when they were made again.
    """
    failures = [fault for fault in case.faults if fault.gate == "execution"]
    if not failures:
        return frozenset()
    failed_ids = frozenset(fault.call.id for fault in failures)
    if case.blueprint_problem is not None:
        # Without a checker nobody knows what was meant; the outcome gate says so.
        return failed_ids
    service_ids = {fault.call.id for fault in failures if fault.finding.blame == "server"}
    matched = _match_plan(case, {fault.call.id for fault in case.faults} - failed_ids)
    if matched is None:
        return frozenset(
            fault.call.id
            for fault in failures
            if fault.call.id in service_ids and _is_made_again(fault.call, case.conversation)
        )
    blueprint = case.trajectory.blueprint
    injected = {step.tool for step in blueprint.plan if step.fault} if blueprint else set()
    refused = {call.id for call in matched.by_step.values() if call.id in failed_ids}
    failed_once = {
        fault.call.id
        for fault in failures
        if fault.call.name in injected and fault.call.id in case.service_failures
    }
    retried = {call.id for call in matched.retried}
    return frozenset(refused | failed_once | (service_ids & retried))


def _is_made_again(call: Call, conversation: Conversation) -> bool:
    return any(
        later.message > call.message
        and later.name == call.name
        and later.arguments == call.arguments
        for later in conversation.calls
    )
