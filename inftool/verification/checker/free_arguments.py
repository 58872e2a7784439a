"""Which arguments of a plan may have any value.

Found by perturbing, not by opinion: a wording or a made-up key is free, a customer's number is not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from inftool.core.blueprints import Blueprint, Step
from inftool.core.json_pointer import Unresolved, at_pointer
from inftool.core.tools import Result
from inftool.core.types import JsonObject
from inftool.language.values import mentions, normalize
from inftool.scenarios.plan import leaves
from inftool.scenarios.tool_schema.session_values import session_text
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.verification.checker.argument_variants import alternatives, put
from inftool.verification.checker.plan_run import BadBlueprint, carry_out
from inftool.verification.replay import Replayer
from inftool.world.world import World

# One other value may give the same by chance; each further one costs a run of the whole plan.
_NEEDED_PERTURBATIONS = 2

# How the members end that hold keys made up by a world: `id`, `bookId`, `etag`.
_KEY_ENDINGS = ("id", "key", "uuid", "etag")


class PlanRun(NamedTuple):
    """A plan as it ran in its world."""

    results: Sequence[Result]
    """The result of each step."""

    arguments: Sequence[JsonObject]
    """The arguments of each step, references filled in."""

    end: World
    """The world after the last step."""


class _Perturbation(NamedTuple):
    """One value in the place of another."""

    value: object
    other: object

    def explains(self, before: object, after: object) -> bool:
        """Whether two JSON values differ only where one has the value and the other the other.

        Keys that were made up for them may differ as well.
        """
        old, new = dict(leaves(before)), dict(leaves(after))
        return old.keys() == new.keys() and all(
            self.explains_leaf(pointer, old[pointer], new[pointer]) for pointer in old
        )

    def explains_leaf(self, pointer: str, before: object, after: object) -> bool:
        """The same of two scalars at a place."""
        return (
            before == after
            or (before == self.value and after == self.other)
            or (after is not None and pointer.casefold().endswith(_KEY_ENDINGS))
        )


def free_arguments(blueprint: Blueprint, pool: WorldPool, played: PlanRun) -> dict[str, list[str]]:
    """The pointers of arguments that may have any value, by the id of their step."""
    free: dict[str, list[str]] = {}
    for step, pointer in list(_unsaid(blueprint)):
        if _is_free(blueprint, pool, step, pointer, played):
            free.setdefault(step.id, []).append(pointer)
    return free


def _unsaid(blueprint: Blueprint) -> Iterator[tuple[Step, str]]:
    """The arguments that neither the user says nor an earlier result gives.

    Only those can be anybody's choice.
    """
    said = ""
    for step in blueprint.plan:
        for pointer, value in leaves(step.arguments):
            # What an earlier result gives is null here.
            if isinstance(value, (dict, list, bool)) or value is None:
                continue
            said = said or _everything_said(blueprint)
            words = normalize(str(value)).split()
            if not mentions(said, value) and not all(word in said for word in words):
                yield step, pointer


def _everything_said(blueprint: Blueprint) -> str:
    """All that the user or the session may say, as one normalized text."""
    parts: list[str] = []
    for turn in blueprint.turns:
        parts += [turn.intent, *turn.asks]
        parts += [f"{detail.said} {detail.phrase} {detail.value}" for detail in turn.details]
        parts += [reference.words for reference in turn.references]
    return normalize(f"{' '.join(parts)} {session_text(blueprint.session)}")


def _is_free(
    blueprint: Blueprint, pool: WorldPool, step: Step, pointer: str, played: PlanRun
) -> bool:
    """Whether other values of an argument change nothing that counts.

    They may change their own echo, and keys made up for it, but no other fact, no later argument
    and no other state.
    """
    tool = pool.tools[step.tool]
    value = at_pointer(step.arguments, pointer)
    index = blueprint.plan.index(step)
    rng = random.Random(f"{blueprint.id}{step.id}{pointer}")
    tried = 0
    for other in alternatives(tool.input_schema, pointer, value, rng):
        if violations(tool, put(played.arguments[index], pointer, other)):
            continue
        changed = step.model_copy(update={"arguments": put(step.arguments, pointer, other)})
        if not _changes_nothing(blueprint, pool, changed, played, _Perturbation(value, other)):
            return False
        tried += 1
        if tried == _NEEDED_PERTURBATIONS:
            return True
    return False


def _changes_nothing(
    blueprint: Blueprint,
    pool: WorldPool,
    changed: Step,
    played: PlanRun,
    perturbation: _Perturbation,
) -> bool:
    """Whether the plan with a changed step differs only in what the perturbation explains."""
    replayer = Replayer(pool, pool.open(blueprint))
    try:
        results, _ = carry_out(replayer, blueprint, {changed.id: changed})
    except BadBlueprint:
        return False
    index = next(n for n, step in enumerate(blueprint.plan) if step.id == changed.id)
    later = zip(played.results[index:], results[index:], strict=True)
    if not all(perturbation.explains(before.body, after.body) for before, after in later):
        return False
    result_of = {step.id: result for step, result in zip(blueprint.plan, results, strict=True)}
    for turn in blueprint.turns:
        for fact in turn.facts:
            result = result_of.get(fact.step)
            if result is None or not perturbation.explains_leaf(
                fact.pointer, fact.value, _value_at(result.body, fact.pointer)
            ):
                return False
    changes = played.end.diff(replayer.worlds[blueprint.world.api])
    return all(
        perturbation.explains(change.before, change.after)
        for change in changes
        if change.before is not None and change.after is not None
    )


def _value_at(body: object, pointer: str) -> object:
    """The value at a pointer, None if there is none."""
    try:
        value: object = at_pointer(body, pointer)
    except Unresolved:
        return None
    return value
