"""One trajectory as the gates see it: its messages, calls, tools, and the world it was played in."""

from __future__ import annotations

from typing import NamedTuple

from inftool.core.blueprints import Blueprint, Checker
from inftool.core.errors import VerifyError
from inftool.core.trajectories import Finding, Trajectory
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.checker.builder import BadBlueprint, checker_of
from inftool.verification.conversation import Conversation
from inftool.verification.schema_equality import same_tool
from inftool.world.faults import FAULTS


def answered(trajectory: Trajectory) -> bool:
    """Whether the layout that a trajectory came from has results of calls at all."""
    return trajectory.blueprint is not None or trajectory.provenance.get("results") is not False


class Case(NamedTuple):
    """What is judged: the conversation, the schemas of its tools, and the world and checker of its blueprint where there are any."""

    trajectory: Trajectory
    conversation: Conversation
    schemas: dict[str, JsonObject]
    stage: WorldPool | None
    home: WorldPool | None
    checker: Checker | None
    problem: Finding | None
    changed: list[Finding]


def open_case(trajectory: Trajectory, conversation: Conversation, stage: WorldPool | None) -> Case:
    """What the gates need to judge a trajectory, with its checker where its blueprint can be played."""
    blueprint = trajectory.blueprint
    home = (
        stage
        if stage is not None and blueprint is not None and _playable(blueprint, stage)
        else None
    )
    checker, problem = None, None
    if home is not None and blueprint is not None:
        try:
            checker = checker_of(blueprint, home)
        except BadBlueprint as error:
            problem = Finding(
                code="bad_blueprint", message=str(error), pointer="/blueprint/plan", blame="spec"
            )
    schemas: dict[str, JsonObject] = {}
    changed: list[Finding] = []
    for index, tool in enumerate(trajectory.tools):
        function = tool.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        schema = (function.get("parameters") or {}) if isinstance(function, dict) else None
        if not isinstance(name, str) or not isinstance(schema, dict):
            raise VerifyError(
                f"its tools cannot be read: number {index + 1} has no name, or no object of parameters"
            )
        schemas[name] = schema
        if home is None:
            continue
        # What was offered is part of what is judged. Where it is the spec's, the spec's own object is used: its validator is known.
        if name in home.tools and same_tool(tool, home.tools[name].openai()):
            schemas[name] = home.tools[name].input_schema
        else:
            message = f"{name} is not what the spec makes of it"
            changed.append(
                Finding(
                    code="tool_differs", message=message, pointer=f"/tools/{index}", blame="spec"
                )
            )
    if home is not None and blueprint is not None and schemas.keys() != set(blueprint.all_tools()):
        name = sorted(schemas.keys() ^ set(blueprint.all_tools()))[0]
        message = f"{name} {'was not' if name in schemas else 'was'} to be offered by the blueprint, and {'was' if name in schemas else 'was not'}"
        changed.append(
            Finding(code="tool_differs", message=message, pointer="/tools", blame="spec")
        )
    return Case(trajectory, conversation, schemas, stage, home, checker, problem, changed)


def _playable(blueprint: Blueprint, stage: WorldPool) -> bool:
    names = (*blueprint.all_tools(), *(step.tool for step in blueprint.plan))
    known = all(step.fault is None or step.fault in FAULTS for step in blueprint.plan)
    return (
        known
        and blueprint.world.api in stage.api_names
        and all(name in stage.tools for name in names)
    )
