"""The gates in order, and the verdict they add up to. Fail closed: a gate that cannot tell abstains, and an abstention is no pass."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import get_args

from inftool.errors import InftoolError
from inftool.records import Blueprint, Finding, Gate, GateResult, JsonObject, Tool, Trajectory, Verdict
from inftool.scenarios.plan import Unresolved, run
from inftool.scenarios.stage import Stage
from inftool.specs import check
from inftool.verification.calls import Conversation, read_conversation
from inftool.verification.dialogue import dialogue, identifiers
from inftool.verification.grounding import ungrounded
from inftool.verification.outcome import outcome
from inftool.verification.replay import replay, replay_calls

GATES: tuple[Gate, ...] = get_args(Gate)


def judge(trajectory: Trajectory, stage: Stage | None = None, *, seed: int | None = None) -> Verdict:
    """Judge one trajectory.

    With a `stage` that has the world of its blueprint, all gates speak; without, execution and outcome abstain (`no_world`). A trajectory without a
    blueprint that was played on a server seeded with `seed` can still be replayed; what it should have come to nobody can tell.
    """
    results: list[GateResult] = []
    schemas = {tool["function"]["name"]: tool["function"].get("parameters") or {} for tool in trajectory.tools}
    conversation, problems = read_conversation(trajectory.messages)
    results.append(_gate("format", problems))
    if conversation is not None:
        spoken = conversation
        digest = ""

        def execution() -> list[Finding] | None:
            nonlocal digest
            if world is None:
                return _replayed_alone(trajectory, spoken, stage, seed)
            findings, digest = replay(trajectory, spoken, world)
            return findings

        world = stage if stage is not None and trajectory.blueprint is not None and trajectory.blueprint.world.api in stage.api_names else None
        tests: list[tuple[Gate, Callable[[], list[Finding] | None]]] = [
            ("tool", lambda: _unknown_tools(spoken, schemas)),
            ("schema", lambda: _violations(spoken, schemas, stage)),
            ("grounding", lambda: ungrounded(spoken, schemas)),
            ("execution", execution),
            ("outcome", lambda: None if world is None or trajectory.blueprint is None else _outcome(trajectory.blueprint, spoken, world, digest)),
            ("dialogue", lambda: dialogue(trajectory.messages, spoken, identifiers(trajectory.tools))),
        ]
        for gate, test in tests:
            findings = test()
            if findings is None:
                reason = Finding(code="no_world", message="there is no world to run the calls in", blame="spec")
                results.append(GateResult(gate=gate, status="abstain", findings=(reason,)))
                continue
            results.append(_gate(gate, findings))
            if findings:
                break
    # A gate after a failure has nothing true to say.
    results += [GateResult(gate=gate, status="abstain") for gate in GATES[len(results) :]]
    statuses = {result.status for result in results}
    return Verdict(status="fail" if "fail" in statuses else "abstain" if "abstain" in statuses else "pass", gates=tuple(results))


def _replayed_alone(trajectory: Trajectory, conversation: Conversation, stage: Stage | None, seed: int | None) -> list[Finding] | None:
    """The replay of calls that no blueprint goes with."""
    if stage is None or seed is None or trajectory.blueprint is not None or not all(call.name in stage.tools for call in conversation.calls):
        return None
    return replay_calls(conversation, {name: stage.world(name, seed) for name in {stage.tools[call.name].api for call in conversation.calls}}, stage)


def _gate(gate: Gate, findings: Sequence[Finding]) -> GateResult:
    return GateResult(gate=gate, status="fail" if findings else "pass", findings=tuple(findings))


def _unknown_tools(conversation: Conversation, schemas: JsonObject) -> list[Finding]:
    return [
        Finding(code="unknown_tool", message=f"no tool named {call.name!r} was offered", turn=call.turn, pointer=f"{call.pointer}/function/name")
        for call in conversation.calls
        if call.name not in schemas
    ]


def _violations(conversation: Conversation, schemas: JsonObject, stage: Stage | None) -> list[Finding]:
    findings: list[Finding] = []
    for call in conversation.calls:
        known: Tool | None = stage.tools.get(call.name) if stage else None
        for violation in check(schemas[call.name], call.arguments):
            findings.append(
                Finding(
                    code=violation.code,
                    message=f"{call.name}: {violation.message}",
                    turn=call.turn,
                    pointer=f"{call.pointer}/function/arguments{violation.pointer}",
                    origin=known.origin if known else None,
                )
            )
    return findings


def _outcome(blueprint: Blueprint, conversation: Conversation, stage: Stage, digest: str) -> list[Finding]:
    gold = stage.world(blueprint.world.api, blueprint.world.seed)
    try:
        _, arguments = run(gold, blueprint.plan)
    except (Unresolved, InftoolError) as error:
        return [Finding(code="bad_blueprint", message=f"the plan does not run: {error}", pointer="/blueprint/plan", blame="spec")]
    if len(arguments) < len(blueprint.plan) or gold.digest() != blueprint.world.expected:
        return [Finding(code="bad_blueprint", message="the plan does not lead to the expected state", pointer="/blueprint/plan", blame="spec")]
    return outcome(blueprint, conversation, arguments, stage.tools, digest)
