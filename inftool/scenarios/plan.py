"""Plans: what steps take from earlier results, which calls can go out together, and running one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from inftool.core.blueprints import Step
from inftool.core.json_pointer import Unresolved, at_pointer, escape
from inftool.core.json_values import copied
from inftool.core.step_references import Bindings, StepRef, with_values
from inftool.core.tools import Result
from inftool.core.types import JsonObject, JsonPointer


class Caller(Protocol):
    """What answers calls: a world."""

    def call(self, tool: str, arguments: JsonObject) -> Result:
        """Answer one call."""
        ...


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar and every empty object or array of a JSON value, with its pointer.

    `{"a": [1, {}]}` -> `("/a/0", 1), ("/a/1", {})`.
    """
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{pointer}/{index}")
    else:
        yield pointer, value


def source_value(source: StepRef, results: Mapping[str, object]) -> Any:
    """The value that a step takes from earlier results, by step id; Unresolved if it is absent."""
    if source.step not in results:
        raise Unresolved(f"{source.step} has no result")
    return at_pointer(results[source.step], source.pointer)


def resolve(arguments: JsonObject, bindings: Bindings, results: Mapping[str, object]) -> JsonObject:
    """A copy of a step's arguments with the values that its bindings take from earlier results.

    Results are by step id. Unresolved if one of the values is absent.
    """
    values = {place: source_value(source, results) for place, source in bindings.items()}
    return with_values(copied(arguments), values)


def bindings_in_order(arguments: JsonObject, bindings: Bindings) -> dict[JsonPointer, StepRef]:
    """Bindings in the order of the arguments, which is the order in which a step records them."""
    return {pointer: bindings[pointer] for pointer, _ in leaves(arguments) if pointer in bindings}


def source_steps(bindings: Bindings) -> tuple[str, ...]:
    """The steps whose results some bindings take, each once."""
    return tuple(dict.fromkeys(source.step for source in bindings.values()))


def parallel_batches(steps: Sequence[Step]) -> list[list[Step]]:
    """Steps in batches whose calls can go out together: each needs nothing but earlier batches.

    Steps that are not among `steps` are taken to be done.
    """
    waiting = {step.id for step in steps}
    batches: list[list[Step]] = []
    rest = list(steps)
    while rest:
        # A hand-written plan may be circular; then the steps go out one by one, in order.
        ready = [step for step in rest if waiting.isdisjoint(step.after)] or rest[:1]
        batches.append(ready)
        waiting.difference_update(step.id for step in ready)
        rest = [step for step in rest if step.id in waiting]
    return batches


def run(world: Caller, steps: Sequence[Step]) -> tuple[list[Result], list[JsonObject]]:
    """Run steps in order against a world: the results, and the arguments of each call.

    A step with a planned fault is tried again. Stops at the first step that fails unplanned.
    """
    outcome: list[Result] = []
    calls: list[JsonObject] = []
    bodies: dict[str, object] = {}
    for step in steps:
        arguments = resolve(step.arguments, step.bindings, bodies)
        result = world.call(step.tool, arguments)
        # The fault is transient: the same call again succeeds.
        if result.fault and step.fault:
            result = world.call(step.tool, arguments)
        outcome.append(result)
        calls.append(arguments)
        if result.ok:
            bodies[step.id] = result.body
        # A refusal that the plan wants is a result like any other.
        elif result.status != step.refused:
            break
    return outcome, calls
