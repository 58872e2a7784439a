"""Tokens spent by one agent in one play."""

from __future__ import annotations

from autogen_agentchat.base import Response


class Usage:
    """Counts model calls and tokens as the endpoint reports them; zero tokens for the scripted cast, which asks no model."""

    def __init__(self) -> None:
        self.prompt_tokens = 0
        self.completion_tokens = 0
        self.calls = 0

    def add(self, response: Response) -> None:
        """Count the calls behind one response."""
        for message in (*(response.inner_messages or ()), response.chat_message):
            if message.models_usage is not None:
                self.calls += 1
                self.prompt_tokens += message.models_usage.prompt_tokens
                self.completion_tokens += message.models_usage.completion_tokens

    def as_dict(self) -> dict[str, int]:
        """The counts for the record."""
        return {"calls": self.calls, "prompt_tokens": self.prompt_tokens, "completion_tokens": self.completion_tokens}
