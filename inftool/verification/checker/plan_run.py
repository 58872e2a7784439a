"""Runs the plan of a blueprint in a fresh world."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.blueprints import Blueprint, Step
from inftool.core.errors import InftoolError, VerifyError
from inftool.core.json_pointer import Unresolved
from inftool.core.tools import Result
from inftool.core.types import JsonObject
from inftool.scenarios.plan import run
from inftool.verification.replay import Replayer


class BadBlueprint(VerifyError):
    """A blueprint's plan does not run, or does not lead where the blueprint says."""


def carry_out(
    replayer: Replayer, blueprint: Blueprint, changed: Mapping[str, Step] | None = None
) -> tuple[list[Result], list[JsonObject]]:
    """Run a blueprint's plan, some steps (by id) changed: its results and resolved arguments.

    BadBlueprint if it does not run to its end.
    """
    plan = blueprint.plan
    if changed:
        plan = tuple(changed.get(step.id, step) for step in plan)
    try:
        results, arguments = run(replayer, plan)
    except (Unresolved, KeyError, InftoolError) as error:
        raise BadBlueprint(f"the plan does not run: {error}") from error
    if len(arguments) < len(plan):
        raise BadBlueprint("the plan does not run to its end")
    for step, result in zip(plan, results, strict=True):
        if not result.ok and result.status != step.refused:
            raise BadBlueprint(f"the plan does not run: {step.tool} answers {result.status}")
        if result.ok and step.refused is not None:
            raise BadBlueprint(f"{step.tool} was meant to be refused")
    return results, arguments
