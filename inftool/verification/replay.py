"""The execution gate: the recorded calls, made again in a fresh world, give the recorded results and the recorded digest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from inftool.records import Finding, Trajectory
from inftool.scenarios.stage import Stage
from inftool.servers.world import World
from inftool.verification.calls import Conversation


def _same(first: Any, second: Any) -> bool:
    """Whether two JSON values are the same; true is not 1."""
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    if isinstance(first, dict) and isinstance(second, dict):
        return first.keys() == second.keys() and all(_same(first[key], second[key]) for key in first)
    if isinstance(first, list) and isinstance(second, list):
        return len(first) == len(second) and all(_same(a, b) for a, b in zip(first, second, strict=True))
    return bool(first == second)


def replay(trajectory: Trajectory, conversation: Conversation, stage: Stage) -> tuple[list[Finding], str]:
    """What differs when the calls are made again, and which of them failed; and the digest that they lead to."""
    blueprint = trajectory.blueprint
    assert blueprint is not None
    world = stage.world(blueprint.world.api, blueprint.world.seed)
    if world.digest() != blueprint.world.digest:
        message = "the world does not start in the state the blueprint was made for; the spec or the program has changed"
        return [Finding(code="world_differs", message=message, pointer="/blueprint/world/digest", blame="spec")], world.digest()
    findings = replay_calls(conversation, {blueprint.world.api: world}, stage)
    recorded = trajectory.provenance.get("digest")
    if not findings and recorded is not None and recorded != world.digest():
        findings.append(
            Finding(code="state_differs", message="the recorded digest is not that of the replay", pointer="/provenance/digest", blame="server")
        )
    return findings, world.digest()


def replay_calls(conversation: Conversation, worlds: Mapping[str, World], stage: Stage) -> list[Finding]:
    """The same for calls alone, in worlds by the name of their API that are in the state at the start."""
    findings: list[Finding] = []
    for call in conversation.calls:
        tool = stage.tools[call.name]
        result = worlds[tool.api].call(call.name, call.arguments)
        if not _same(call.answer(), result.shown()):
            message = f"{call.name} answers something else when it is called again"
            findings.append(Finding(code="result_differs", message=message, turn=call.turn, pointer=call.pointer, blame="server"))
        elif not result.ok:
            message = f"{call.name} failed with {result.status}"
            findings.append(Finding(code="call_failed", message=message, turn=call.turn, pointer=call.pointer, origin=tool.origin))
    return findings
