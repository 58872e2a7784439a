"""Which call carries out which step of a plan: by what it asks for, as many as can be, with ids that follow from a wording matched by renaming."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, permutations
from typing import Any, NamedTuple

from inftool.core.blueprints import Blueprint, Step
from inftool.core.json_pointer import Unresolved
from inftool.core.json_values import key_of
from inftool.core.step_references import with_values
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.scenarios.plan import leaves, source_value
from inftool.verification.checker.records import Checker, Requirement
from inftool.verification.conversation import Call

_ARRANGEMENTS = 24
Comparable = frozenset[tuple[str, Any]]


def comparable(tool: Tool, arguments: JsonObject, free: Sequence[str] = ()) -> Comparable:
    """Arguments made so that two that ask for the same are equal: defaults left out, 1 is 1.0, letter case and spacing of text do not count.

    What is `free` (JSON pointers) does not count at all.
    """
    properties = tool.input_schema.get("properties", {})
    kept = {
        k: v
        for k, v in arguments.items()
        if not (
            "default" in (schema := properties.get(k) or {}) and same_json(schema["default"], v)
        )
    }
    found = [
        (pointer, (type(value).__name__, "") if isinstance(value, (dict, list)) else _plain(value))
        for pointer, value in leaves(kept)
        if pointer not in free
    ]
    # The arguments of a call without any are one empty leaf, as those of a call whose only one is at its default.
    return frozenset(item for item in found if item[0])


def same_json(first: Any, second: Any) -> bool:
    """Whether a default is the value that was passed; true is not 1."""
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def _plain(value: Any) -> Any:
    return ("text", " ".join(value.casefold().split())) if isinstance(value, str) else key_of(value)


class Match(NamedTuple):
    """Which call carries out which step, those that carry out none, and those that were only made again because the service failed at first."""

    by_step: dict[str, Call]
    surplus: list[Call]
    retried: list[Call]


def match(
    checker: Checker,
    blueprint: Blueprint,
    calls: Sequence[Call],
    tools: Mapping[str, Tool],
    statuses: Mapping[str, int],
) -> Match:
    """Pair calls with steps, as many as can be; linear in both but for calls that could carry out several steps that differ.

    Where a step was carried out in other words than the plan's (a free title, other letter case), what the plan takes from its result is taken from the
    result that it had: an id that follows from the content may be another one.
    """
    pairs = _pairs(checker, calls, tools, statuses, {})
    if any(
        call.arguments != needed.arguments
        for needed in checker.calls
        if (call := pairs.get(needed.step)) is not None
    ):
        pairs = _renamed(checker, blueprint, calls, tools, statuses, pairs)
    taken = {call.id for call in pairs.values()}
    carried = {
        (call.name, comparable(tools[call.name], call.arguments)): call for call in pairs.values()
    }
    retried: list[Call] = []
    surplus: list[Call] = []
    for call in calls:
        if call.id in taken:
            continue
        again = (
            carried.get((call.name, comparable(tools[call.name], call.arguments)))
            if statuses[call.id] >= 400
            else None
        )
        (
            retried
            if again is not None and again.message > call.message and statuses[again.id] < 400
            else surplus
        ).append(call)
    return Match(pairs, surplus, retried)


def _pairs(
    checker: Checker,
    calls: Sequence[Call],
    tools: Mapping[str, Tool],
    statuses: Mapping[str, int],
    wanted: Mapping[str, JsonObject],
) -> dict[str, Call]:
    """The most calls and steps that can be paired; `wanted` are the arguments of steps where they are others than the checker's."""
    of_tool: dict[str, list[Call]] = {}
    for call in calls:
        of_tool.setdefault(call.name, []).append(call)
    alike: dict[tuple[str, bool], list[Requirement]] = {}
    for needed in checker.calls:
        alike.setdefault((needed.tool, needed.refused is None), []).append(needed)
    found: dict[str, Call] = {}
    for (name, ok), steps in alike.items():
        candidates = [call for call in of_tool.get(name, ()) if (statuses[call.id] < 400) == ok]
        by_free: dict[tuple[str, ...], dict[Comparable, list[Call]]] = {}
        for free in {step.free for step in steps}:
            group = by_free[free] = {}
            for call in candidates:
                group.setdefault(comparable(tools[name], call.arguments, free), []).append(call)
        options = [
            by_free[step.free].get(
                comparable(tools[name], wanted.get(step.step, step.arguments), step.free), []
            )
            for step in steps
        ]
        found |= _greatest(steps, options) if len(by_free) > 1 else _in_turn(steps, options)
    return {needed.step: found[needed.step] for needed in checker.calls if needed.step in found}


def _in_turn(steps: Sequence[Requirement], options: Sequence[list[Call]]) -> dict[str, Call]:
    """Steps that ask for the same are interchangeable, so taking the first call is as good as any."""
    queues: dict[int, deque[Call]] = {}
    found: dict[str, Call] = {}
    for step, group in zip(steps, options, strict=True):
        queue = queues.setdefault(id(group), deque(group))
        if queue:
            found[step.step] = queue.popleft()
    return found


def _greatest(steps: Sequence[Requirement], options: Sequence[list[Call]]) -> dict[str, Call]:
    """A greatest matching: a call that could carry out a step of any wording is left to the one that wants just that (augmenting paths)."""
    holder: dict[str, int] = {}
    calls: dict[str, Call] = {}
    for start in sorted(range(len(steps)), key=lambda place: len(options[place])):
        came: dict[str, int] = {}
        queue, end = deque([start]), None
        while queue and end is None:
            place = queue.popleft()
            for call in options[place]:
                if call.id in came:
                    continue
                came[call.id] = place
                calls[call.id] = call
                if call.id not in holder:
                    end = call.id
                    break
                queue.append(holder[call.id])
        held = {place: call_id for call_id, place in holder.items()}
        while end is not None:
            place = came[end]
            holder[end] = place
            end = held.get(place)
    return {steps[place].step: calls[call_id] for call_id, place in holder.items()}


def _renamed(
    checker: Checker,
    blueprint: Blueprint,
    calls: Sequence[Call],
    tools: Mapping[str, Tool],
    statuses: Mapping[str, int],
    pairs: dict[str, Call],
) -> dict[str, Call]:
    """The pairs once every reference of the plan points into the results that its steps really had; among equal steps, those that fit are taken."""
    best = pairs
    for arranged in _arrangements(checker, calls):
        found = _pairs(checker, arranged, tools, statuses, {})
        # Each round can only make out the steps that build on those of the round before.
        for _ in checker.calls:
            again = _pairs(
                checker, arranged, tools, statuses, wanted_arguments(checker, blueprint, found)
            )
            if again == found:
                break
            found = again
        if len(found) > len(best):
            best = found
        if len(best) == len(checker.calls):
            break
    return best


def _arrangements(checker: Checker, calls: Sequence[Call]) -> Iterator[Sequence[Call]]:
    """The calls as they were made, and then with those in each other's place that several steps of free wording, on which others build, could mean."""
    yield calls
    used = {step for needed in checker.calls for step in needed.after}
    times = Counter(needed.tool for needed in checker.calls if needed.free)
    built_on = {needed.tool for needed in checker.calls if needed.free and needed.step in used}
    for tool in (name for name, count in times.items() if count > 1 and name in built_on):
        places = [place for place, call in enumerate(calls) if call.name == tool]
        for order in islice(permutations(places), 1, _ARRANGEMENTS):
            arranged = list(calls)
            for place, other in zip(places, order, strict=True):
                arranged[place] = calls[other]
            yield arranged


def wanted_arguments(
    checker: Checker, blueprint: Blueprint, pairs: Mapping[str, Call]
) -> dict[str, JsonObject]:
    """The arguments of the steps that build on one carried out in other words: what they take from its result is what it really was."""
    moved = {
        needed.step
        for needed in checker.calls
        if (call := pairs.get(needed.step)) is not None and call.arguments != needed.arguments
    }
    results = {step: pairs[step].answer() for step in moved}
    found: dict[str, JsonObject] = {}
    for needed in checker.calls:
        if moved.intersection(needed.after):
            filled = filled_in(blueprint.step(needed.step), needed.arguments, results)
            if filled != needed.arguments:
                found[needed.step] = filled
    return found


def filled_in(step: Step, gold: JsonObject, results: Mapping[str, Any]) -> JsonObject:
    """The arguments of a step once what it takes from earlier results is taken from other ones.

    `gold` are its arguments in the plan's own run; they stay where the results lack a value.
    """
    values: JsonObject = {}
    for place, source in step.bindings.items():
        with suppress(Unresolved):
            values[place] = source_value(source, results)
    return with_values(gold, values)
