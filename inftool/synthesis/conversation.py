"""One play: a user and an assistant talk until the user is done, and everything said and called is put down (InfTool, role-play)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastmcp import Client
from fastmcp.exceptions import FastMCPError

from inftool._version import __version__
from inftool.agents.cast import Cast
from inftool.agents.scripted.dialogue_acts import additions
from inftool.agents.tool_assistant import ToolAssistant
from inftool.agents.user_simulator import UserSimulator
from inftool.agents.workbench import McpWorkbench, WorldWorkbench
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.errors import CastError
from inftool.core.trajectories import Finding, GateResult, Provenance, Trajectory, Usage, Verdict
from inftool.core.types import JsonObject
from inftool.scenarios.sampling.schedule import fingerprint
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.verdict import GATES
from inftool.world.registry import WorldRegistry

MAX_EXTRA_TURNS = 4


async def converse(
    user: UserSimulator,
    assistant: ToolAssistant,
    *,
    max_turns: int = 12,
    before: Callable[[int], Awaitable[None]] | None = None,
) -> list[ChatMessage]:
    """Let the two talk until the user has nothing left to say, or `max_turns` are over: the messages in the OpenAI chat format.

    `before` is told the number (from 0) of what the user says before the assistant hears it.
    """
    reply: str | None = None
    for number in range(max_turns):
        words = await user.say(reply)
        if words is None:
            break
        if before is not None:
            await before(number)
        reply = await assistant.reply(words)
    return await assistant.messages()


async def play(
    blueprint: Blueprint,
    stage: WorldPool,
    cast: Cast,
    client: Client[Any] | None,
    worlds: WorldRegistry,
    *,
    deadline: float | None = None,
) -> Trajectory:
    """Play a blueprint in a world of its own behind an MCP client that serves all plays at once (None: without a server in between).

    `deadline`: the seconds after which the play is called off. A play that comes to no end (CastError that is not fatal, the server, the deadline)
    comes back with the verdict that says so: it is recorded, and what it cost is counted.
    """
    api = stage.api(blueprint.world.api)
    tools = {name: stage.tools[name] for name in blueprint.all_tools()}
    opened = stage.open(blueprint)
    world_id = worlds.open(opened) if client is not None else None
    added = additions(blueprint)
    offered_from: dict[str, int] = {}
    first = [tools[name] for name in blueprint.tools]
    mind, mistake = cast.assistant(blueprint, tools)
    workbench = (
        McpWorkbench(client, first, world=world_id)
        if client is not None
        else WorldWorkbench(opened, first)
    )
    assistant = ToolAssistant(
        mind,
        workbench,
        service=api.title,
        now=blueprint.now,
        session=blueprint.session,
        card=cast.cards["assistant"],
    )
    user = UserSimulator(
        cast.user(blueprint), blueprint, service=api.title, card=cast.cards["user"]
    )

    async def reveal(number: int) -> None:
        if names := added.get(number):
            workbench.offer([tools[name] for name in names])
            offered_from.update(dict.fromkeys(names, len(await assistant.messages())))

    messages: list[ChatMessage] = []
    problem: Finding | None = None
    try:
        async with asyncio.timeout(deadline):
            messages = await converse(
                user,
                assistant,
                max_turns=2 * len(blueprint.turns) + MAX_EXTRA_TURNS,
                before=reveal if added else None,
            )
    except (CastError, FastMCPError) as error:
        if isinstance(error, CastError) and error.fatal:
            raise
        problem = Finding(code="cast_failed", message=str(error), blame="server")
    except TimeoutError:
        problem = Finding(
            code="cast_failed", message=f"the play took longer than {deadline:g} s", blame="server"
        )
    finally:
        if world_id is not None:
            worlds.close(world_id)
    return Trajectory(
        id=blueprint.id,
        messages=tuple(messages),
        tools=tuple(tool.openai() for tool in tools.values()),
        offered_from=offered_from,
        blueprint=blueprint,
        verdict=None if problem is None else undecided(problem),
        provenance=provenance(
            blueprint,
            stage,
            cast,
            digest=opened[blueprint.world.api].digest() if problem is None else None,
            planted=mistake.planted if mistake else None,
            usage={"user": user.usage.as_dict(), "assistant": assistant.usage.as_dict()},
        ),
    )


def undecided(finding: Finding) -> Verdict:
    """The verdict on a play that came to no end: nobody's fault that could be trained on."""
    gates = tuple(
        GateResult(gate=gate, status="abstain", findings=(finding,) if gate == "format" else ())
        for gate in GATES
    )
    return Verdict(status="abstain", gates=gates)


def provenance(
    blueprint: Blueprint,
    stage: WorldPool,
    cast: Cast,
    *,
    digest: str | None,
    planted: JsonObject | None,
    usage: Mapping[str, Usage],
) -> Provenance:
    """Versions and hashes of all that made a trajectory; nothing in it depends on the machine or the time."""
    api = stage.api(blueprint.world.api)
    return {
        "fingerprint": fingerprint(blueprint),
        "cast": cast.names(),
        "cards": {role: card.sha256[:16] for role, card in cast.cards.items()},
        "spec": {"name": api.name, "version": api.version, "sha256": api.sha256},
        "inftool": __version__,
        "digest": digest,
        "usage": dict(usage),
        "planted": planted,
    }
