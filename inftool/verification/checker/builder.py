"""A checker a blueprint: which calls, arguments, state and facts its play must come to, as data, made by running its plan once (EigenData; APIGen-MT)."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from typing import Any

from inftool.core.blueprints import Blueprint, Step
from inftool.core.errors import InftoolError, VerifyError
from inftool.core.identity_cache import IdentityCache
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.tools import Result
from inftool.core.types import JsonObject
from inftool.language.values import mentions, normalize
from inftool.scenarios.plan import leaves, run
from inftool.scenarios.tool_schema.session_values import session_text
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.verification.checker.argument_variants import alternatives, put
from inftool.verification.checker.records import Checker, Requirement
from inftool.verification.replay import Replayer
from inftool.world.world import World

_PERTURBED = 2
# How the members are called that hold keys made up by a world.
_KEYS = ("id", "key", "uuid", "etag")
# As many conversations as may be in flight, and some more: each is checked before and after.
_checkers: IdentityCache[Blueprint, tuple[WorldPool, Checker]] = IdentityCache(512)


class BadBlueprint(VerifyError):
    """A blueprint's plan does not run, or does not lead where the blueprint says."""


def checker_of(blueprint: Blueprint, stage: WorldPool) -> Checker:
    """The checker of a blueprint; BadBlueprint where its plan does not run or does not lead to the state it names.

    A blueprint is checked when it is rehearsed and again when it has been played, so the last ones stay at hand.
    """
    cached = _checkers.get(blueprint)
    if cached is not None and cached[0] is stage:
        return cached[1]
    return _checkers.put(blueprint, (stage, _make(blueprint, stage)))[1]


def _make(blueprint: Blueprint, stage: WorldPool) -> Checker:
    steps = [step.id for step in blueprint.plan]
    named = [
        step_id
        for turn in blueprint.turns
        for step_id in (*turn.steps, *(fact.step for fact in turn.facts))
    ]
    if len(set(steps)) < len(steps) or not set(named) <= set(steps):
        raise BadBlueprint("its turns name steps that the plan has not, or two steps share an id")
    playback = Replayer(stage, stage.open(blueprint))
    results, made = carry_out(playback, blueprint)
    home = playback.worlds[blueprint.world.api]
    if home.digest() != blueprint.world.expected:
        raise BadBlueprint("the plan does not lead to the expected state")
    turn_of = {
        step_id: number for number, turn in enumerate(blueprint.turns) for step_id in turn.steps
    }
    changed = _by_step(blueprint, playback)
    unsaid = list(_unsaid(blueprint))
    free: dict[str, list[str]] = {}
    for step, pointer in unsaid:
        if _is_free(blueprint, stage, step, pointer, results, made, home):
            free.setdefault(step.id, []).append(pointer)
    calls = tuple(
        Requirement(
            step=step.id,
            tool=step.tool,
            arguments=arguments,
            turn=turn_of.get(step.id, 0),
            after=step.after,
            goal=step.goal,
            changes=changed[index],
            refused=step.refused,
            free=tuple(free.get(step.id, ())),
        )
        for index, (step, arguments) in enumerate(zip(blueprint.plan, made, strict=True))
    )
    refused = {call.step for call in calls if call.refused is not None}
    return Checker(
        start=blueprint.world.digest,
        end=blueprint.world.expected,
        calls=calls,
        tell=tuple(
            (number, fact) for number, turn in enumerate(blueprint.turns) for fact in turn.facts
        ),
        decline=tuple(
            number
            for number, turn in enumerate(blueprint.turns)
            if turn.kind != "drop"
            and not turn.facts
            and (
                not turn.steps
                or refused.issuperset(step for step in turn.steps if _goal(blueprint, step))
            )
        ),
    )


def _goal(blueprint: Blueprint, step_id: str) -> bool:
    return blueprint.step(step_id).goal


def carry_out(
    playback: Replayer, blueprint: Blueprint, changed: Mapping[str, Step] | None = None
) -> tuple[list[Result], list[JsonObject]]:
    """Run a blueprint's plan, some steps (by id) changed: its results and resolved arguments.

    BadBlueprint if it does not run to its end.
    """
    plan = blueprint.plan
    if changed:
        plan = tuple(changed.get(step.id, step) for step in plan)
    try:
        results, made = run(playback, plan)
    except (Unresolved, KeyError, InftoolError) as error:
        raise BadBlueprint(f"the plan does not run: {error}") from error
    if len(made) < len(plan):
        raise BadBlueprint("the plan does not run to its end")
    for step, result in zip(plan, results, strict=True):
        if not result.ok and result.status != step.refused:
            raise BadBlueprint(f"the plan does not run: {step.tool} answers {result.status}")
        if result.ok and step.refused is not None:
            raise BadBlueprint(f"{step.tool} was meant to be refused")
    return results, made


def expected_end(
    checker: Checker, blueprint: Blueprint, stage: WorldPool, override: Mapping[str, JsonObject]
) -> str:
    """The state (digest) that the plan leads to with some steps' arguments replaced by equivalent ones; the checker's own where it does not run then."""
    playback = Replayer(stage, stage.open(blueprint))
    changed = {
        step.id: step.with_arguments(override[step.id])
        for step in blueprint.plan
        if step.id in override
    }
    try:
        carry_out(playback, blueprint, changed)
    except BadBlueprint:
        return checker.end
    return playback.worlds[blueprint.world.api].digest()


def free_by_tool(checker: Checker) -> dict[str, frozenset[str]]:
    """The pointers of the arguments, by tool, that may be anything in at least one call of it."""
    found: dict[str, frozenset[str]] = {}
    for needed in checker.calls:
        if needed.free:
            found[needed.tool] = found.get(needed.tool, frozenset()).union(needed.free)
    return found


def _by_step(blueprint: Blueprint, playback: Replayer) -> list[bool]:
    """Whether each step changed the state; a step with a planned fault took two calls, the first without effect."""
    calls = iter(playback.changed)
    changed: list[bool] = []
    spare = len(playback.changed) - len(blueprint.plan)
    for step in blueprint.plan:
        effect = next(calls)
        if step.fault and spare:
            effect = next(calls) or effect
            spare -= 1
        changed.append(effect)
    return changed


def _unsaid(blueprint: Blueprint) -> Iterator[tuple[Step, str]]:
    """The arguments that are neither what the user says nor an earlier result's: only those can be anybody's choice."""
    said = ""
    for step in blueprint.plan:
        for pointer, value in leaves(step.arguments):
            # What an earlier result gives is null here.
            if isinstance(value, (dict, list, bool)) or value is None:
                continue
            said = said or normalize(
                " ".join(
                    part
                    for turn in blueprint.turns
                    for part in (
                        turn.intent,
                        *turn.asks,
                        *(f"{d.said} {d.phrase} {d.value}" for d in turn.details),
                        *(r.words for r in turn.references),
                    )
                )
                + f" {session_text(blueprint.session)}"
            )
            if not mentions(said, value) and not all(
                word in said for word in normalize(str(value)).split()
            ):
                yield step, pointer


def _is_free(
    blueprint: Blueprint,
    stage: WorldPool,
    step: Step,
    pointer: str,
    results: list[Result],
    made: list[JsonObject],
    home: World,
) -> bool:
    """Whether other values at this place change nothing but their own echo, and keys made up for it: no other told fact, no later argument, no other state.

    Found by perturbing, not by opinion: a wording or a made-up key is free, a customer's number is not.
    """
    tool = stage.tools[step.tool]
    value = at_pointer(step.arguments, pointer)
    place = blueprint.plan.index(step)
    tried = 0
    for other in alternatives(
        tool.input_schema, pointer, value, random.Random(f"{blueprint.id}{step.id}{pointer}")
    ):
        if violations(tool, put(made[place], pointer, other)):
            continue
        playback = Replayer(stage, stage.open(blueprint))
        changed = step.model_copy(update={"arguments": put(step.arguments, pointer, other)})
        try:
            again, _ = carry_out(playback, blueprint, {step.id: changed})
        except BadBlueprint:
            return False
        for index, (before, after) in enumerate(zip(results, again, strict=True)):
            if index >= place and not _echoes(before.body, after.body, value, other):
                return False
        for turn in blueprint.turns:
            for fact in turn.facts:
                told = next(
                    (
                        result
                        for at, result in zip(blueprint.plan, again, strict=True)
                        if at.id == fact.step
                    ),
                    None,
                )
                if told is None or not _is_echo(
                    fact.pointer, fact.value, _at(told.body, fact.pointer), value, other
                ):
                    return False
        there = playback.worlds[blueprint.world.api]
        changes = home.diff(there)
        if not all(
            _echoes(change.before, change.after, value, other)
            for change in changes
            if change.before is not None and change.after is not None
        ):
            return False
        tried += 1
        if tried == _PERTURBED:
            return True
    return False


def _at(body: Any, pointer: str) -> Any:
    try:
        return at_pointer(body, pointer)
    except Unresolved:
        return None


def _echoes(before: Any, after: Any, value: Any, other: Any) -> bool:
    """Whether two JSON values differ only where one has the one value and the other the other, or in keys that were made up for them."""
    mine, theirs = dict(leaves(before)), dict(leaves(after))
    if mine.keys() != theirs.keys():
        return False
    return all(_is_echo(at, mine[at], theirs[at], value, other) for at in mine)


def _is_echo(pointer: str, before: Any, after: Any, value: Any, other: Any) -> bool:
    return (
        before == after
        or (before == value and after == other)
        or (after is not None and pointer.casefold().endswith(_KEYS))
    )
