"""Which call carries out which step of a plan.

Calls and steps are paired by what they ask for, as many as can be. Ids that follow from a free
wording are matched by renaming.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, permutations
from typing import NamedTuple

from inftool.core.blueprints import Blueprint, Step
from inftool.core.json_pointer import Unresolved
from inftool.core.json_values import key_of
from inftool.core.step_references import with_values
from inftool.core.tools import Tool
from inftool.core.types import Arguments, JsonObject
from inftool.scenarios.plan import leaves, source_value
from inftool.verification.checker.records import Checker, Requirement
from inftool.verification.conversation import Call

# All orders of four calls. More calls of free wording of one tool, on which others build, are rare,
# and each arrangement costs one matching.
_MAX_ARRANGEMENTS = 24

Comparable = frozenset[tuple[str, tuple[str, str]]]
"""Arguments in a form that is equal for two calls that ask for the same."""


def comparable(tool: Tool, arguments: Arguments, free: Sequence[str] = ()) -> Comparable:
    """Arguments made so that two that ask for the same are equal.

    Defaults are left out, 1 is 1.0, and letter case and spacing of text do not count, nor does what
    is `free` (JSON pointers).
    {"title": "My  List", "size": 20} with a default size of 20 -> {("/title", ("text", "my list"))}
    """
    properties = tool.input_schema.get("properties", {})
    given = {
        name: value
        for name, value in arguments.items()
        if not (
            "default" in (schema := properties.get(name) or {})
            and same_json(schema["default"], value)
        )
    }
    # The arguments of a call without any are one empty leaf at "". Left out, they equal those of a
    # call whose only argument is at its default.
    return frozenset(
        (pointer, _comparable_leaf(value))
        for pointer, value in leaves(given)
        if pointer and pointer not in free
    )


def same_json(first: object, second: object) -> bool:
    """Whether two JSON values are equal; true is not 1."""
    return isinstance(first, bool) == isinstance(second, bool) and bool(first == second)


def _comparable_leaf(value: object) -> tuple[str, str]:
    if isinstance(value, (dict, list)):
        return type(value).__name__, ""
    if isinstance(value, str):
        return "text", " ".join(value.casefold().split())
    return key_of(value)


class Match(NamedTuple):
    """How the calls of a play relate to the steps of a plan."""

    by_step: dict[str, Call]
    """The call that carries out each step, by the step's id."""

    surplus: list[Call]
    """The calls that carry out no step."""

    retried: list[Call]
    """The calls that failed and were made again, with success, to carry out a step."""


def match(
    checker: Checker,
    blueprint: Blueprint,
    calls: Sequence[Call],
    tools: Mapping[str, Tool],
    statuses: Mapping[str, int],
) -> Match:
    """Pair calls with steps, as many as can be.

    Linear in both, except for calls that could carry out several steps that differ. Where a call
    has other arguments than the plan (a free title, other letter case), what later steps take from
    its result is taken from the result that it really had: an id that follows from the content may
    be another one.
    """
    matcher = _Matcher(checker, blueprint, tools, statuses)
    pairs = matcher.pairs(calls, {})
    if any(
        call.arguments != needed.arguments
        for needed in checker.calls
        if (call := pairs.get(needed.step)) is not None
    ):
        pairs = matcher.pairs_after_renaming(calls, pairs)
    used_ids = {call.id for call in pairs.values()}
    carried_out = {
        (call.name, comparable(tools[call.name], call.arguments)): call for call in pairs.values()
    }
    result = Match(pairs, [], [])
    for call in calls:
        if call.id in used_ids:
            continue
        success = None
        # Only a call that failed can have been made again.
        if statuses[call.id] >= 400:
            success = carried_out.get((call.name, comparable(tools[call.name], call.arguments)))
        if success is not None and success.message > call.message and statuses[success.id] < 400:
            result.retried.append(call)
        else:
            result.surplus.append(call)
    return result


class _Matcher:
    """Pairs the calls of one play with the steps of one plan."""

    def __init__(
        self,
        checker: Checker,
        blueprint: Blueprint,
        tools: Mapping[str, Tool],
        statuses: Mapping[str, int],
    ) -> None:
        self._checker = checker
        self._blueprint = blueprint
        self._tools = tools
        self._statuses = statuses

    def pairs(
        self, calls: Sequence[Call], arguments_of: Mapping[str, JsonObject]
    ) -> dict[str, Call]:
        """The most calls that can be paired with steps, by the step's id, in the plan's order.

        `arguments_of` are the arguments of steps that have others than the checker's.
        """
        calls_of_tool: dict[str, list[Call]] = {}
        for call in calls:
            calls_of_tool.setdefault(call.name, []).append(call)
        groups: dict[tuple[str, bool], list[Requirement]] = {}
        for needed in self._checker.calls:
            groups.setdefault((needed.tool, needed.refused is None), []).append(needed)
        paired: dict[str, Call] = {}
        for (name, succeeds), steps in groups.items():
            candidates = [
                call
                for call in calls_of_tool.get(name, ())
                if (self._statuses[call.id] < 400) == succeeds
            ]
            paired |= self._pairs_of_tool(self._tools[name], steps, candidates, arguments_of)
        order = [needed.step for needed in self._checker.calls]
        return {step: paired[step] for step in order if step in paired}

    def _pairs_of_tool(
        self,
        tool: Tool,
        steps: Sequence[Requirement],
        candidates: Sequence[Call],
        arguments_of: Mapping[str, JsonObject],
    ) -> dict[str, Call]:
        by_free: dict[tuple[str, ...], dict[Comparable, list[Call]]] = {}
        for free in {step.free for step in steps}:
            alike = by_free[free] = {}
            for call in candidates:
                alike.setdefault(comparable(tool, call.arguments, free), []).append(call)
        options = [
            by_free[step.free].get(
                comparable(tool, arguments_of.get(step.step, step.arguments), step.free), []
            )
            for step in steps
        ]
        if len(by_free) > 1:
            return _greatest_matching(steps, options)
        return _first_come(steps, options)

    def pairs_after_renaming(
        self, calls: Sequence[Call], pairs: dict[str, Call]
    ) -> dict[str, Call]:
        """The pairs once every reference of the plan points into the results of the play.

        Among steps that ask for the same, those calls are taken with which most others fit.
        """
        best = pairs
        for arranged in _arrangements(self._checker, calls):
            current = self.pairs(arranged, {})
            # Each round can only make out the steps that build on those of the round before.
            for _ in self._checker.calls:
                renamed = wanted_arguments(self._checker, self._blueprint, current)
                following = self.pairs(arranged, renamed)
                if following == current:
                    break
                current = following
            if len(current) > len(best):
                best = current
            if len(best) == len(self._checker.calls):
                break
        return best


def _first_come(steps: Sequence[Requirement], options: Sequence[list[Call]]) -> dict[str, Call]:
    """Pair steps in order: those that ask for the same are interchangeable."""
    queues: dict[int, deque[Call]] = {}
    paired: dict[str, Call] = {}
    for step, group in zip(steps, options, strict=True):
        # Steps that ask for the same share one list, so they share one queue.
        queue = queues.setdefault(id(group), deque(group))
        if queue:
            paired[step.step] = queue.popleft()
    return paired


def _greatest_matching(
    steps: Sequence[Requirement], options: Sequence[list[Call]]
) -> dict[str, Call]:
    """A greatest matching of steps and calls, by augmenting paths.

    A call that could carry out a step of any wording is left to the step that wants just that.
    """
    step_of: dict[str, int] = {}
    calls: dict[str, Call] = {}
    for start in sorted(range(len(steps)), key=lambda index: len(options[index])):
        reached_from: dict[str, int] = {}
        queue, end = deque([start]), None
        while queue and end is None:
            index = queue.popleft()
            for call in options[index]:
                if call.id in reached_from:
                    continue
                reached_from[call.id] = index
                calls[call.id] = call
                if call.id not in step_of:
                    end = call.id
                    break
                queue.append(step_of[call.id])
        # Along the path back to the start, each step takes the call that leads on.
        call_of = {index: call_id for call_id, index in step_of.items()}
        while end is not None:
            index = reached_from[end]
            step_of[end] = index
            end = call_of.get(index)
    return {steps[index].step: calls[call_id] for call_id, index in step_of.items()}


def _arrangements(checker: Checker, calls: Sequence[Call]) -> Iterator[Sequence[Call]]:
    """The calls as they were made, and then with some in each other's place.

    Those are the calls that several steps of free wording could mean, on which others build.
    """
    yield calls
    built_on = {step for needed in checker.calls for step in needed.after}
    counts = Counter(needed.tool for needed in checker.calls if needed.free)
    tools = {needed.tool for needed in checker.calls if needed.free and needed.step in built_on}
    for tool in (name for name, count in counts.items() if count > 1 and name in tools):
        positions = [index for index, call in enumerate(calls) if call.name == tool]
        for order in islice(permutations(positions), 1, _MAX_ARRANGEMENTS):
            arranged = list(calls)
            for target, source in zip(positions, order, strict=True):
                arranged[target] = calls[source]
            yield arranged


def wanted_arguments(
    checker: Checker, blueprint: Blueprint, pairs: Mapping[str, Call]
) -> dict[str, JsonObject]:
    """The arguments of the steps that build on a call with other arguments than the plan's.

    What they take from its result is what that result really was.
    """
    changed_steps = {
        needed.step
        for needed in checker.calls
        if (call := pairs.get(needed.step)) is not None and call.arguments != needed.arguments
    }
    results = {step: pairs[step].answer() for step in changed_steps}
    arguments_of: dict[str, JsonObject] = {}
    for needed in checker.calls:
        if changed_steps.intersection(needed.after):
            arguments = filled_in(blueprint.step(needed.step), needed.arguments, results)
            if arguments != needed.arguments:
                arguments_of[needed.step] = arguments
    return arguments_of


def filled_in(step: Step, gold: JsonObject, results: Mapping[str, object]) -> JsonObject:
    """The arguments of a step once what it takes from earlier results is taken from other ones.

    `gold` are its arguments in the plan's own run; they stay where the results lack a value.
    """
    values: JsonObject = {}
    for pointer, source in step.bindings.items():
        with suppress(Unresolved):
            values[pointer] = source_value(source, results)
    return with_values(gold, values)
