"""Makes the checker of a blueprint by running its plan once.

A checker is data: which calls, arguments, state and facts a play must come to (as in EigenData and
APIGen-MT, where models write checkers as code; here nothing that was generated is executed).
"""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.blueprints import Blueprint
from inftool.core.identity_cache import IdentityCache
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.checker.free_arguments import PlanRun, free_arguments
from inftool.verification.checker.plan_run import BadBlueprint, carry_out
from inftool.verification.checker.records import Checker, Requirement
from inftool.verification.replay import Replayer

# As many conversations as may be in flight, and some more: each is checked before and after.
_checkers: IdentityCache[Blueprint, tuple[WorldPool, Checker]] = IdentityCache(512)


def checker_of(blueprint: Blueprint, pool: WorldPool) -> Checker:
    """The checker of a blueprint.

    BadBlueprint if its plan does not run or does not lead to the state that it names. A blueprint
    is checked when it is rehearsed and again when it has been played, so the last checkers are
    kept.
    """
    cached = _checkers.get(blueprint)
    if cached is not None and cached[0] is pool:
        return cached[1]
    return _checkers.put(blueprint, (pool, _make(blueprint, pool)))[1]


def _make(blueprint: Blueprint, pool: WorldPool) -> Checker:
    _require_known_steps(blueprint)
    replayer = Replayer(pool, pool.open(blueprint))
    results, arguments_of_steps = carry_out(replayer, blueprint)
    end = replayer.worlds[blueprint.world.api]
    if end.digest() != blueprint.world.expected:
        raise BadBlueprint("the plan does not lead to the expected state")
    turn_of = {step_id: n for n, turn in enumerate(blueprint.turns) for step_id in turn.steps}
    changed = _changing_steps(blueprint, replayer)
    free = free_arguments(blueprint, pool, PlanRun(results, arguments_of_steps, end))
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
        for index, (step, arguments) in enumerate(
            zip(blueprint.plan, arguments_of_steps, strict=True)
        )
    )
    return Checker(
        start=blueprint.world.digest,
        end=blueprint.world.expected,
        calls=calls,
        tell=tuple((n, fact) for n, turn in enumerate(blueprint.turns) for fact in turn.facts),
        decline=_turns_to_decline(blueprint),
    )


def _require_known_steps(blueprint: Blueprint) -> None:
    """BadBlueprint if the turns name steps that the plan lacks, or two steps share an id."""
    step_ids = {step.id for step in blueprint.plan}
    named = {step_id for turn in blueprint.turns for step_id in turn.steps}
    named |= {fact.step for turn in blueprint.turns for fact in turn.facts}
    if len(step_ids) < len(blueprint.plan) or not named <= step_ids:
        raise BadBlueprint("its turns name steps that the plan has not, or two steps share an id")


def _turns_to_decline(blueprint: Blueprint) -> tuple[int, ...]:
    """The turns with a wish that no call fulfills, or whose goals the world refuses."""
    refused = {step.id for step in blueprint.plan if step.refused is not None}
    numbers: list[int] = []
    for number, turn in enumerate(blueprint.turns):
        if turn.kind == "drop" or turn.facts:
            continue
        goals = [step_id for step_id in turn.steps if blueprint.step(step_id).goal]
        if not turn.steps or refused.issuperset(goals):
            numbers.append(number)
    return tuple(numbers)


def expected_end(
    checker: Checker, blueprint: Blueprint, pool: WorldPool, override: Mapping[str, JsonObject]
) -> str:
    """The state (digest) that the plan leads to with some steps' arguments replaced.

    `override` holds equivalent arguments by the id of their step. The checker's own state if the
    plan does not run with them.
    """
    replayer = Replayer(pool, pool.open(blueprint))
    changed = {
        step.id: step.with_arguments(override[step.id])
        for step in blueprint.plan
        if step.id in override
    }
    try:
        carry_out(replayer, blueprint, changed)
    except BadBlueprint:
        return checker.end
    return replayer.worlds[blueprint.world.api].digest()


def free_by_tool(checker: Checker) -> dict[str, frozenset[str]]:
    """The pointers of the arguments, by tool, that may be anything in at least one call of it."""
    pointers: dict[str, frozenset[str]] = {}
    for needed in checker.calls:
        if needed.free:
            pointers[needed.tool] = pointers.get(needed.tool, frozenset()).union(needed.free)
    return pointers


def _changing_steps(blueprint: Blueprint, replayer: Replayer) -> list[bool]:
    """Whether each step changed the state.

    A step with an injected fault took two calls, the first without effect.
    """
    effects = iter(replayer.changed)
    changed: list[bool] = []
    extra_calls = len(replayer.changed) - len(blueprint.plan)
    for step in blueprint.plan:
        effect = next(effects)
        if step.fault and extra_calls:
            effect = next(effects) or effect
            extra_calls -= 1
        changed.append(effect)
    return changed
