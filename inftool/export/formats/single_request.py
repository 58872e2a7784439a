"""What the formats of single requests share: one request and the calls that fulfill it."""

from __future__ import annotations

from typing import NamedTuple

from inftool.core.chat import ChatMessage, FunctionCall
from inftool.export.sample import Lost, Sample


class SingleRequest(NamedTuple):
    """A request and its calls."""

    words: str
    """The request in words."""

    calls: list[FunctionCall]
    """The calls that it asks for; none if it cannot be fulfilled."""

    prompt: list[ChatMessage]
    """The messages up to the request."""


def request(sample: Sample) -> SingleRequest:
    """The one request of a sample.

    Lost if there are several, or if one call needs what another returned.
    """
    users = [index for index, message in enumerate(sample.messages) if message["role"] == "user"]
    steps = [message for message in sample.messages if message.get("tool_calls")]
    # A second step needs what the first returned, which a single answer cannot know.
    if len(users) != 1 or len(steps) > 1 or not sample.whole:
        raise Lost("a conversation of more than one request and one step")
    calls = [call["function"] for call in steps[0]["tool_calls"]] if steps else []
    return SingleRequest(
        sample.messages[users[0]]["content"] or "", calls, list(sample.messages[: users[0] + 1])
    )
