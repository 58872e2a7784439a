"""Replay: the recorded calls are made again in fresh worlds and compared with the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from inftool.core.errors import VerifyError
from inftool.core.tools import Result, Tool
from inftool.core.trajectories import Finding, Trajectory
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.specs import violations
from inftool.verification.conversation import Call, Conversation
from inftool.world.rendering.errors import violation_result
from inftool.world.world import World

# Failures that are not the caller's, so that the same call goes through later: request timeout
# (RFC 9110, section 15.5.9), too early (RFC 8470), too many requests (RFC 6585). So is every 5xx.
PASSING = frozenset((408, 425, 429))


def same(first: object, second: object) -> bool:
    """Whether two JSON values are the same; true is not 1.

    RecursionError where they are nested more deeply than the interpreter's stack.
    """
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
    """Sends calls to the worlds of their tools, and refuses what the server would refuse."""

    def __init__(self, pool: WorldPool, worlds: Mapping[str, World]) -> None:
        self.pool = pool
        self.worlds = worlds
        # Whether each call of a plan (`call`) changed the state, in order.
        self.changed: list[bool] = []

    @classmethod
    def of(cls, pool: WorldPool, trajectory: Trajectory) -> Replayer:
        """The worlds of a trajectory's blueprint as they are before the first call."""
        assert trajectory.blueprint is not None
        return cls(pool, pool.open(trajectory.blueprint))

    def call(self, tool: str, arguments: JsonObject) -> Result:
        """Make one call of a plan; VerifyError where its arguments break the schema."""
        definition = self.pool.tools[tool]
        if broken := violations(definition, arguments):
            raise VerifyError(f"{tool}: {broken[0].message}")
        world = self.worlds[definition.api]
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
    return [
        Finding(
            code="world_differs",
            message="the world does not start in the state the blueprint was made for; "
            "the spec or the program has changed",
            pointer="/blueprint/world/digest",
            blame="spec",
        )
    ]


class Replay(NamedTuple):
    """What came of making the calls of a conversation again."""

    differences: list[Finding]
    """Where a call answers something else than what was recorded."""

    failures: list[tuple[Call, Finding]]
    """The calls that failed as recorded, each with the finding about it."""

    results: list[Result]
    """The result of every call, in order."""


def replay(conversation: Conversation, replayer: Replayer, visible: frozenset[str]) -> Replay:
    """Make the calls of a conversation again.

    A call of a tool that is not `visible` never reached a world: its result is a refusal with
    status 404.
    """
    played = Replay([], [], [])
    for call in conversation.calls:
        tool = replayer.pool.tools.get(call.name) if call.name in visible else None
        if tool is None or tool.api not in replayer.worlds:
            played.results.append(Result(status=404))
            continue
        result = replayer.checked(tool, call.arguments)
        played.results.append(result)
        if not same(call.answer(), result.shown()):
            played.differences.append(_result_differs(call))
        elif not result.ok:
            played.failures.append((call, _call_failed(call, result, tool)))
    return played


def _result_differs(call: Call) -> Finding:
    return Finding(
        code="result_differs",
        message=f"{call.name} answers something else when it is called again",
        turn=call.turn,
        pointer=call.pointer,
        blame="server",
    )


def _call_failed(call: Call, result: Result, tool: Tool) -> Finding:
    return Finding(
        code="call_failed",
        message=f"{call.name} failed with {result.status}",
        turn=call.turn,
        pointer=call.pointer,
        blame="server" if passes_by_itself(result) else "assistant",
        origin=tool.origin,
    )


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
    """The HTTP status of each call by its id.

    It is that of the replay, or, if nothing was replayed, what the recorded result shows.
    """
    if results:
        pairs = zip(conversation.calls, results, strict=True)
        return {call.id: result.status for call, result in pairs}
    return {call.id: call.status() for call in conversation.calls}
