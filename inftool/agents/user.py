"""The User Simulator: an agentchat agent that knows its wishes and what it will tell, never the calls (InfTool, role-play)."""

from __future__ import annotations

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from autogen_core.models import ChatCompletionClient

from inftool.agents.cards import Card, load_card
from inftool.agents.lines import Lines
from inftool.agents.usage import Usage
from inftool.records import Blueprint, Turn


class UserSimulator(AssistantAgent):
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
            wishes, about, manner, now = wishes_of(blueprint), blueprint.persona.about, blueprint.persona.manner, blueprint.now
        prompt = self.card.render(service=service, about=about, manner=manner, wishes=wishes, now=now)
        super().__init__("user", model_client, system_message=prompt, description=self.card.description)
        self.usage = Usage()

    @classmethod
    def scripted(cls, *lines: str) -> UserSimulator:
        """A user without a model, who says these lines one after another."""
        return cls(Lines([*lines, load_card("user").stop]))

    async def say(self, reply: str | None) -> str | None:
        """The user's next words, or None when they are done."""
        heard = TextMessage(content=reply if reply is not None else "Hello! How can I help you?", source="assistant")
        response = await self.on_messages([heard], CancellationToken())
        self.usage.add(response)
        text = response.chat_message.to_text().strip()
        return None if self.card.stop in text else text


def wishes_of(blueprint: Blueprint) -> str:
    """All that a blueprint's user wants and knows, as the numbered list of the prompt; nothing of the plan."""
    return "\n".join(f"{number}. {_wish(turn)}" for number, turn in enumerate(blueprint.turns, 1))


def _wish(turn: Turn) -> str:
    lines = [f"You want to {turn.intent}."]
    lines += [
        f"   - {f'({detail.group}) ' if detail.group else ''}{detail.words}: {detail.said}{' (told only when asked for)' if detail.withheld else ''}"
        for detail in turn.details
    ]
    lines += [f"   - ask for {ask}" for ask in turn.asks]
    return "\n".join(lines)
