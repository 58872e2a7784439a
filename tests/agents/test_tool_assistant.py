"""Agents without a model talk over a real client."""

from __future__ import annotations

import json

from fastmcp import Client

from inftool import build_server
from inftool.agents import ToolAssistant, UserSimulator
from inftool.core.tools import Api
from inftool.synthesis.conversation import converse


async def test_two_agents_talk_over_a_real_client(bookshop: tuple[Api, ...]) -> None:
    async with Client(build_server(bookshop, seed=0)) as client:
        user = UserSimulator.scripted("Which authors are there?", "Thanks!")
        assistant = ToolAssistant.scripted(
            client, ("listAuthors", {}), "The first is {s1/data/0/name}.", "You're welcome."
        )
        messages = await converse(user, assistant)
    assert [message["role"] for message in messages] == [
        "system",
        "user",
        "assistant",
        "tool",
        "assistant",
        "user",
        "assistant",
    ]
    name = json.loads(str(messages[3]["content"]))["data"][0]["name"]
    assert messages[4]["content"] == f"The first is {name}."
    assert assistant.usage.calls == 3
