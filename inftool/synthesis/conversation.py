"""One play: a user and an assistant talk until the user is done (InfTool, section on role-play)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from autogen_core.models import ChatCompletionClient
from fastmcp import Client
from fastmcp.exceptions import FastMCPError

from inftool._version import __version__
from inftool.agents.cast import Cast
from inftool.agents.scripted.dialogue_acts import additions
from inftool.agents.tool_assistant import ToolAssistant
from inftool.agents.user_simulator import UserSimulator
from inftool.agents.workbench import BaseWorkbench, McpWorkbench, WorldWorkbench
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.errors import CastError
from inftool.core.tools import Tool
from inftool.core.trajectories import Finding, Provenance, Trajectory, Usage, Verdict
from inftool.core.types import JsonObject
from inftool.scenarios.sampling.schedule import fingerprint
from inftool.scenarios.world_pool import WorldPool
from inftool.verification.gates.protocol import abstaining
from inftool.verification.gates.registry import GATES
from inftool.world.registry import WorldRegistry

# Turns beyond two for each wish (asking, answering a question): a correction, a farewell.
MAX_EXTRA_TURNS = 4


async def converse(
    user: UserSimulator,
    assistant: ToolAssistant,
    *,
    max_turns: int = 12,
    before: Callable[[int], Awaitable[None]] | None = None,
) -> list[ChatMessage]:
    """Let the two talk until the user has nothing left to say, or `max_turns` are over.

    Returns the messages in the OpenAI chat format. `before` is called with the number (from 0) of
    each message of the user before the assistant gets it.
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
    """Play a blueprint in a world of its own, without judging it.

    `client` is the MCP client that all plays share; None calls the world directly. A play that
    takes longer than `deadline` seconds is broken off. A play that comes to no end (a CastError
    that is not fatal, an error of the server, the deadline) is returned with a verdict that says
    so: it is recorded, and what it cost is counted.
    """
    opened = stage.open(blueprint)
    world_id = worlds.open(opened) if client is not None else None
    tools = {name: stage.tools[name] for name in blueprint.all_tools()}
    visible = [tools[name] for name in blueprint.tools]
    workbench: BaseWorkbench = WorldWorkbench(opened, visible)
    if client is not None:
        workbench = McpWorkbench(client, visible, world=world_id)
    model, mistake = cast.assistant(blueprint, tools)
    assistant = _assistant(blueprint, stage, cast, model, workbench)
    user = _user(blueprint, stage, cast)
    reveal = _Reveal(additions(blueprint), tools, workbench, assistant)
    messages: list[ChatMessage] = []
    problem: Finding | None = None
    try:
        async with asyncio.timeout(deadline):
            turns = 2 * len(blueprint.turns) + MAX_EXTRA_TURNS
            messages = await converse(user, assistant, max_turns=turns, before=reveal.before)
    except (CastError, FastMCPError) as error:
        # A wrong key or an unknown model fails every play: the run has to stop and say so.
        if isinstance(error, CastError) and error.fatal:
            raise
        problem = Finding(code="cast_failed", message=str(error), blame="server")
    except TimeoutError:
        message = f"the play took longer than {deadline:g} s"
        problem = Finding(code="cast_failed", message=message, blame="server")
    finally:
        if world_id is not None:
            worlds.close(world_id)
    return Trajectory(
        id=blueprint.id,
        messages=tuple(messages),
        tools=tuple(tool.openai() for tool in tools.values()),
        offered_from=reveal.offered_from,
        blueprint=blueprint,
        verdict=None if problem is None else undecided(problem),
        provenance=provenance(
            blueprint,
            stage,
            cast,
            # Of a play that was broken off, the state says nothing that could be compared.
            digest=opened[blueprint.world.api].digest() if problem is None else None,
            planted=mistake.planted if mistake else None,
            usage={"user": user.usage.as_dict(), "assistant": assistant.usage.as_dict()},
        ),
    )


def _assistant(
    blueprint: Blueprint,
    stage: WorldPool,
    cast: Cast,
    model: ChatCompletionClient,
    workbench: BaseWorkbench,
) -> ToolAssistant:
    return ToolAssistant(
        model,
        workbench,
        service=stage.api(blueprint.world.api).title,
        now=blueprint.now,
        session=blueprint.session,
        card=cast.cards["assistant"],
    )


def _user(blueprint: Blueprint, stage: WorldPool, cast: Cast) -> UserSimulator:
    service = stage.api(blueprint.world.api).title
    return UserSimulator(cast.user(blueprint), blueprint, service=service, card=cast.cards["user"])


class _Reveal:
    """Offers the tools that a blueprint adds in the middle of a conversation (BFCL's miss_func)."""

    def __init__(
        self,
        added: Mapping[int, Sequence[str]],
        tools: Mapping[str, Tool],
        workbench: BaseWorkbench,
        assistant: ToolAssistant,
    ) -> None:
        self._added = added
        self._tools = tools
        self._workbench = workbench
        self._assistant = assistant
        self.offered_from: dict[str, int] = {}

    async def before(self, number: int) -> None:
        """Offer what comes with the user's message of that number."""
        if names := self._added.get(number):
            self._workbench.offer([self._tools[name] for name in names])
            index = len(await self._assistant.messages())
            self.offered_from.update(dict.fromkeys(names, index))


def undecided(finding: Finding) -> Verdict:
    """The verdict on a play that came to no end, with the reason: every gate abstains."""
    gates = tuple(
        abstaining(gate.name, finding if gate.name == "format" else None) for gate in GATES
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
    """Versions and hashes of all that made a trajectory.

    Nothing in it depends on the machine or the time, so that equal runs give equal lines.
    """
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
