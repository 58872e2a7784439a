"""The Tool-Calling Assistant: an agentchat agent that acts through a workbench only (InfTool, role-play: the model being trained)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from autogen_agentchat.base import Response
from autogen_agentchat.messages import (
    BaseAgentEvent,
    BaseChatMessage,
    ToolCallExecutionEvent,
    ToolCallRequestEvent,
)
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResult,
    FunctionExecutionResultMessage,
    UserMessage,
)
from autogen_core.tools import Workbench
from fastmcp import Client

from inftool.agents.chat_agent import ChatAgent
from inftool.agents.role_cards import Card, load_card
from inftool.agents.scripted.line_client import Line, Lines
from inftool.agents.workbench import McpWorkbench
from inftool.core.blueprints import Detail
from inftool.core.chat import ChatMessage
from inftool.core.types import JsonObject
from inftool.llm.chat_protocol import openai_messages

__all__ = ["ToolAssistant", "openai_messages"]


class ToolAssistant(ChatAgent):
    """The assistant under training or in service; an ordinary agentchat agent, so it also sits in teams.

    `tools` is a workbench, or a connected `fastmcp.Client` whose tools are all offered; `session` are the values that its instructions give it. `reply(text)` answers the user, calling tools on the way;
    `messages()` is the whole conversation so far in the OpenAI chat format. After the card's `max_tool_iterations` rounds of calls it stops without
    an answer.
    """

    def __init__(
        self,
        model_client: ChatCompletionClient,
        tools: Workbench | Client[Any],
        *,
        service: str = "a service",
        now: str = "an ordinary day",
        session: Sequence[Detail] = (),
        card: Card | None = None,
    ) -> None:
        self.workbench = tools if isinstance(tools, Workbench) else McpWorkbench(tools)
        self.card = card or load_card("assistant")
        super().__init__(
            "assistant",
            model_client,
            self.card.brief(service=service, now=now, session=session),
            self.card.description,
        )

    @classmethod
    def scripted(cls, tools: Workbench | Client[Any], *lines: Line) -> ToolAssistant:
        """An assistant without a model, who says these lines and makes these calls one after another (see `inftool.agents.lines.Lines`)."""
        return cls(Lines(lines), tools)

    async def offered(self) -> list[JsonObject]:
        """The tools that it may call, in the OpenAI chat format."""
        return [
            {"type": "function", "function": dict(tool)}
            for tool in await self.workbench.list_tools()
        ]

    async def reply(self, text: str) -> str:
        """The assistant's answer to the user, after whatever calls it made."""
        return await self.answer(text, "user")

    async def answer(self, words: str, source: str) -> str:
        """Answer words, calling tools on the way."""
        self.heard.append(UserMessage(content=words, source=source))
        return str((await self._turn(CancellationToken(), None)).content)

    async def messages(self) -> list[ChatMessage]:
        """Everything said, called and answered so far, the system message first."""
        return [{"role": "system", "content": self.prompt}, *openai_messages(self.heard)]

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """Answer, calling tools on the way."""
        self.hear(messages)
        inner: list[BaseAgentEvent | BaseChatMessage] = []
        return self.response(await self._turn(cancellation_token, inner), inner)

    async def _turn(
        self,
        cancellation_token: CancellationToken,
        inner: list[BaseAgentEvent | BaseChatMessage] | None,
    ) -> CreateResult:
        """Think and call until there are words; `inner` gets the events on the way."""
        results: list[FunctionExecutionResult] = []
        for _ in range(self.card.max_tool_iterations):
            result = await self.think(cancellation_token, tools=await self.workbench.list_tools())
            if isinstance(result.content, str):
                return result
            # In the order in which they were asked for, so that parallel calls have one outcome.
            results = [await self._call(call, cancellation_token) for call in result.content]
            self.heard.append(FunctionExecutionResultMessage(content=results))
            if inner is not None:
                inner.append(
                    ToolCallRequestEvent(
                        content=result.content, source=self.name, models_usage=result.usage
                    )
                )
                inner.append(ToolCallExecutionEvent(content=results, source=self.name))
        summary = "\n".join(result.content for result in results)
        return CreateResult(finish_reason="stop", content=summary, usage=self.nothing, cached=False)

    async def _call(
        self, call: FunctionCall, cancellation_token: CancellationToken
    ) -> FunctionExecutionResult:
        try:
            arguments = json.loads(call.arguments)
        except ValueError as error:
            return FunctionExecutionResult(
                content=f"the arguments are no JSON: {error}",
                call_id=call.id,
                is_error=True,
                name=call.name,
            )
        answer = await self.workbench.call_tool(call.name, arguments, cancellation_token, call.id)
        return FunctionExecutionResult(
            content=answer.to_text(), call_id=call.id, is_error=answer.is_error, name=call.name
        )
