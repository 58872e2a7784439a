"""The outcome gate: a checker run over a conversation.

The state at the end is the expected one, every wish was carried out once, nothing else was done,
and the user was told every fact that was asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from inftool.core.blueprints import Blueprint
from inftool.core.json_values import canonical, key_of, scalars
from inftool.core.tools import Tool
from inftool.core.trajectories import Finding, GateName, GateResult
from inftool.core.types import JsonObject
from inftool.language.values import mentions, normalize
from inftool.scenarios.plan import leaves
from inftool.verification.case import Case
from inftool.verification.checker.builder import expected_end
from inftool.verification.checker.matching import match
from inftool.verification.checker.records import Checker, Requirement
from inftool.verification.checker.told_facts import check_facts_told, spans
from inftool.verification.conversation import Call, Conversation
from inftool.verification.gates.protocol import NO_WORLD, abstaining, attributed


class OutcomeGate:
    """Passes if what was asked for was done, nothing else, and the user was told about it."""

    name: GateName = "outcome"
    prerequisite = False

    def check(self, case: Case) -> GateResult:
        """`abstain` without a blueprint and its world. Sets `case.extra_reads`."""
        pool, blueprint = case.blueprint_pool, case.trajectory.blueprint
        if pool is None or blueprint is None:
            return abstaining("outcome", NO_WORLD)
        # Calls that were mended changed nothing; they are judged by those that mended them.
        conversation = case.conversation.without(case.mended_by)
        if case.checker is None:
            problem = [case.blueprint_problem] if case.blueprint_problem else []
            return attributed("outcome", problem, case, conversation)
        result = outcome(
            case.checker,
            blueprint,
            conversation,
            pool.tools,
            case.statuses,
            case.digest,
            partial(expected_end, case.checker, blueprint, pool),
        )
        case.extra_reads = result.extra_reads
        return attributed("outcome", result.findings, case, conversation)


def informing(surplus: Sequence[Call], conversation: Conversation) -> frozenset[str]:
    """The ids of the surplus reads that a later call builds on: they said something that neither the user nor a call that the plan needs said before.

    One pass over the calls, last use first, so that the cost is linear in what was called and answered.
    """
    if not surplus:
        return frozenset()
    extra = {call.id for call in surplus}
    text = [normalize(said) for said in conversation.user]
    first: dict[tuple[str, str], Call] = {}
    useful: set[str] = set()
    needed = [call for call in conversation.calls if call.id not in extra]
    # Who said a value first, where those that the plan needs anyway come before the surplus ones.
    sources: dict[tuple[str, str], int] = {}
    for call in needed:
        for value in scalars(call.answer()):
            sources.setdefault(key_of(value), call.message)
    for call in surplus:
        for value in scalars(call.answer()):
            if value is not None and not isinstance(value, bool):
                first.setdefault(key_of(value), call)
    users = deque(needed)
    while users:
        user = users.popleft()
        for _, value in leaves(user.arguments):
            if isinstance(value, (dict, list, bool)) or value is None:
                continue
            key = key_of(value)
            source = first.get(key)
            if (
                source is None
                or source.id in useful
                or source.message >= user.message
                or sources.get(key, user.message) < user.message
            ):
                continue
            if not any(mentions(said, value) for said in text):
                useful.add(source.id)
                users.append(source)
    return frozenset(useful)


class Outcome(NamedTuple):
    """What the outcome gate found, and how many reads the plan would have done without."""

    findings: list[Finding]
    extra_reads: int


def outcome(
    checker: Checker,
    blueprint: Blueprint,
    conversation: Conversation,
    tools: Mapping[str, Tool],
    statuses: Mapping[str, int],
    digest: str | None,
    expected: Callable[[Mapping[str, JsonObject]], str] | None = None,
) -> Outcome:
    """Run a checker over the calls that were true (`conversation` holds no others).

    `digest` is the state at the end; None leaves the state out. `expected` gives the state that the plan leads to with some steps' arguments replaced
    by equivalent ones.
    """
    found = match(checker, blueprint, conversation.calls, tools, statuses)
    end = checker.end
    missing = [
        needed for needed in checker.calls if needed.goal and needed.step not in found.by_step
    ]
    if digest is not None and digest != end and expected is not None and not missing:
        other = _otherwise(checker, found.by_step)
        end = expected(other) if other else end
    surplus = found.surplus
    if missing and surplus and digest == end:
        missing, surplus = _another_way(missing, surplus, tools)
    findings = [_missing(needed, blueprint) for needed in missing]
    useful = informing(
        [call for call in surplus if tools[call.name].effect == "read"], conversation
    )
    for call in surplus:
        if call.id not in useful:
            code = (
                "needless_call"
                if any(turn.steps for turn in blueprint.turns)
                else "call_not_wanted"
            )
            findings.append(
                Finding(
                    code=code,
                    message=f"{call.name} does nothing that was asked for",
                    turn=call.turn,
                    pointer=call.pointer,
                )
            )
    if digest is not None and digest != end:
        message = f"the state at the end is {digest[:12]}, and {end[:12]} was expected"
        findings.append(
            Finding(code="state_differs", message=message, pointer="/provenance/digest")
        )
    findings += _order(checker, blueprint, found.by_step, conversation)
    findings += check_facts_told(checker, blueprint, conversation, found.by_step)
    return Outcome(findings, len(useful))


def _otherwise(checker: Checker, by_step: Mapping[str, Call]) -> dict[str, JsonObject]:
    """The arguments of the steps that were carried out with others than the plan's that ask for the same; 5.0 for 5 is one too, as a world keeps it."""
    made = {
        needed.step: (needed.arguments, by_step[needed.step].arguments)
        for needed in checker.calls
        if needed.step in by_step
    }
    return {
        step: arguments
        for step, (planned, arguments) in made.items()
        if arguments != planned or canonical(arguments) != canonical(planned)
    }


def _another_way(
    missing: list[Requirement], surplus: list[Call], tools: Mapping[str, Tool]
) -> tuple[list[Requirement], list[Call]]:
    """The state is as expected, so writes that were made by another tool than the plan's are another way to the same end, one for one."""
    left, rest = list(missing), list(surplus)
    for needed in missing:
        if not needed.changes:
            continue
        other = next(
            (
                call
                for call in rest
                if call.name != needed.tool and tools[call.name].effect != "read"
            ),
            None,
        )
        if other is not None:
            left.remove(needed)
            rest.remove(other)
    return left, rest


def _missing(needed: Requirement, blueprint: Blueprint) -> Finding:
    place = next(index for index, step in enumerate(blueprint.plan) if step.id == needed.step)
    message = f"nothing carries out what turn {needed.turn} asks for: {needed.tool} with the values that were given"
    return Finding(
        code="step_missing", message=message, turn=needed.turn, pointer=f"/blueprint/plan/{place}"
    )


def _order(
    checker: Checker, blueprint: Blueprint, by_step: Mapping[str, Call], conversation: Conversation
) -> list[Finding]:
    """A call before one that it has to come after, or in another turn than the one that asks for it."""
    findings: list[Finding] = []
    ranges = spans(blueprint, conversation)
    for needed in checker.calls:
        call = by_step.get(needed.step)
        if call is None:
            continue
        early = next(
            (
                step
                for step in needed.after
                if step in by_step and by_step[step].message >= call.message
            ),
            None,
        )
        if early is not None:
            message = f"{call.name} was called before {by_step[early].name}, which it builds on"
            findings.append(
                Finding(code="out_of_order", message=message, turn=call.turn, pointer=call.pointer)
            )
        elif (
            ranges is not None
            and needed.goal
            and not ranges[needed.turn][0] <= call.turn < ranges[needed.turn][1]
        ):
            message = f"{call.name} was called in another turn than the one that asks for it"
            findings.append(
                Finding(code="out_of_order", message=message, turn=call.turn, pointer=call.pointer)
            )
    return findings
