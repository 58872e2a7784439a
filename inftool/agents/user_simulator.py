"""The user simulator: an agent that knows its wishes and details, and never the plan's calls.

It follows the InfTool paper, section on role-play.
"""

from __future__ import annotations

from typing import TypedDict, Unpack

from autogen_core.models import ChatCompletionClient

from inftool.agents.chat_agent import ChatAgent
from inftool.agents.role_cards import Card, load_card
from inftool.agents.scripted.line_client import Lines
from inftool.core.blueprints import Blueprint, Detail, Turn

# What the user is answered before the conversation has begun.
_GREETING = "Hello! How can I help you?"


class UserPrompt(TypedDict, total=False):
    """What a user's prompt is filled in with; each has a default."""

    wishes: str
    """What the user wants and knows, as a numbered list; from the blueprint if there is one."""

    about: str
    """Who the user is; from the blueprint's persona if there is a blueprint."""

    manner: str
    """How the user talks; from the blueprint's persona if there is a blueprint."""

    service: str
    """The name of the service that the user talks to."""

    now: str
    """The simulated time; from the blueprint if there is one."""


_DEFAULT_PROMPT: UserPrompt = {
    "wishes": "",
    "about": "An ordinary person.",
    "manner": "Plain and polite.",
    "service": "a service",
    "now": "an ordinary day",
}


class UserSimulator(ChatAgent):
    """A person who wants something; an ordinary agentchat agent, so it can be used in teams too.

    What it wants comes from a blueprint or from `wishes`, `about`, `manner`, `service` and `now`
    (see `UserPrompt`). `card` is the prompt; None is InfTool's own.

    Example:
        user = UserSimulator(model_client, wishes="1. You want to return your last order.")
        text = await user.say(None)  # "Hi, I'd like to return my last order."
        while text is not None:
            text = await user.say(await assistant.reply(text))
    """

    def __init__(
        self,
        model_client: ChatCompletionClient,
        blueprint: Blueprint | None = None,
        *,
        card: Card | None = None,
        **prompt: Unpack[UserPrompt],
    ) -> None:
        self.card = card or load_card("user")
        values: UserPrompt = {**_DEFAULT_PROMPT, **prompt}
        if blueprint is not None:
            # The blueprint wins: what the user says must be what the verdict expects.
            values["wishes"] = wishes_of(blueprint)
            values["about"] = blueprint.persona.about
            values["manner"] = blueprint.persona.manner
            values["now"] = blueprint.now
        super().__init__("user", model_client, self.card.render(**values), self.card.description)

    @classmethod
    def scripted(cls, *lines: str) -> UserSimulator:
        """A user without a model, who says these lines one after another."""
        return cls(Lines([*lines, load_card("user").stop]))

    async def say(self, reply: str | None) -> str | None:
        """The user's next message, or None when nothing is left to say.

        `reply` is the assistant's last message; None at the start.
        """
        text = (await self.answer(_GREETING if reply is None else reply, "assistant")).strip()
        # Models put words around the stop word, such as "Thanks, bye! [DONE]".
        return None if self.card.stop in text else text


def wishes_of(blueprint: Blueprint) -> str:
    """All that a blueprint's user wants and knows, as the numbered list of the prompt.

    Nothing of the plan is in it: the user must not tell the assistant which calls to make.
    """
    return "\n".join(f"{number}. {_wish(turn)}" for number, turn in enumerate(blueprint.turns, 1))


def _wish(turn: Turn) -> str:
    if turn.kind == "more":
        return (
            "You have been told that what you last wished for has become possible."
            " Ask for it again, without repeating what you said."
        )
    start = "You change your mind: you" if turn.kind == "change" else "You"
    lines = [f"{start} want to {turn.intent}."]
    lines += [_detail_line(detail) for detail in turn.details]
    lines += [f"   - ask for {ask}" for ask in turn.asks]
    if turn.kind == "drop":
        lines.append("   - as soon as you are asked about it, say that you would rather leave it")
    return "\n".join(lines)


def _detail_line(detail: Detail) -> str:
    """`"   - (2) quantity: 3 (told only when asked for)"`."""
    group = f"({detail.group}) " if detail.group else ""
    return f"   - {group}{detail.words}: {detail.said}{_when(detail)}"


def _when(detail: Detail) -> str:
    """When the user tells a detail; empty if at once."""
    # A volunteered detail with a frame is a further one; without a frame it is a correction.
    if detail.volunteered and detail.frame:
        return " (kept for your next answer)"
    if detail.volunteered:
        return " (this corrects what you said at first; tell it with your next answer)"
    return " (told only when asked for)" if detail.withheld else ""
