"""The Tool-Calling Assistant: an agentchat agent that acts through a workbench only (InfTool, role-play: the model being trained)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.messages import TextMessage
from autogen_core import CancellationToken
from autogen_core.models import AssistantMessage, ChatCompletionClient, FunctionExecutionResultMessage, LLMMessage, SystemMessage, UserMessage
from autogen_core.tools import Workbench
from fastmcp import Client

from inftool.agents.cards import Card, load_card
from inftool.agents.lines import Line, Lines
from inftool.agents.usage import Usage
from inftool.agents.workbench import McpWorkbench
from inftool.records import JsonObject


class ToolAssistant(AssistantAgent):
    """The assistant under training or in service; an ordinary agentchat agent, so it also sits in teams.

    `tools` is a workbench, or a connected `fastmcp.Client` whose tools are all offered. `reply(text)` answers the user, calling tools on the way; `messages()` is the whole conversation so far in the OpenAI chat format.
    """

    def __init__(
        self,
        model_client: ChatCompletionClient,
        tools: Workbench | Client[Any],
        *,
        service: str = "a service",
        now: str = "an ordinary day",
        card: Card | None = None,
    ) -> None:
        self.workbench = tools if isinstance(tools, Workbench) else McpWorkbench(tools)
        self.card = card or load_card("assistant")
        self.prompt = self.card.render(service=service, now=now)
        super().__init__(
            "assistant",
            model_client,
            workbench=self.workbench,
            system_message=self.prompt,
            description=self.card.description,
            reflect_on_tool_use=False,
            max_tool_iterations=self.card.max_tool_iterations,
        )
        self.usage = Usage()

    @classmethod
    def scripted(cls, tools: Workbench | Client[Any], *lines: Line) -> ToolAssistant:
        """An assistant without a model, who says these lines and makes these calls one after another (see `inftool.agents.lines.Lines`)."""
        return cls(Lines(lines), tools)

    async def offered(self) -> list[JsonObject]:
        """The tools that it may call, in the OpenAI chat format."""
        return [{"type": "function", "function": dict(tool)} for tool in await self.workbench.list_tools()]

    async def reply(self, text: str) -> str:
        """The assistant's answer to the user, after whatever calls it made."""
        response = await self.on_messages([TextMessage(content=text, source="user")], CancellationToken())
        self.usage.add(response)
        return response.chat_message.to_text()

    async def messages(self) -> list[JsonObject]:
        """Everything said, called and answered so far, the system message first."""
        return [{"role": "system", "content": self.prompt}, *openai_messages(await self.model_context.get_messages())]


def openai_messages(messages: Sequence[LLMMessage]) -> list[JsonObject]:
    """AutoGen's messages in the OpenAI chat format; tool calls keep their arguments as the JSON text the model wrote."""
    rows: list[JsonObject] = []
    for message in messages:
        if isinstance(message, SystemMessage):
            rows.append({"role": "system", "content": message.content})
        elif isinstance(message, UserMessage):
            rows.append({"role": "user", "content": message.content if isinstance(message.content, str) else json.dumps(message.content)})
        elif isinstance(message, AssistantMessage):
            if isinstance(message.content, str):
                row: JsonObject = {"role": "assistant", "content": message.content}
            else:
                calls = [{"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}} for c in message.content]
                row = {"role": "assistant", "content": None, "tool_calls": calls}
            if message.thought:
                row["reasoning_content"] = message.thought
            rows.append(row)
        elif isinstance(message, FunctionExecutionResultMessage):
            rows += [{"role": "tool", "tool_call_id": result.call_id, "name": result.name, "content": result.content} for result in message.content]
    return rows
