"""Plans: filling in what steps take from earlier results, the order of steps, and running one."""

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
    """Whatever answers calls: a world."""

    def call(self, tool: str, arguments: JsonObject) -> Result:
        """Answer one call."""
        ...


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of a JSON value, empty containers included, with its pointer."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from leaves(item, f"{pointer}/{escape(key)}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{pointer}/{index}")
    else:
        yield pointer, value


def source_value(source: StepRef, results: Mapping[str, Any]) -> Any:
    """The value that a step takes from earlier results (by step id); Unresolved if it is absent."""
    if source.step not in results:
        raise Unresolved(f"{source.step} has no result")
    return at_pointer(results[source.step], source.pointer)


def resolve(arguments: JsonObject, bindings: Bindings, results: Mapping[str, Any]) -> JsonObject:
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
    """Steps in batches: each batch needs nothing but earlier ones, so its calls can go out together."""
    mine, placed = {step.id for step in steps}, set[str]()
    batches: list[list[Step]] = []
    rest = list(steps)
    while rest:
        ready = [
            step for step in rest if all(need in placed or need not in mine for need in step.after)
        ] or rest[:1]
        batches.append(ready)
        placed.update(step.id for step in ready)
        rest = [step for step in rest if step.id not in placed]
    return batches


def run(world: Caller, steps: Sequence[Step]) -> tuple[list[Result], list[JsonObject]]:
    """Run steps in order against a world: the results, and the arguments each call was made with.

    A step whose fault is planned is tried again; stops at the first that fails without being meant to.
    """
    outcome: list[Result] = []
    made: list[JsonObject] = []
    results: dict[str, Any] = {}
    for step in steps:
        arguments = resolve(step.arguments, step.bindings, results)
        result = world.call(step.tool, arguments)
        if result.fault and step.fault:
            result = world.call(step.tool, arguments)
        outcome.append(result)
        made.append(arguments)
        if not result.ok:
            if result.status == step.refused:
                continue
            break
        results[step.id] = result.body
    return outcome, made
