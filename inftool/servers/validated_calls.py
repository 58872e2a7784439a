"""How a server plays a call: arguments are validated first, then the world answers."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.core.tools import Result, Tool
from inftool.core.types import JsonObject
from inftool.world.model_fallback import FallbackPlayer
from inftool.world.rendering.errors import violation_result
from inftool.world.world import World


async def play_call(
    worlds: Mapping[str, World],
    tool: Tool,
    arguments: JsonObject,
    player: FallbackPlayer | None = None,
) -> Result:
    """The answer to a call in the world of its API: a 400 or 422 where its arguments are invalid.

    `worlds`: API name -> world; 404 where the tool's API has none. `player` is a model that answers
    what the spec does not determine.
    """
    world = worlds.get(tool.api)
    if world is None:
        message = f"no world of {tool.api} is open in this conversation"
        return Result(status=404, body={"message": message})
    # The world is never given arguments that break the schema: handlers rely on it.
    refusal = violation_result(world.base, tool, arguments)
    if refusal is not None:
        return refusal
    if player is None:
        return world.call(tool.name, arguments)
    return await player.play(world, tool.name, arguments)
