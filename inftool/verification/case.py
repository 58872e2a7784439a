"""One trajectory as the gates see it: its messages, calls and tools, and the world of its play."""

from __future__ import annotations

from dataclasses import dataclass, field

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ToolSpec
from inftool.core.errors import VerifyError
from inftool.core.trajectories import Finding, GateName, Trajectory
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.checker.builder import checker_of
from inftool.verification.checker.plan_run import BadBlueprint
from inftool.verification.checker.records import Checker
from inftool.verification.conversation import Conversation
from inftool.verification.schema_equality import same_tool
from inftool.verification.turn_verdicts import TurnFault
from inftool.world.faults import FAULTS


def answered(trajectory: Trajectory) -> bool:
    """Whether the layout that a trajectory was read from records the results of calls at all."""
    return trajectory.blueprint is not None or trajectory.provenance.get("results") is not False


@dataclass(slots=True)
class Case:
    """What the gates judge. `open_case` fills in the first part, `gather_evidence` the second."""

    trajectory: Trajectory
    """The trajectory as it was recorded."""

    conversation: Conversation
    """Its messages, taken apart."""

    unreadable: list[Finding]
    """Why the arguments of each call in `conversation.broken` cannot be read, in that order."""

    schemas: dict[str, JsonObject]
    """The JSON Schema of the arguments of each tool that was offered, by the tool's name."""

    pool: WorldPool | None
    """The worlds at hand, if any."""

    blueprint_pool: WorldPool | None
    """The same if the trajectory has a blueprint that can be played in them, otherwise None."""

    checker: Checker | None = None
    """What the blueprint's play must come to; None where there is no world, or on a problem."""

    blueprint_problem: Finding | None = None
    """Why there is no checker although there is a world."""

    changed_tools: list[Finding] = field(default_factory=list)
    """Where the tools that were offered differ from those of the spec and the blueprint."""

    faults: list[TurnFault] = field(default_factory=list)
    """The calls that are wrong by themselves, except failures that were meant to happen."""

    mended_by: dict[str, int] = field(default_factory=dict)
    """If every fault was mended: the message (index) that mends each wrong call, by its id."""

    differences: list[Finding] | None = None
    """How a replay differs from the record; None where nothing could be replayed."""

    digest: str = ""
    """The state of the blueprint's world after the replay; empty if it was not replayed."""

    statuses: dict[str, int] = field(default_factory=dict)
    """The HTTP status of each call by its id: as replayed, or as its recorded result shows."""

    service_failures: frozenset[str] = frozenset()
    """The ids of calls that failed in the replay for a reason that lies with the service."""

    extra_reads: int = 0
    """Reads that the plan does without and that informed a later call; the outcome gate sets it."""

    def unmended(self, gate: GateName) -> list[Finding]:
        """What one gate found wrong with single calls, unless all of it was mended later."""
        if self.mended_by:
            return []
        return [fault.finding for fault in self.faults if fault.gate == gate]


def open_case(
    trajectory: Trajectory,
    conversation: Conversation,
    unreadable: list[Finding],
    pool: WorldPool | None,
) -> Case:
    """The case of a trajectory, with its checker where its blueprint can be played.

    VerifyError where a tool has no name, or parameters that are no object.
    """
    blueprint = trajectory.blueprint
    playable = pool is not None and blueprint is not None and _is_playable(blueprint, pool)
    blueprint_pool = pool if playable else None
    case = Case(
        trajectory, conversation, unreadable, _schemas(trajectory.tools), pool, blueprint_pool
    )
    if blueprint_pool is None or blueprint is None:
        return case
    try:
        case.checker = checker_of(blueprint, blueprint_pool)
    except BadBlueprint as error:
        case.blueprint_problem = Finding(
            code="bad_blueprint", message=str(error), pointer="/blueprint/plan", blame="spec"
        )
    _compare_tools(case, blueprint, blueprint_pool)
    return case


def _schemas(tools: tuple[ToolSpec, ...]) -> dict[str, JsonObject]:
    schemas: dict[str, JsonObject] = {}
    for number, tool in enumerate(tools, 1):
        # The tools may come from anybody's file, where the types of the chat format do not bind.
        function: object = tool.get("function")
        name = function.get("name") if isinstance(function, dict) else None
        schema = (function.get("parameters") or {}) if isinstance(function, dict) else None
        if not isinstance(name, str) or not isinstance(schema, dict):
            raise VerifyError(
                f"its tools cannot be read: number {number} has no name, or no object of parameters"
            )
        schemas[name] = schema
    return schemas


def _compare_tools(case: Case, blueprint: Blueprint, pool: WorldPool) -> None:
    """Note where the tools that were offered are not those of the spec and the blueprint."""
    for index, tool in enumerate(case.trajectory.tools):
        name = tool["function"]["name"]
        if name in pool.tools and same_tool(tool, pool.tools[name].openai()):
            # The spec's own object instead of an equal one: its validator is compiled already.
            case.schemas[name] = pool.tools[name].input_schema
        else:
            message = f"{name} is not what the spec makes of it"
            case.changed_tools.append(_tool_differs(message, f"/tools/{index}"))
    wrongly_offered = sorted(case.schemas.keys() ^ set(blueprint.all_tools()))
    if wrongly_offered:
        name = wrongly_offered[0]
        planned, offered = ("was not", "was") if name in case.schemas else ("was", "was not")
        message = f"{name} {planned} to be offered by the blueprint, and {offered}"
        case.changed_tools.append(_tool_differs(message, "/tools"))


def _tool_differs(message: str, pointer: str) -> Finding:
    return Finding(code="tool_differs", message=message, pointer=pointer, blame="spec")


def _is_playable(blueprint: Blueprint, pool: WorldPool) -> bool:
    """Whether the worlds know the blueprint's API, its tools and the failures that it injects."""
    names = (*blueprint.all_tools(), *(step.tool for step in blueprint.plan))
    return (
        all(step.fault is None or step.fault in FAULTS for step in blueprint.plan)
        and blueprint.world.api in pool.api_names
        and all(name in pool.tools for name in names)
    )
