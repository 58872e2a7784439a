"""The gated reward of a whole episode [reconstructed].

It follows the verdict, with credit for the calls on the way and a term for efficiency. The table is
in docs/rewards.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from inftool.core.blueprints import Blueprint
from inftool.core.trajectories import Trajectory, Verdict
from inftool.scenarios.world_pool import WorldPool
from inftool.training.rewards.calls import CallMatching, WantedCall, score_calls
from inftool.training.rewards.read_calls import MadeCall
from inftool.training.rewards.score import RewardGate, Score
from inftool.verification import judge
from inftool.verification.checker.builder import checker_of
from inftool.verification.checker.matching import filled_in
from inftool.verification.checker.plan_run import BadBlueprint
from inftool.verification.checker.records import Checker
from inftool.verification.conversation import Call, Conversation
from inftool.verification.conversation_reader import read_conversation

# Ours: the paper publishes no formula [reconstructed]. A later gate is always worth more than an
# earlier one: at most CALLS before the outcome, then DIALOGUE, then PASSED and more.
# An episode that passed earns PASSED, and the rest up to 1 by efficiency: calls that were not
# needed cost something, and never as much as failing.
PASSED = 0.75
# The world is right and the user was told, but the conversation was led badly.
DIALOGUE = 0.6
# The most that the calls on the way can earn where the outcome is wrong.
CALLS = 0.5
# The same where a call wrote what nobody asked for: far below what doing too little earns.
HARM = 0.1
# What an argument takes from an earlier result is known only once that result is matched, so the
# matching is repeated until it is stable: eight rounds are enough for a chain of eight calls.
_ROUNDS = 8
# A call that reached one of these gates is an attempt at what was wanted; any other is surplus.
_ATTEMPTS = frozenset(("values", "passed"))


def score_episode(trajectory: Trajectory, pool: WorldPool, *, finished: bool = True) -> Score:
    """Score an episode of a blueprint in the pool's worlds; the cost is that of its verdict.

    `finished` is False where the episode was broken off. One whose failure is not the assistant's
    (its user's, its server's, its spec's) is scored all the same, and not `counted`.
    """
    blueprint = trajectory.blueprint
    conversation, _ = read_conversation(trajectory.messages)
    verdict = trajectory.verdict or judge(trajectory, pool)
    if conversation is None:
        return _stopped(verdict, "format", 0.0, format=0.0)
    if not finished or blueprint is None or not _is_finished(trajectory, conversation, blueprint):
        return _stopped(verdict, "finish", 0.0, format=1.0)
    try:
        checker = checker_of(blueprint, pool)
    except BadBlueprint:
        return _stopped(verdict, "outcome", 0.0, format=1.0).model_copy(update={"counted": False})
    calls = [*conversation.calls, *conversation.broken]
    if bool(calls) != bool(checker.calls):
        return _stopped(verdict, "decision", 0.0, format=1.0, decision=0.0)
    parts = {"format": 1.0, "decision": 1.0}
    if not calls:
        # Nothing was to be called and nothing was: all that counts is what was said.
        return _completed(verdict, "outcome", 0.0, 1.0, parts)
    matching, surplus, retried = _match(checker, blueprint, conversation, trajectory)
    efficiency = min(1.0, (len(checker.calls) + retried) / len(calls))
    parts = {**parts, **matching.parts, "efficiency": efficiency}
    has_harmed = any(_wrote(call, pool) for call in surplus)
    partial = (HARM if has_harmed else CALLS) * matching.reward
    gate: RewardGate = matching.gate if matching.gate != "passed" else "outcome"
    return _completed(verdict, gate, partial, efficiency, parts)


def _wrote(call: Call, pool: WorldPool) -> bool:
    """Whether a call succeeded and its tool is not one that only reads."""
    tool = pool.tools.get(call.name)
    return call.status() < 400 and tool is not None and tool.effect != "read"


def _stopped(verdict: Verdict, gate: RewardGate, reward: float, **parts: float) -> Score:
    codes = tuple(dict.fromkeys(finding.code for finding in verdict.findings))
    return Score(reward=reward, gate=gate, parts=parts, counted=_counts(verdict), codes=codes)


def _completed(
    verdict: Verdict,
    gate: RewardGate,
    partial: float,
    efficiency: float,
    parts: Mapping[str, float],
) -> Score:
    """The score of an episode that came to its end.

    `gate` and `partial` are where it stopped and what it earns if neither the verdict passed nor
    the dialogue is the first gate that failed.
    """
    if verdict.passed:
        full = dict.fromkeys(parts, 1.0) | {"outcome": 1.0}
        if "tool" in parts:
            full["efficiency"] = efficiency
        return _stopped(verdict, "passed", PASSED + (1.0 - PASSED) * efficiency, **full)
    failed = next((result.gate for result in verdict.gates if result.status != "pass"), None)
    if failed == "dialogue":
        return _stopped(verdict, "dialogue", DIALOGUE, **{**parts, "outcome": 1.0})
    return _stopped(verdict, gate, partial, **{**parts, "outcome": 0.0})


def _counts(verdict: Verdict) -> bool:
    """Whether a verdict says something about the assistant.

    It does where it passed, or where a finding of the gate that failed blames the assistant.
    """
    if verdict.status == "pass":
        return True
    failed = [gate for gate in verdict.gates if gate.status == "fail"]
    return bool(failed) and any(finding.blame == "assistant" for finding in failed[0].findings)


def _is_finished(trajectory: Trajectory, conversation: Conversation, blueprint: Blueprint) -> bool:
    last = trajectory.messages[-1]
    return (
        last.get("role") == "assistant"
        and not last.get("tool_calls")
        and len(conversation.user) >= len(blueprint.turns)
    )


def _match(
    checker: Checker, blueprint: Blueprint, conversation: Conversation, trajectory: Trajectory
) -> tuple[CallMatching, list[Call], int]:
    """Match the plan's calls with those that were made.

    Returns the matching, the calls that carry out nothing of the plan, and how many calls had to be
    repeated through no fault of the assistant's. What a plan's argument takes from an earlier
    result is what that result really was, so that an id the world generated may be another one.
    """
    schemas = {
        tool["function"]["name"]: tool["function"].get("parameters") or {}
        for tool in trajectory.tools
    }
    counted = _first_attempts(conversation.calls, blueprint)
    retried = min(
        len(conversation.calls) - len(counted),
        sum(step.fault is not None for step in blueprint.plan),
    )
    made = [MadeCall(call.name, call.arguments) for call in counted]
    made += [MadeCall(call.name, None) for call in conversation.broken]
    wanted = [
        WantedCall(name=need.tool, arguments=need.arguments, free=need.free)
        for need in checker.calls
    ]
    results: dict[str, object] = {}
    for _ in range(_ROUNDS):
        matching = score_calls(made, wanted, schemas)
        exact_results = dict(_exact_results(checker, matching, counted))
        if exact_results == results:
            break
        results = exact_results
        wanted = [
            WantedCall(
                name=need.tool,
                arguments=filled_in(blueprint.step(need.step), need.arguments, results),
                free=need.free,
            )
            for need in checker.calls
        ]
    attempts = {
        column for column, pair in matching.pairs if column is not None and pair.gate in _ATTEMPTS
    }
    surplus = [call for column, call in enumerate(counted) if column not in attempts]
    return matching, surplus, retried


def _exact_results(
    checker: Checker, matching: CallMatching, counted: Sequence[Call]
) -> Iterator[tuple[str, object]]:
    """Yield each step that a call carried out exactly and with success, with that call's result."""
    for need, (column, pair) in zip(checker.calls, matching.pairs, strict=True):
        # Behind the calls that count come the unreadable ones, which have no result.
        if pair.gate != "passed" or column is None or column >= len(counted):
            continue
        if counted[column].status() < 400:
            yield need.step, counted[column].answer()


def _first_attempts(calls: Sequence[Call], blueprint: Blueprint) -> list[Call]:
    """The calls without those that failed by a planned fault and were repeated with success."""
    faulty = {step.tool for step in blueprint.plan if step.fault}
    if not faulty:
        return list(calls)
    return [
        call
        for call in calls
        if not (call.name in faulty and call.status() >= 400 and _is_repeated(call, calls))
    ]


def _is_repeated(call: Call, calls: Sequence[Call]) -> bool:
    return any(
        later.message > call.message
        and later.name == call.name
        and later.arguments == call.arguments
        and later.status() < 400
        for later in calls
    )
