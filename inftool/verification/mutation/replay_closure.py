"""Replay-closed plays, and the cheap part of a kill score: what has to hold before a blueprint is
worth playing."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from inftool.agents.scripted import assistant_lines
from inftool.core.blueprints import Blueprint
from inftool.core.json_values import key_of, scalars
from inftool.language.values import mentions, normalize
from inftool.scenarios.plan import source_steps
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.checker.argument_variants import alternatives
from inftool.verification.checker.builder import checker_of
from inftool.verification.checker.matching import match
from inftool.verification.checker.plan_run import BadBlueprint, carry_out
from inftool.verification.checker.records import Checker, Requirement
from inftool.verification.checker.told_facts import check_facts_told, spans
from inftool.verification.conversation import Call, Conversation
from inftool.verification.gates.grounding import ungrounded
from inftool.verification.replay import Replayer, statuses


def weaknesses(blueprint: Blueprint, gold: Conversation, stage: WorldPool) -> list[str]:
    """Why a blueprint is not worth playing although its plan passes: a call that nothing would
    miss, or a told fact that could as well be told wrong.

    These are the only mutants of `mutation` that can survive at all. The others (no call, a
    repeated, swapped or altered one, a false claim) fail by the
    way the gates are made, which `inftool verify --mutate` measures and does not take on trust.
    """
    checker = checker_of(blueprint, stage)
    found = match(checker, blueprint, gold.calls, stage.tools, statuses(gold, ()))
    return [
        *_unmissed(blueprint, checker, gold, found.by_step, stage),
        *_ambiguous(blueprint, checker, gold),
    ]


def _unmissed(
    blueprint: Blueprint,
    checker: Checker,
    gold: Conversation,
    by_step: dict[str, Call],
    stage: WorldPool,
) -> Iterator[str]:
    """Calls without which the state, the told facts and all later arguments would be the same."""
    used = {source for step in blueprint.plan for source in source_steps(step.bindings)}
    changing = sum(needed.changes for needed in checker.calls)
    schemas = {name: stage.tools[name].input_schema for name in blueprint.all_tools()}
    for needed in checker.calls:
        call = by_step.get(needed.step)
        if call is None or needed.refused is not None or blueprint.step(needed.step).anew:
            # What the user wants read again in so many words is missed by the user.
            continue
        known: set[tuple[str, str]] | None = None
        if needed.changes:
            # A later write may undo or overwrite this one.
            known = _known_without(blueprint, checker, needed, stage) if changing > 1 else None
            if known is None:
                continue
        if _tells(checker, needed, call, gold, known):
            continue
        if needed.step in used:
            rest = gold._replace(calls=tuple(other for other in gold.calls if other.id != call.id))
            if ungrounded(rest, schemas):
                continue
        yield f"nothing would miss {call.name}"


def _known_without(
    blueprint: Blueprint, checker: Checker, needed: Requirement, stage: WorldPool
) -> set[tuple[str, str]] | None:
    """What the other calls answer without one of several writes, where the state at the end is the
    same; None where it is another or they fail."""
    # With the values as they were: what the others took from this one may have been said as well.
    values = {call.step: call.arguments for call in checker.calls}
    plan = tuple(
        step.with_arguments(values[step.id]) for step in blueprint.plan if step.id != needed.step
    )
    rest = blueprint.model_copy(update={"plan": plan})
    playback = Replayer(stage, stage.open(blueprint))
    try:
        results, _ = carry_out(playback, rest)
    except BadBlueprint:
        return None
    if playback.worlds[blueprint.world.api].digest() != checker.end:
        return None
    return {key_of(value) for result in results for value in scalars(result.body)}


def _tells(
    checker: Checker,
    needed: Requirement,
    call: Call,
    gold: Conversation,
    known: set[tuple[str, str]] | None,
) -> bool:
    """Whether some fact that has to be told is known from this call alone; `known` is what the
    others answer where that is not what they answered."""
    facts = [fact for _, fact in checker.tell if fact.step == needed.step]
    if not facts:
        return False
    if known is None:
        known = {
            key_of(value)
            for other in gold.calls
            if other.id != call.id
            for value in scalars(other.answer())
        }
    return any(key_of(fact.value) not in known for fact in facts)


def _ambiguous(blueprint: Blueprint, checker: Checker, gold: Conversation) -> Iterator[str]:
    """Facts that would still count as told if another value were told."""
    rng = random.Random(f"{blueprint.id}/facts")
    by_turn: dict[int, list[int]] = {}
    for place, (number, _) in enumerate(checker.tell):
        by_turn.setdefault(number, []).append(place)
    for number, places in by_turn.items():
        facts = [checker.tell[place][1] for place in places]
        if len(facts) == 1 and not any(
            mentions(normalize(text), facts[0].value) for text in _besides(blueprint, number)
        ):
            continue
        for index, fact in enumerate(facts):
            other = next(
                (
                    item
                    for item in alternatives({}, "", fact.value, rng)
                    if not mentions(normalize(str(item)), fact.value)
                ),
                None,
            )
            if other is None:
                continue
            values = [
                (item, other if place == index else item.value) for place, item in enumerate(facts)
            ]
            if not _found_out(
                blueprint,
                checker,
                gold,
                number,
                assistant_lines.answer(blueprint, number, values, []),
            ):
                yield f"{fact.words} could be told wrong"


def _besides(blueprint: Blueprint, number: int) -> Sequence[str]:
    """What the assistant says in a turn beside the facts."""
    turn = blueprint.turns[number]
    return (
        assistant_lines.answer(blueprint, number, [], []),
        assistant_lines.question(blueprint, turn) if any(d.withheld for d in turn.details) else "",
    )


def _found_out(
    blueprint: Blueprint, checker: Checker, gold: Conversation, number: int, text: str
) -> bool:
    ranges = spans(blueprint, gold)
    if ranges is None:
        return True
    return any(
        finding.turn == number
        for finding in check_facts_told(
            checker, blueprint, saying(gold, ranges[number][1] - 1, text)
        )
    )


def saying(gold: Conversation, last: int, text: str) -> Conversation:
    """A play in which the last words of one of the user's messages are others."""
    *before, (message, _) = gold.said[last] or ((0, ""),)
    return gold._replace(
        said=(*gold.said[:last], (*before, (message, text)), *gold.said[last + 1 :])
    )
