"""The execution gate: the recorded calls, made again in fresh worlds, give the recorded results and the recorded digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from inftool.core.errors import VerifyError
from inftool.core.tools import Result, Tool
from inftool.core.trajectories import Blame, Finding, Trajectory
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.verification.conversation import Call, Conversation
from inftool.world.rendering.errors import violation_result
from inftool.world.world import World

# A failure that is not the caller's: it passes when the same call is made again.
PASSING = frozenset((408, 425, 429))


def same(first: Any, second: Any) -> bool:
    """Whether two JSON values are the same; true is not 1. Neither may be nested more deeply than the interpreter's stack."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(
            same(a, b) for a, b in zip(first, second, strict=True)
        )
    return bool(first == second)


class Replayer:
    """Worlds at work: calls go to the world of their tool, refused there as the server would where they break the schema; every digest is kept."""

    def __init__(self, stage: WorldPool, worlds: Mapping[str, World]) -> None:
        self.stage = stage
        self.worlds = worlds
        self.changed: list[bool] = []

    @classmethod
    def of(cls, stage: WorldPool, trajectory: Trajectory) -> Replayer:
        """The worlds of a trajectory's blueprint as they are before the first call."""
        assert trajectory.blueprint is not None
        return cls(stage, stage.open(trajectory.blueprint))

    def call(self, tool: str, arguments: JsonObject) -> Result:
        """Make one call of a plan; VerifyError where its arguments break the schema, which no plan's do."""
        known = self.stage.tools[tool]
        if broken := violations(known, arguments):
            raise VerifyError(f"{tool}: {broken[0].message}")
        world = self.worlds[known.api]
        before = world.digest()
        result = world.call(tool, arguments)
        self.changed.append(world.digest() != before)
        return result

    def checked(self, tool: Tool, arguments: JsonObject) -> Result:
        """Make one call as the server would: what breaks the schema is refused."""
        world = self.worlds[tool.api]
        refused = violation_result(world.base, tool, arguments)
        return refused if refused is not None else world.call(tool.name, arguments)


def begins_elsewhere(trajectory: Trajectory, worlds: Mapping[str, World]) -> list[Finding]:
    """A finding where the world is not the one that the blueprint was made for."""
    assert trajectory.blueprint is not None
    if worlds[trajectory.blueprint.world.api].digest() == trajectory.blueprint.world.digest:
        return []
    message = "the world does not start in the state the blueprint was made for; the spec or the program has changed"
    return [
        Finding(
            code="world_differs", message=message, pointer="/blueprint/world/digest", blame="spec"
        )
    ]


def replay(
    conversation: Conversation, playback: Replayer, visible: frozenset[str]
) -> tuple[list[Finding], list[tuple[Call, Finding]], list[Result]]:
    """The calls made again: what differs from the record, the calls that failed with the finding for each, and all results in order.

    A call of a tool that is not `visible` never reached a world: its result is a refusal with status 404.
    """
    differs: list[Finding] = []
    failed: list[tuple[Call, Finding]] = []
    results: list[Result] = []
    for call in conversation.calls:
        tool = playback.stage.tools.get(call.name) if call.name in visible else None
        if tool is None or tool.api not in playback.worlds:
            results.append(Result(status=404))
            continue
        result = playback.checked(tool, call.arguments)
        results.append(result)
        if not same(call.answer(), result.shown()):
            message = f"{call.name} answers something else when it is called again"
            differs.append(
                Finding(
                    code="result_differs",
                    message=message,
                    turn=call.turn,
                    pointer=call.pointer,
                    blame="server",
                )
            )
        elif not result.ok:
            blame: Blame = "server" if passes_by_itself(result) else "assistant"
            message = f"{call.name} failed with {result.status}"
            failed.append(
                (
                    call,
                    Finding(
                        code="call_failed",
                        message=message,
                        turn=call.turn,
                        pointer=call.pointer,
                        blame=blame,
                        origin=tool.origin,
                    ),
                )
            )
    return differs, failed, results


def passes_by_itself(result: Result) -> bool:
    """Whether a failure is the service's and not the caller's."""
    return result.fault is not None or result.status >= 500 or result.status in PASSING


def ends_elsewhere(trajectory: Trajectory, digest: str) -> list[Finding]:
    """A finding where the recorded digest is not that of the replay."""
    recorded = trajectory.provenance.get("digest")
    if recorded is None or recorded == digest:
        return []
    return [
        Finding(
            code="state_differs",
            message="the recorded digest is not that of the replay",
            pointer="/provenance/digest",
            blame="server",
        )
    ]


def statuses(conversation: Conversation, results: Sequence[Result]) -> dict[str, int]:
    """The status of each call by its id: as replayed, or as its result shows where nothing was replayed."""
    if results:
        return {
            call.id: result.status for call, result in zip(conversation.calls, results, strict=True)
        }
    return {call.id: call.status() for call in conversation.calls}
