"""The User Simulator: an agentchat agent that knows its wishes and what it will tell, never the calls (InfTool, role-play)."""

from __future__ import annotations

from autogen_core.models import ChatCompletionClient

from inftool.agents.chat_agent import ChatAgent
from inftool.agents.role_cards import Card, load_card
from inftool.agents.scripted.line_client import Lines
from inftool.core.blueprints import Blueprint, Detail, Turn


class UserSimulator(ChatAgent):
    """The person who wants something; an ordinary agentchat agent, so it also sits in teams.

    `say(reply)` answers the assistant's last words (None at the start) and returns None once the user has nothing left to say.
    """

    def __init__(
        self,
        model_client: ChatCompletionClient,
        blueprint: Blueprint | None = None,
        *,
        wishes: str = "",
        about: str = "An ordinary person.",
        manner: str = "Plain and polite.",
        service: str = "a service",
        now: str = "an ordinary day",
        card: Card | None = None,
    ) -> None:
        self.card = card or load_card("user")
        if blueprint is not None:
            wishes, about, manner, now = (
                wishes_of(blueprint),
                blueprint.persona.about,
                blueprint.persona.manner,
                blueprint.now,
            )
        prompt = self.card.render(
            service=service, about=about, manner=manner, wishes=wishes, now=now
        )
        super().__init__("user", model_client, prompt, self.card.description)

    @classmethod
    def scripted(cls, *lines: str) -> UserSimulator:
        """A user without a model, who says these lines one after another."""
        return cls(Lines([*lines, load_card("user").stop]))

    async def say(self, reply: str | None) -> str | None:
        """The user's next words, or None when they are done."""
        text = (
            await self.answer(
                reply if reply is not None else "Hello! How can I help you?", "assistant"
            )
        ).strip()
        return None if self.card.stop in text else text


def wishes_of(blueprint: Blueprint) -> str:
    """All that a blueprint's user wants and knows, as the numbered list of the prompt; nothing of the plan."""
    return "\n".join(f"{number}. {_wish(turn)}" for number, turn in enumerate(blueprint.turns, 1))


def _wish(turn: Turn) -> str:
    if turn.kind == "more":
        return "You have been told that what you last wished for has become possible. Ask for it again, without repeating what you said."
    lines = [
        f"{'You change your mind: you' if turn.kind == 'change' else 'You'} want to {turn.intent}."
    ]
    lines += [
        f"   - {f'({detail.group}) ' if detail.group else ''}{detail.words}: {detail.said}{_when(detail)}"
        for detail in turn.details
    ]
    lines += [f"   - ask for {ask}" for ask in turn.asks]
    if turn.kind == "drop":
        lines.append("   - as soon as you are asked about it, say that you would rather leave it")
    return "\n".join(lines)


def _when(detail: Detail) -> str:
    """When the user tells a detail, where it is not at once."""
    if detail.volunteered and detail.frame:
        return " (kept for your next answer)"
    if detail.volunteered:
        return " (this corrects what you said at first; tell it with your next answer)"
    return " (told only when asked for)" if detail.withheld else ""
