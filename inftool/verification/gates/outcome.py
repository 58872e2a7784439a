"""The outcome gate: a checker run over a conversation.

The state at the end is the expected one, every wish was carried out once, nothing else was done,
and the user was told every fact that was asked for.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
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


class Outcome(NamedTuple):
    """What a checker says of a conversation."""

    findings: list[Finding]
    """What differs from what the blueprint asks for."""

    extra_reads: int
    """How many reads were useful although the plan does without them."""


def outcome(
    checker: Checker,
    blueprint: Blueprint,
    conversation: Conversation,
    tools: Mapping[str, Tool],
    statuses: Mapping[str, int],
    digest: str | None,
    expected: Callable[[Mapping[str, JsonObject]], str] | None = None,
) -> Outcome:
    """Run a checker over a conversation without the calls that were wrong.

    `digest` is the state at the end; None leaves the state out. `expected` returns the state that
    the plan leads to with some steps' arguments replaced by equivalent ones.
    """
    matched = match(checker, blueprint, conversation.calls, tools, statuses)
    missing = [
        needed for needed in checker.calls if needed.goal and needed.step not in matched.by_step
    ]
    end = checker.end
    if digest is not None and digest != end and expected is not None and not missing:
        equivalent = _equivalent_arguments(checker, matched.by_step)
        end = expected(equivalent) if equivalent else end
    surplus = matched.surplus
    if missing and surplus and digest == end:
        missing, surplus = _without_alternatives(missing, surplus, tools)
    reads = [call for call in surplus if tools[call.name].effect == "read"]
    useful = informing(reads, conversation)
    findings = [_step_missing(needed, blueprint) for needed in missing]
    code = "needless_call" if any(turn.steps for turn in blueprint.turns) else "call_not_wanted"
    findings += [
        Finding(
            code=code,
            message=f"{call.name} does nothing that was asked for",
            turn=call.turn,
            pointer=call.pointer,
        )
        for call in surplus
        if call.id not in useful
    ]
    if digest is not None and digest != end:
        message = f"the state at the end is {digest[:12]}, and {end[:12]} was expected"
        findings.append(
            Finding(code="state_differs", message=message, pointer="/provenance/digest")
        )
    findings += _out_of_order(checker, blueprint, matched.by_step, conversation)
    findings += check_facts_told(checker, blueprint, conversation, matched.by_step)
    return Outcome(findings, len(useful))


def informing(surplus: Sequence[Call], conversation: Conversation) -> frozenset[str]:
    """The ids of the surplus reads that a later call builds on.

    Such a read told a value that neither the user nor a call that the plan needs had told before.
    One pass over the calls, so that the cost is linear in what was called and answered.
    """
    if not surplus:
        return frozenset()
    user_texts = [normalize(said) for said in conversation.user]
    surplus_ids = {call.id for call in surplus}
    needed = [call for call in conversation.calls if call.id not in surplus_ids]
    # The first message with a value in the answer of a needed call, and the first such surplus
    # read.
    needed_sources: dict[tuple[str, str], int] = {}
    for call in needed:
        for value in scalars(call.answer()):
            needed_sources.setdefault(key_of(value), call.message)
    surplus_sources: dict[tuple[str, str], Call] = {}
    for call in surplus:
        for value in scalars(call.answer()):
            if value is not None and not isinstance(value, bool):
                surplus_sources.setdefault(key_of(value), call)
    useful: set[str] = set()
    users = deque(needed)
    while users:
        user = users.popleft()
        for _, value in leaves(user.arguments):
            if isinstance(value, (dict, list, bool)) or value is None:
                continue
            key = key_of(value)
            source = surplus_sources.get(key)
            if source is None or source.id in useful or source.message >= user.message:
                continue
            if needed_sources.get(key, user.message) < user.message:
                continue
            if not any(mentions(text, value) for text in user_texts):
                useful.add(source.id)
                # What a useful read was called with may come from another surplus read.
                users.append(source)
    return frozenset(useful)


def _equivalent_arguments(checker: Checker, by_step: Mapping[str, Call]) -> dict[str, JsonObject]:
    """The arguments of the steps whose calls have others than the plan's that ask for the same.

    5.0 for 5 is one of them, as a world keeps it as it was given.
    """
    return {
        needed.step: call.arguments
        for needed in checker.calls
        if (call := by_step.get(needed.step)) is not None
        if call.arguments != needed.arguments
        or canonical(call.arguments) != canonical(needed.arguments)
    }


def _without_alternatives(
    missing: list[Requirement], surplus: list[Call], tools: Mapping[str, Tool]
) -> tuple[list[Requirement], list[Call]]:
    """The missing steps and surplus calls without those that are another way to the same end.

    The state is as expected, so a write by another tool than the plan's stands for one of its
    writes, one for one.
    """
    missing_left, surplus_left = list(missing), list(surplus)
    for needed in missing:
        if not needed.changes:
            continue
        writes = (
            call
            for call in surplus_left
            if call.name != needed.tool and tools[call.name].effect != "read"
        )
        if (write := next(writes, None)) is not None:
            missing_left.remove(needed)
            surplus_left.remove(write)
    return missing_left, surplus_left


def _step_missing(needed: Requirement, blueprint: Blueprint) -> Finding:
    index = next(n for n, step in enumerate(blueprint.plan) if step.id == needed.step)
    return Finding(
        code="step_missing",
        message=f"nothing carries out what turn {needed.turn} asks for: "
        f"{needed.tool} with the values that were given",
        turn=needed.turn,
        pointer=f"/blueprint/plan/{index}",
    )


def _out_of_order(
    checker: Checker, blueprint: Blueprint, by_step: Mapping[str, Call], conversation: Conversation
) -> Iterator[Finding]:
    """A finding for each call before one that must come first, or in the wrong turn."""
    ranges = spans(blueprint, conversation)
    for needed in checker.calls:
        call = by_step.get(needed.step)
        if call is None:
            continue
        earlier = (by_step[step] for step in needed.after if step in by_step)
        too_late = next((other for other in earlier if other.message >= call.message), None)
        if too_late is not None:
            message = f"{call.name} was called before {too_late.name}, which it builds on"
        elif ranges is not None and needed.goal and call.turn not in range(*ranges[needed.turn]):
            message = f"{call.name} was called in another turn than the one that asks for it"
        else:
            continue
        yield Finding(code="out_of_order", message=message, turn=call.turn, pointer=call.pointer)
