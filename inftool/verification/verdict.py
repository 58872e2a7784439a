"""The gates in order, and the verdict they add up to. Fail closed: a gate that cannot tell abstains, and an abstention is no pass."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from functools import partial

from inftool.core.errors import ToolError, VerifyError
from inftool.core.json_values import canonical
from inftool.core.tools import Result, Tool
from inftool.core.trajectories import Finding, Gate, GateResult, Status, Trajectory, Verdict
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import check
from inftool.verification.attribution import attribute, user_faults
from inftool.verification.case import Case, answered, open_case
from inftool.verification.checker.builder import expected_end, free_by_tool
from inftool.verification.checker.matching import Match, match
from inftool.verification.checker.told_facts import spans
from inftool.verification.conversation import Call, Conversation, read_conversation
from inftool.verification.gates.dialogue import dialogue
from inftool.verification.gates.grounding import ungrounded
from inftool.verification.gates.outcome import Outcome, outcome
from inftool.verification.integrity import broken_seal
from inftool.verification.replay import (
    Replayer,
    begins_elsewhere,
    ends_elsewhere,
    passes_by_itself,
    replay,
    statuses,
)
from inftool.verification.schema_equality import has_endless_reference
from inftool.verification.turn_verdicts import TurnFault, mended, turn_verdicts

# The gates that every verdict has; `judge` and `novelty` speak only where they are asked to.
GATES: tuple[Gate, ...] = (
    "format",
    "tool",
    "schema",
    "grounding",
    "execution",
    "outcome",
    "dialogue",
)

_NO_ANSWERS = Finding(
    code="no_answers",
    message="its layout holds calls without results, so nobody could go on",
    blame="spec",
)
_PASSED = {gate: GateResult(gate=gate, status="pass") for gate in GATES}
_SILENT = {gate: GateResult(gate=gate, status="abstain") for gate in GATES}


def judge(
    trajectory: Trajectory, stage: WorldPool | None = None, *, seed: int | None = None
) -> Verdict:
    """Judge one trajectory; the cost is linear in its calls. VerifyError where its tools cannot be read, or something is nested without end.

    With a `stage` that has the world of its blueprint, all gates speak; without, execution and outcome abstain (`no_world`). A trajectory without a
    blueprint that was played on a server seeded with `seed` can still be replayed; what it should have come to nobody can tell.
    """
    try:
        return _judge(trajectory, stage, seed)
    except RecursionError as error:
        raise VerifyError("something in it is nested too deeply") from error


def _judge(trajectory: Trajectory, stage: WorldPool | None, seed: int | None) -> Verdict:
    conversation, problems = read_conversation(trajectory.messages, results=answered(trajectory))
    if conversation is None:
        return _sum_up(trajectory, [_gate("format", problems)])
    case = open_case(trajectory, conversation, stage)
    faults = [
        TurnFault("format", call, finding)
        for call, finding in zip(conversation.broken, problems, strict=True)
    ]
    faults += call_faults(case)
    results: list[Result] = []
    execution: list[Finding] | None = None
    digest = ""
    blocked = None
    struck: set[str] = set()
    if case.home is not None:
        playback = Replayer.of(case.home, trajectory)
        execution = begins_elsewhere(trajectory, playback.worlds)
        if not execution:
            differs, failed, results = replay(conversation, playback, frozenset(case.schemas))
            assert trajectory.blueprint is not None
            digest = playback.worlds[trajectory.blueprint.world.api].digest()
            if differs and faults:
                # Nobody can be blamed for what follows from a false record: sources are looked for in what the world really said.
                faults = [fault for fault in faults if fault.gate != "grounding"] + _ungrounded(
                    case, _truly(conversation, results)
                )
            wrong = {fault.call.id for fault in faults}
            faults += [
                TurnFault("execution", call, finding)
                for call, finding in failed
                if call.id not in wrong
            ]
            struck = {
                call.id
                for call, result in zip(conversation.calls, results, strict=True)
                if passes_by_itself(result)
            }
            execution = differs or ends_elsewhere(trajectory, digest) or broken_seal(trajectory)
        blocked = execution or None
    else:
        execution = _replayed_alone(case, seed)
        if execution is not None:
            faults += [
                TurnFault("execution", call, finding) for call, finding in _failures(case, seed)
            ]
        # What is no longer as it was played fails without a world too.
        execution = broken_seal(trajectory) or execution
        blocked = execution or None
    state = statuses(conversation, results)
    state.update({call.id: 400 for call in conversation.broken})
    expected = _expected_failures(faults, case, conversation, state, struck)
    faults = [fault for fault in faults if fault.call.id not in expected]
    cures: dict[str, int] = {}
    if faults and not blocked:
        good = _without(conversation, {fault.call.id for fault in faults})
        found = _match(case, good, state)
        cures = mended(faults, conversation, state, struck, found.by_step if found else None) or {}
    gates = _early_gates(case, faults if not cures else [])
    extra = 0
    if gates[-1].status == "pass":
        left = [fault.finding for fault in faults if fault.gate == "execution"] if not cures else []
        extra = _late_gates(
            case, gates, execution, left, _without(conversation, set(cures)), state, digest
        )
    return _sum_up(trajectory, gates, case, faults, cures, extra)


def call_faults(case: Case) -> list[TurnFault]:
    """The calls that are wrong by themselves, before anything is replayed: of no known tool, against a schema, or with values from nowhere."""
    faults: list[TurnFault] = []
    wrong: set[str] = set()
    for call in case.conversation.calls:
        since = case.trajectory.offered_from.get(call.name, -1)
        if call.name not in case.schemas or call.message < since:
            message = f"no tool named {call.name!r} was offered" + (
                " at that time" if call.name in case.schemas else ""
            )
            pointer = f"{call.pointer}/function/name"
            faults.append(
                TurnFault(
                    "tool",
                    call,
                    Finding(code="unknown_tool", message=message, turn=call.turn, pointer=pointer),
                )
            )
            wrong.add(call.id)
    for call in case.conversation.calls:
        if call.id in wrong:
            continue
        known: Tool | None = case.stage.tools.get(call.name) if case.stage else None
        try:
            if known is None and has_endless_reference(case.schemas[call.name]):
                raise ToolError("a reference in its schema leads back to itself")
            violations = check(case.schemas[call.name], call.arguments)
        except ToolError as error:
            finding = Finding(
                code="bad_schema",
                message=f"{call.name}: {error}",
                turn=call.turn,
                pointer=call.pointer,
                blame="spec",
            )
            faults.append(TurnFault("schema", call, finding))
            wrong.add(call.id)
            continue
        for violation in violations:
            finding = Finding(
                code=violation.code,
                message=f"{call.name}: {violation.message}",
                turn=call.turn,
                pointer=f"{call.pointer}/function/arguments{violation.pointer}",
                origin=known.origin if known else None,
            )
            faults.append(TurnFault("schema", call, finding))
            wrong.add(call.id)
    return faults + _ungrounded(case, case.conversation, wrong)


def _ungrounded(
    case: Case, conversation: Conversation, unchecked: Container[str] = ()
) -> list[TurnFault]:
    free = free_by_tool(case.checker) if case.checker else None
    skipped = {
        call.id
        for call in conversation.calls
        if call.name not in case.schemas or call.id in unchecked
    }
    return [
        TurnFault("grounding", call, finding)
        for call, finding in ungrounded(conversation, case.schemas, unchecked=skipped, free=free)
    ]


def _truly(conversation: Conversation, results: Sequence[Result]) -> Conversation:
    """A conversation with the results that its calls have when they are made again."""
    calls = (
        call._replace(result=canonical(result.shown()))
        for call, result in zip(conversation.calls, results, strict=True)
    )
    return conversation._replace(calls=tuple(calls))


def _replayed_alone(case: Case, seed: int | None) -> list[Finding] | None:
    """What differs when calls that no blueprint goes with are made again in worlds of a seed; None where they cannot be."""
    playback = _alone(case, seed)
    return (
        None
        if playback is None
        else replay(case.conversation, playback, frozenset(case.schemas))[0]
    )


def _failures(case: Case, seed: int | None) -> list[tuple[Call, Finding]]:
    playback = _alone(case, seed)
    return (
        [] if playback is None else replay(case.conversation, playback, frozenset(case.schemas))[1]
    )


def _alone(case: Case, seed: int | None) -> Replayer | None:
    stage, calls = case.stage, case.conversation.calls
    if (
        stage is None
        or seed is None
        or case.trajectory.blueprint is not None
        or not all(call.name in stage.tools for call in calls)
    ):
        return None
    return Replayer(
        stage,
        {name: stage.world(name, seed) for name in {stage.tools[call.name].api for call in calls}},
    )


def _without(conversation: Conversation, wrong: set[str]) -> Conversation:
    if not wrong:
        return conversation
    return conversation._replace(
        calls=tuple(call for call in conversation.calls if call.id not in wrong)
    )


def _match(case: Case, conversation: Conversation, state: Mapping[str, int]) -> Match | None:
    blueprint = case.trajectory.blueprint
    if case.checker is None or case.home is None or blueprint is None:
        return None
    return match(case.checker, blueprint, conversation.calls, case.home.tools, state)


def _expected_failures(
    faults: Sequence[TurnFault],
    case: Case,
    conversation: Conversation,
    state: Mapping[str, int],
    struck: Container[str],
) -> frozenset[str]:
    """Failed calls that nobody did wrong: those that the plan means to be refused or struck, and those that went through when they were made again."""
    failed = [fault for fault in faults if fault.gate == "execution"]
    if not failed:
        return frozenset()
    if case.problem is not None:
        # Without a checker nobody knows what was meant; the outcome gate says so.
        return frozenset(fault.call.id for fault in failed)
    planned = (
        {step.tool for step in case.trajectory.blueprint.plan if step.fault}
        if case.trajectory.blueprint
        else set()
    )
    ids = {fault.call.id for fault in failed}
    found = _match(case, _without(conversation, {fault.call.id for fault in faults} - ids), state)
    if found is None:
        return frozenset(
            fault.call.id
            for fault in failed
            if fault.finding.blame == "server"
            and any(
                other.message > fault.call.message
                and other.name == fault.call.name
                and other.arguments == fault.call.arguments
                for other in conversation.calls
            )
        )
    passing = {fault.call.id for fault in failed if fault.finding.blame == "server"}
    meant = {call.id for call in found.by_step.values() if call.id in ids} | {
        fault.call.id for fault in failed if fault.call.name in planned and fault.call.id in struck
    }
    return frozenset(meant | (passing & {call.id for call in found.retried}))


def _early_gates(case: Case, faults: Sequence[TurnFault]) -> list[GateResult]:
    """Format to grounding, up to the first that fails."""
    gates: list[GateResult] = []
    for gate in GATES[:4]:
        findings = [fault.finding for fault in faults if fault.gate == gate]
        if gate == "grounding" and findings and not answered(case.trajectory):
            # What a call answered that nobody wrote down may be where a later call has its values from.
            first = min((call.message for call in case.conversation.calls), default=0)
            findings = [
                fault.finding
                for fault in faults
                if fault.gate == gate and fault.call.message == first
            ]
            if not findings:
                gates.append(GateResult(gate=gate, status="abstain", findings=(_NO_ANSWERS,)))
                break
        if gate == "tool" and not findings:
            findings = case.changed
        gates.append(
            _gate(
                gate,
                attribute(findings, case.trajectory.blueprint, case.checker, case.conversation),
            )
        )
        if findings:
            break
    return gates


def _late_gates(
    case: Case,
    gates: list[GateResult],
    execution: list[Finding] | None,
    failed: list[Finding],
    conversation: Conversation,
    state: Mapping[str, int],
    digest: str,
) -> int:
    """Execution to dialogue, up to the first that fails; how many reads the plan would have done without."""
    extra = 0
    blueprint = case.trajectory.blueprint
    reason = Finding(code="no_world", message="there is no world to run the calls in", blame="spec")
    if execution is None:
        gates.append(GateResult(gate="execution", status="abstain", findings=(reason,)))
    else:
        gates.append(
            _gate(
                "execution",
                attribute([*execution, *failed], blueprint, case.checker, case.conversation),
            )
        )
        if gates[-1].status == "fail":
            return 0
    if case.home is None or blueprint is None:
        gates.append(GateResult(gate="outcome", status="abstain", findings=(reason,)))
    else:
        found = (
            Outcome([case.problem], 0)
            if case.problem
            else _outcome(case, conversation, state, digest)
        )
        extra = found.extra_reads
        gates.append(
            _gate("outcome", attribute(found.findings, blueprint, case.checker, conversation))
        )
        if found.findings:
            return 0
    messages = case.trajectory.messages
    if not answered(case.trajectory):
        gates.append(GateResult(gate="dialogue", status="abstain", findings=(_NO_ANSWERS,)))
        return extra
    findings = dialogue(
        messages, case.conversation, case.trajectory.tools, strict=blueprint is not None
    )
    if blueprint is not None:
        # Whoever guesses right what the user never said has still guessed.
        findings += user_faults(blueprint, case.conversation)
    gates.append(_gate("dialogue", findings))
    return extra


def _outcome(
    case: Case, conversation: Conversation, state: Mapping[str, int], digest: str
) -> Outcome:
    stage, blueprint, checker = case.home, case.trajectory.blueprint, case.checker
    assert stage is not None
    assert blueprint is not None
    assert checker is not None

    return outcome(
        checker,
        blueprint,
        conversation,
        stage.tools,
        state,
        digest,
        partial(expected_end, checker, blueprint, stage),
    )


def _gate(gate: Gate, findings: Sequence[Finding]) -> GateResult:
    return (
        GateResult(gate=gate, status="fail", findings=tuple(findings))
        if findings
        else _PASSED[gate]
    )


def _sum_up(
    trajectory: Trajectory,
    gates: list[GateResult],
    case: Case | None = None,
    faults: Sequence[TurnFault] = (),
    cures: Mapping[str, int] | None = None,
    extra: int = 0,
) -> Verdict:
    # A gate after a failure has nothing true to say.
    gates = [*gates, *(_SILENT[gate] for gate in GATES[len(gates) :])]
    found = {result.status for result in gates}
    status: Status = "fail" if "fail" in found else "abstain" if "abstain" in found else "pass"
    ranges = (
        spans(trajectory.blueprint, case.conversation)
        if case is not None and trajectory.blueprint is not None and status == "fail"
        else None
    )
    turns = turn_verdicts(
        trajectory.messages, gates, faults, cures or {}, ends=ranges, passed=status == "pass"
    )
    return Verdict(
        status=status, gates=tuple(gates), turns=turns, extra_reads=extra if status == "pass" else 0
    )
