"""The gated reward of a whole play: what its verdict says, with credit for the calls on the way and
a term for efficiency [reconstructed].

`passed` 1 where no call was too many and never under 0.75; `dialogue` 0.6; `outcome` and before at
most 0.5, by how many of the plan's calls were made; a
play that wrote what nobody asked for at most 0.1; one that is unfinished, unreadable, or calls
nothing where something was to be called (or the other way round) 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inftool.core.blueprints import Blueprint
from inftool.core.trajectories import Trajectory, Verdict
from inftool.scenarios.world_pool import WorldPool
from inftool.training.rewards.message import (
    CallMatching,
    MadeCall,
    RewardGate,
    Score,
    WantedCall,
    score_calls,
)
from inftool.verification import judge
from inftool.verification.checker.builder import checker_of
from inftool.verification.checker.matching import filled_in
from inftool.verification.checker.plan_run import BadBlueprint
from inftool.verification.checker.records import Checker
from inftool.verification.conversation import Call, Conversation
from inftool.verification.conversation_reader import read_conversation

PASSED, DIALOGUE, CALLS, HARM = 0.75, 0.6, 0.5, 0.1
_ROUNDS = 8
# A call this close to what was wanted is a try at it; anything else is one too many.
_SAME_CALL = frozenset(("values", "passed"))


def score_episode(trajectory: Trajectory, stage: WorldPool, *, finished: bool = True) -> Score:
    """Score a play of a blueprint in the stage's worlds; the cost is that of its verdict.
    `finished`: False where the play was broken off.

    A play whose failure is not the assistant's (its user's, its server's, its spec's) is scored all
    the same, and not `counted`.
    """
    blueprint = trajectory.blueprint
    conversation, _ = read_conversation(trajectory.messages)
    verdict = trajectory.verdict or judge(trajectory, stage)
    if conversation is None:
        return _stopped(verdict, "format", 0.0, format=0.0)
    if not finished or blueprint is None or not _is_finished(trajectory, conversation, blueprint):
        return _stopped(verdict, "finish", 0.0, format=1.0)
    try:
        checker = checker_of(blueprint, stage)
    except BadBlueprint:
        return _stopped(verdict, "outcome", 0.0, format=1.0).model_copy(update={"counted": False})
    made = [*conversation.calls, *conversation.broken]
    if bool(made) != bool(checker.calls):
        return _stopped(verdict, "decision", 0.0, format=1.0, decision=0.0)
    parts = {"format": 1.0, "decision": 1.0}
    if not made:
        # Nothing was to be called and nothing was: all that counts is what was said.
        return _late(verdict, "outcome", 0.0, 1.0, parts)
    found, rest, retried = _match(checker, blueprint, conversation, trajectory)
    efficiency = min(1.0, (len(checker.calls) + retried) / len(made))
    parts = {**parts, **found.parts, "efficiency": efficiency}
    harmed = any(
        call.status() < 400
        and (tool := stage.tools.get(call.name)) is not None
        and tool.effect != "read"
        for call in rest
    )
    partial = (HARM if harmed else CALLS) * found.reward
    return _late(
        verdict, found.gate if found.gate != "passed" else "outcome", partial, efficiency, parts
    )


def _stopped(verdict: Verdict, gate: RewardGate, reward: float, **parts: float) -> Score:
    codes = tuple(dict.fromkeys(finding.code for finding in verdict.findings))
    return Score(reward=reward, gate=gate, parts=parts, counted=_counts(verdict), codes=codes)


def _late(
    verdict: Verdict,
    gate: RewardGate,
    partial: float,
    efficiency: float,
    parts: Mapping[str, float],
) -> Score:
    """The score of a play that got to its end: all gates passed, all but the dialogue, or what the
    calls on the way are worth."""
    if verdict.passed:
        whole = dict.fromkeys(parts, 1.0) | {"outcome": 1.0}
        return _stopped(
            verdict,
            "passed",
            PASSED + (1.0 - PASSED) * efficiency,
            **whole | ({"efficiency": efficiency} if "tool" in parts else {}),
        )
    if next((gate.gate for gate in verdict.gates if gate.status != "pass"), None) == "dialogue":
        return _stopped(verdict, "dialogue", DIALOGUE, **{**parts, "outcome": 1.0})
    return _stopped(verdict, gate, partial, **{**parts, "outcome": 0.0})


def _counts(verdict: Verdict) -> bool:
    """Whether a verdict says something about the assistant: it passed, or a finding of the gate
    that failed has nobody else to blame."""
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
    """The plan's calls against those that were made, the calls that carry out none, and how many
    had to be made again through no fault.

    What a plan's argument takes from an earlier result is what that result really was, so that an
    id the world generated may be another one.
    """
    schemas = {
        tool["function"]["name"]: tool["function"].get("parameters") or {}
        for tool in trajectory.tools
    }
    results: dict[str, Any] = {}
    counted = _first_tries(conversation.calls, blueprint)
    retried = min(
        len(conversation.calls) - len(counted),
        sum(step.fault is not None for step in blueprint.plan),
    )
    wanted = [
        WantedCall(name=need.tool, arguments=need.arguments, free=need.free)
        for need in checker.calls
    ]
    for _ in range(_ROUNDS):
        made = [MadeCall(call.name, call.arguments) for call in counted] + [
            MadeCall(call.name, None) for call in conversation.broken
        ]
        found = score_calls(made, wanted, schemas)
        exact = {
            need.step: counted[column].answer()
            for need, (column, pair) in zip(checker.calls, found.pairs, strict=True)
            if pair.gate == "passed"
            and column is not None
            and column < len(counted)
            and counted[column].status() < 400
        }
        if exact == results:
            break
        results = exact
        wanted = [
            WantedCall(
                name=need.tool,
                arguments=filled_in(blueprint.step(need.step), need.arguments, results),
                free=need.free,
            )
            for need in checker.calls
        ]
    taken = {
        column for column, pair in found.pairs if column is not None and pair.gate in _SAME_CALL
    }
    return found, [call for column, call in enumerate(counted) if column not in taken], retried


def _first_tries(calls: Sequence[Call], blueprint: Blueprint) -> list[Call]:
    """The calls without those that only had to be made again because the service was made to fail:
    the failed first try does not count."""
    faulty = {step.tool for step in blueprint.plan if step.fault}
    if not faulty:
        return list(calls)
    return [
        call
        for call in calls
        if not (call.name in faulty and call.status() >= 400 and _again(call, calls))
    ]


def _again(call: Call, calls: Sequence[Call]) -> bool:
    return any(
        other.message > call.message
        and other.name == call.name
        and other.arguments == call.arguments
        and other.status() < 400
        for other in calls
    )
