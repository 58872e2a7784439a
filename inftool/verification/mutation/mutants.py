"""Kill scores: how many of the ways to play a blueprint wrongly its checker finds out (EigenData
makes checkers; here each is measured).

Mutants are plays, not texts: their calls are made again in a fresh world, so that every result is
true and only the assistant is wrong.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Literal, NamedTuple, get_args

from pydantic import Field

from inftool.agents.scripted import assistant_lines
from inftool.core.blueprints import Blueprint, Fact
from inftool.core.json_values import canonical
from inftool.core.types import JsonObject, Record
from inftool.language.values import mentions, normalize
from inftool.scenarios.plan import leaves
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.verification.checker.argument_variants import alternatives, put
from inftool.verification.checker.builder import checker_of, expected_end, free_by_tool
from inftool.verification.checker.matching import comparable
from inftool.verification.checker.records import Checker
from inftool.verification.checker.told_facts import spans
from inftool.verification.conversation import Call, Conversation
from inftool.verification.gates.grounding import ungrounded
from inftool.verification.gates.outcome import outcome
from inftool.verification.mutation.replay_closure import saying
from inftool.verification.replay import Replayer

MutantKind = Literal[
    "no_op",
    "dropped",
    "repeated",
    "swapped",
    "altered",
    "wrong_fact",
    "false_success",
    "false_inability",
]
MUTANTS: tuple[MutantKind, ...] = get_args(MutantKind)
_TRIES = 3


class Mutant(NamedTuple):
    """One wrong play of a blueprint: `what` says what was done to the gold one."""

    kind: MutantKind
    what: str
    conversation: Conversation


class KillScore(Record):
    """How many mutants of each kind there are and how many are found out; `survivors` names those
    that are not.

    `gold`: the true play passes.
    """

    gold: bool
    made: dict[str, int] = Field(default_factory=dict)
    killed: dict[str, int] = Field(default_factory=dict)
    survivors: tuple[str, ...] = ()

    @property
    def score(self) -> float:
        """The share of mutants that are found out; 0 where the true play itself fails or nothing
        can go wrong."""
        made = sum(self.made.values())
        return sum(self.killed.values()) / made if self.gold and made else 0.0


def kill_score(blueprint: Blueprint, gold: Conversation, stage: WorldPool) -> KillScore:
    """Play every mutant of a true play and count those that are found out.

    BadBlueprint where there is no checker.
    """
    checker = checker_of(blueprint, stage)
    judge = _Bench(blueprint, checker, stage)
    made: Counter[str] = Counter()
    killed: Counter[str] = Counter()
    survivors: list[str] = []
    for mutant in mutants(blueprint, checker, gold, stage):
        made[mutant.kind] += 1
        if judge.finds_fault(mutant.conversation):
            killed[mutant.kind] += 1
        else:
            survivors.append(f"{mutant.kind}: {mutant.what}")
    return KillScore(
        gold=not judge.finds_fault(gold),
        made=dict(made),
        killed=dict(killed),
        survivors=tuple(survivors),
    )


class _Bench:
    """Judges plays of one blueprint by what depends on the calls and the words: tool, schema,
    grounding, execution and outcome."""

    def __init__(self, blueprint: Blueprint, checker: Checker, stage: WorldPool) -> None:
        self.blueprint = blueprint
        self.checker = checker
        self.stage = stage
        self.schemas = {name: stage.tools[name].input_schema for name in blueprint.all_tools()}
        self.free = free_by_tool(checker)
        self.expected = partial(expected_end, checker, blueprint, stage)

    def finds_fault(self, conversation: Conversation) -> bool:
        """Whether a play is found out."""
        playback = Replayer(self.stage, self.stage.open(self.blueprint))
        calls: list[Call] = []
        statuses: dict[str, int] = {}
        for call in conversation.calls:
            result = playback.checked(self.stage.tools[call.name], call.arguments)
            statuses[call.id] = result.status
            calls.append(call._replace(result=canonical(result.shown())))
        played = conversation._replace(calls=tuple(calls))
        if ungrounded(played, self.schemas, free=self.free):
            return True
        digest = playback.worlds[self.blueprint.world.api].digest()
        found = outcome(
            self.checker, self.blueprint, played, self.stage.tools, statuses, digest, self.expected
        )
        if found.findings:
            return True
        meant = {needed.refused for needed in self.checker.calls}
        retried = Counter(
            call.name
            for call in calls
            if statuses[call.id] >= 400 and statuses[call.id] not in meant
        )
        return any(
            times
            > sum(step.tool == name and step.fault is not None for step in self.blueprint.plan)
            for name, times in retried.items()
        )


def mutants(
    blueprint: Blueprint, checker: Checker, gold: Conversation, stage: WorldPool
) -> Iterator[Mutant]:
    """Every wrong play that is made of a true one; deterministic in the blueprint's id."""
    calls = gold.calls
    rng = random.Random(f"{blueprint.id}/mutants")
    if calls:
        yield Mutant("no_op", "no call at all", _with(gold, ()))
    for index, call in enumerate(calls):
        yield Mutant(
            "dropped", f"{call.name} left out", _with(gold, (*calls[:index], *calls[index + 1 :]))
        )
        again = call._replace(id=f"{call.id}-again")
        yield Mutant(
            "repeated",
            f"{call.name} made twice",
            _with(gold, (*calls[: index + 1], again, *calls[index + 1 :])),
        )
    yield from _swapped(blueprint, checker, gold, stage)
    for index, call in enumerate(calls):
        for what, arguments in _altered(call, checker, stage, rng):
            other = call._replace(arguments=arguments)
            yield Mutant("altered", what, _with(gold, (*calls[:index], other, *calls[index + 1 :])))
    yield from _wrong_words(blueprint, checker, gold, rng)


def _with(gold: Conversation, calls: Sequence[Call]) -> Conversation:
    return gold._replace(calls=tuple(calls))


def _swapped(
    blueprint: Blueprint, checker: Checker, gold: Conversation, stage: WorldPool
) -> Iterator[Mutant]:
    """Two calls in each other's place, where the order matters: one builds on the other, or they
    belong to different wishes."""
    after = {needed.step: needed.after for needed in checker.calls}
    step_of = {id(call): needed for needed, call in _pairs(checker, gold, stage)}
    calls = list(gold.calls)
    for first in range(len(calls) - 1):
        second = first + 1
        a, b = calls[first], calls[second]
        one, other = step_of.get(id(a)), step_of.get(id(b))
        if (
            one is None
            or other is None
            or not (one.step in after[other.step] or one.turn != other.turn)
        ):
            continue
        moved = list(calls)
        moved[first] = b._replace(message=a.message, position=a.position, turn=a.turn)
        moved[second] = a._replace(message=b.message, position=b.position, turn=b.turn)
        yield Mutant("swapped", f"{b.name} before {a.name}", _with(gold, moved))


def _pairs(checker: Checker, gold: Conversation, stage: WorldPool) -> Iterator[tuple[Any, Call]]:
    left = list(gold.calls)
    for needed in checker.calls:
        tool = stage.tools[needed.tool]
        wanted = comparable(tool, needed.arguments)
        call = next(
            (
                call
                for call in left
                if call.name == needed.tool and comparable(tool, call.arguments) == wanted
            ),
            None,
        )
        if call is not None:
            left.remove(call)
            yield needed, call


def _altered(
    call: Call, checker: Checker, stage: WorldPool, rng: random.Random
) -> Iterator[tuple[str, JsonObject]]:
    """The call with one argument changed within the schema, for each argument that is not free;
    free ones are nobody's fault."""
    tool = stage.tools[call.name]
    same = comparable(tool, call.arguments)
    free = {
        pointer for needed in checker.calls if needed.tool == call.name for pointer in needed.free
    }
    for pointer, value in leaves(call.arguments):
        if value is None or isinstance(value, (dict, list)) or pointer in free:
            continue
        found = 0
        for other in alternatives(tool.input_schema, pointer, value, rng):
            arguments = put(call.arguments, pointer, other)
            if comparable(tool, arguments) == same or violations(tool, arguments):
                continue
            yield f"{call.name}{pointer} = {other!r} for {value!r}", arguments
            found += 1
            if found == _TRIES:
                break
    if tool.effect == "read" and not any(
        needed.goal and needed.tool == call.name for needed in checker.calls
    ):
        # A lookup without one of its filters that still finds what is looked for is another way,
        # not a wrong one.
        return
    for name in call.arguments:
        if name in tool.input_schema.get("required", ()):
            continue
        arguments = {key: item for key, item in call.arguments.items() if key != name}
        if comparable(tool, arguments) != same and not violations(tool, arguments):
            yield f"{call.name} without {name}", arguments


def _wrong_words(
    blueprint: Blueprint, checker: Checker, gold: Conversation, rng: random.Random
) -> Iterator[Mutant]:
    """The same calls with wrong words at the end of a wish: a fact told wrong, success claimed
    where there is none, inability where there was success."""
    ranges = spans(blueprint, gold)
    if ranges is None:
        return
    facts: dict[int, list[Fact]] = {}
    for number, fact in checker.tell:
        facts.setdefault(number, []).append(fact)
    for number, turn in enumerate(blueprint.turns):
        last = ranges[number][1] - 1
        for index, fact in enumerate(facts.get(number, ())):
            for text in _misstated(blueprint, number, facts[number], index, rng):
                yield Mutant("wrong_fact", f"{fact.words} told wrong", saying(gold, last, text))
        if number in checker.decline:
            yield Mutant(
                "false_success",
                "success claimed",
                saying(gold, last, assistant_lines.claim(blueprint, number)),
            )
        elif turn.steps:
            yield Mutant(
                "false_inability",
                "inability claimed",
                saying(gold, last, assistant_lines.refusal(blueprint, turn)),
            )
            if number in facts:
                yield Mutant(
                    "wrong_fact",
                    "nothing told",
                    saying(gold, last, assistant_lines.claim(blueprint, number)),
                )


def _misstated(
    blueprint: Blueprint, number: int, facts: Sequence[Fact], index: int, rng: random.Random
) -> Iterable[str]:
    value = facts[index].value
    others = (
        other
        for other in alternatives({}, "", value, rng)
        if not mentions(normalize(str(other)), value)
    )
    other = next(others, None)
    if other is None:
        return
    told = [(fact, other if place == index else fact.value) for place, fact in enumerate(facts)]
    yield assistant_lines.answer(blueprint, number, told, [])
