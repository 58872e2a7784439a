"""One play: a user and an assistant talk until the user is done, and everything said and called is put down (InfTool, role-play)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastmcp import Client

from inftool import __version__
from inftool.agents.assistant import ToolAssistant
from inftool.agents.cast import Cast
from inftool.agents.user import UserSimulator
from inftool.agents.workbench import McpWorkbench
from inftool.records import Blueprint, JsonObject, Trajectory
from inftool.scenarios.sample import fingerprint
from inftool.scenarios.stage import Stage
from inftool.servers.worlds import Worlds

MAX_EXTRA_TURNS = 4


async def converse(user: UserSimulator, assistant: ToolAssistant, *, max_turns: int = 12) -> list[JsonObject]:
    """Let the two talk until the user has nothing left to say, or `max_turns` are over: the messages in the OpenAI chat format."""
    reply: str | None = None
    for _ in range(max_turns):
        words = await user.say(reply)
        if words is None:
            break
        reply = await assistant.reply(words)
    return await assistant.messages()


async def play(blueprint: Blueprint, stage: Stage, cast: Cast, client: Client[Any], worlds: Worlds) -> Trajectory:
    """Play a blueprint in a world of its own behind an MCP client that serves all plays at once."""
    api = stage.api(blueprint.world.api)
    tools = {name: stage.tools[name] for name in blueprint.tools}
    world = stage.world(blueprint.world.api, blueprint.world.seed)
    world_id = worlds.open({blueprint.world.api: world})
    try:
        mind, mistake = cast.assistant(blueprint, tools)
        workbench = McpWorkbench(client, list(tools.values()), world=world_id)
        assistant = ToolAssistant(mind, workbench, service=api.title, now=blueprint.now, card=cast.cards["assistant"])
        user = UserSimulator(cast.user(blueprint), blueprint, service=api.title, card=cast.cards["user"])
        messages = await converse(user, assistant, max_turns=2 * len(blueprint.turns) + MAX_EXTRA_TURNS)
    finally:
        worlds.close(world_id)
    return Trajectory(
        id=blueprint.id,
        messages=tuple(messages),
        tools=tuple(tool.openai() for tool in tools.values()),
        blueprint=blueprint,
        provenance=provenance(
            blueprint,
            stage,
            cast,
            digest=world.digest(),
            planted=mistake.planted if mistake else None,
            usage={"user": user.usage.as_dict(), "assistant": assistant.usage.as_dict()},
        ),
    )


def provenance(
    blueprint: Blueprint, stage: Stage, cast: Cast, *, digest: str | None, planted: JsonObject | None, usage: Mapping[str, Any]
) -> JsonObject:
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
