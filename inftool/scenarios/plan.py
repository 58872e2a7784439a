"""Plans: references between steps, the order in which steps can run, and running one against a world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from inftool.core.blueprints import Step
from inftool.core.json_pointer import Unresolved, at_pointer, token
from inftool.core.tools import Result
from inftool.core.types import JsonObject

REFERENCE = frozenset(("$from", "at"))


class Caller(Protocol):
    """Whatever answers calls: a world."""

    def call(self, tool: str, arguments: JsonObject) -> Result:
        """Answer one call."""
        ...


def reference(step: str, at: str) -> JsonObject:
    """An argument that is the value at a JSON pointer of an earlier step's result."""
    return {"$from": step, "at": at}


def is_reference(value: Any) -> bool:
    """Whether an argument is a reference to an earlier result."""
    return (
        isinstance(value, dict)
        and value.keys() == REFERENCE
        and isinstance(value["$from"], str)
        and isinstance(value["at"], str)
    )


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of a JSON value, references and empty containers included, with its pointer."""
    if isinstance(value, dict) and value and not is_reference(value):
        for key, item in value.items():
            yield from leaves(item, f"{pointer}/{token(key)}")
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from leaves(item, f"{pointer}/{index}")
    else:
        yield pointer, value


def resolve(arguments: Any, results: Mapping[str, Any]) -> Any:
    """Arguments with every reference replaced by the value it points at; Unresolved where one cannot be."""
    if is_reference(arguments):
        if arguments["$from"] not in results:
            raise Unresolved(f"{arguments['$from']} has no result")
        return at_pointer(results[arguments["$from"]], arguments["at"])
    if isinstance(arguments, dict):
        return {key: resolve(item, results) for key, item in arguments.items()}
    if isinstance(arguments, list):
        return [resolve(item, results) for item in arguments]
    return arguments


def waves(steps: Sequence[Step]) -> list[list[Step]]:
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
        arguments = resolve(step.arguments, results)
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
