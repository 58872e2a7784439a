"""Self-reflection: a rejected conversation is played once more by an assistant that knows why.

Both tries are kept and make a preference pair (InfTool, section on quality).
"""

from __future__ import annotations

import copy
from typing import Annotated, Any

from fastmcp import Client

from inftool.agents.cast import Cast
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.trajectories import FirstTry, Trajectory, Verdict
from inftool.core.types import AsJsonObject, Record
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.conversation import play
from inftool.world.registry import WorldRegistry

# Reasons told to the second try: more say more, and lengthen every prompt of it. Not measured.
MOST_REASONS = 5


class Preference(Record):
    """Two continuations of the same beginning."""

    prompt: tuple[Annotated[ChatMessage, AsJsonObject], ...]
    """The messages that both share."""

    chosen: tuple[Annotated[ChatMessage, AsJsonObject], ...]
    """How the try that passed goes on."""

    rejected: tuple[Annotated[ChatMessage, AsJsonObject], ...]
    """How the try that failed goes on."""

    tools: tuple[Annotated[ToolSpec, AsJsonObject], ...]
    """The tools that were offered."""


def deserves_second_try(verdict: Verdict | None) -> bool:
    """Whether a second try could be better: the play failed, and the assistant is to blame."""
    if verdict is None or verdict.status != "fail" or not verdict.findings:
        return False
    return verdict.findings[0].blame == "assistant"


def advice(verdict: Verdict) -> str:
    """What an assistant is told of its former try, to stand at the end of its card."""
    reasons = "\n".join(f"- {finding.message}" for finding in verdict.findings[:MOST_REASONS])
    return (
        "You have had this conversation before, and it was rejected. What was wrong with it:\n"
        f"{reasons}\nHave it again without these mistakes, and do not speak of the former one."
    )


async def second_try(
    blueprint: Blueprint,
    first: Trajectory,
    stage: WorldPool,
    cast: Cast,
    client: Client[Any],
    worlds: WorldRegistry,
) -> Trajectory:
    """The same blueprint played again by an assistant that knows why the first try was rejected.

    The advice is taken out of the instructions afterwards, so that no model learns to expect it.
    The first try is kept in `provenance["first_try"]` with its verdict. The scripted assistant
    makes no mistake the second time.
    """
    assert first.verdict is not None
    # A shallow copy shares the connections and their limits; only card and mistakes differ.
    again = copy.copy(cast)
    card = cast.cards["assistant"]
    # A card is a template: what looks like a placeholder in the reasons must stay as it is.
    # `$` is doubled because a role card is a template (`string.Template`).
    told = advice(first.verdict).replace("$", "$$")
    again.cards = {
        **cast.cards,
        "assistant": card.model_copy(update={"prompt": f"{card.prompt}\n\n{told}"}),
    }
    again.settings = cast.settings.model_copy(update={"mistakes": 0.0})
    second = await play(blueprint, stage, again, client, worlds)
    messages = (
        (first.messages[0], *second.messages[1:])
        if first.messages and second.messages
        else second.messages
    )
    former: FirstTry = {
        "messages": list(first.messages),
        "verdict": first.verdict.model_dump(mode="json"),
        "planted": first.provenance.get("planted"),
        "digest": first.provenance.get("digest"),
    }
    return second.model_copy(
        update={"messages": messages, "provenance": {**second.provenance, "first_try": former}}
    )


def preference(trajectory: Trajectory) -> Preference | None:
    """The preference pair of a repaired trajectory; its prompts are equal to the byte.

    None if the trajectory passed at the first try, or not at all.
    """
    former = trajectory.provenance.get("first_try")
    if former is None or trajectory.verdict is None or not trajectory.verdict.passed:
        return None
    rejected = former["messages"]
    shared = 0
    for one, other in zip(trajectory.messages, rejected, strict=False):
        if one != other:
            break
        shared += 1
    if shared in (len(trajectory.messages), len(rejected)):
        return None
    # Both go on with the assistant's words: what the user says next in only one of them is not part
    # of the prompt.
    while shared and not (
        trajectory.messages[shared].get("role") == "assistant"
        and rejected[shared].get("role") == "assistant"
    ):
        shared -= 1
    return Preference(
        prompt=trajectory.messages[:shared],
        chosen=trajectory.messages[shared:],
        rejected=tuple(rejected[shared:]),
        tools=trajectory.tools,
    )
