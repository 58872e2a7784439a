"""The tool-calling assistant: an agent that acts through a workbench only.

In the InfTool paper (section on role-play), it is the model that is trained.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

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
    RequestUsage,
    UserMessage,
)
from autogen_core.tools import Workbench

from inftool.agents.chat_agent import ChatAgent
from inftool.agents.role_cards import Card, load_card
from inftool.agents.scripted.line_client import Line, Lines
from inftool.agents.workbench import McpClient, McpWorkbench
from inftool.core.blueprints import Detail
from inftool.core.chat import ChatMessage
from inftool.llm.chat_protocol import openai_messages

_NO_USAGE = RequestUsage(prompt_tokens=0, completion_tokens=0)


class ToolAssistant(ChatAgent):
    """An assistant that calls tools; an ordinary agentchat agent, so it can be used in teams too.

    `tools` is a workbench, or a connected `fastmcp.Client` whose tools are all offered. `session`
    are values that its instructions give it, such as the id of a tenant. After the card's
    `max_tool_iterations` rounds of calls it stops, and answers with the last results.

    Example:
        async with fastmcp.Client("http://localhost:8000/mcp") as client:
            assistant = ToolAssistant(model_client, client, service="Bookshop")
            print(await assistant.reply("Which paperbacks are in stock?"))
            conversation = await assistant.messages()  # in the OpenAI chat format
    """

    def __init__(
        self,
        model_client: ChatCompletionClient,
        tools: Workbench | McpClient,
        *,
        service: str = "a service",
        now: str = "an ordinary day",
        session: Sequence[Detail] = (),
        card: Card | None = None,
    ) -> None:
        self.workbench = tools if isinstance(tools, Workbench) else McpWorkbench(tools)
        self.card = card or load_card("assistant")
        prompt = self.card.brief(service=service, now=now, session=session)
        super().__init__("assistant", model_client, prompt, self.card.description)

    @classmethod
    def scripted(cls, tools: Workbench | McpClient, *lines: Line) -> ToolAssistant:
        """An assistant without a model, who says these lines and makes these calls.

        See `inftool.agents.scripted.line_client.Lines` for what a line can be.
        """
        return cls(Lines(lines), tools)

    async def offered(self) -> list[dict[str, object]]:
        """The tools that it may call, in the OpenAI chat format."""
        tools = await self.workbench.list_tools()
        return [{"type": "function", "function": dict(tool)} for tool in tools]

    async def reply(self, text: str) -> str:
        """The assistant's answer to the user, after whatever calls it made."""
        return await self.answer(text, "user")

    async def answer(self, text: str, source: str) -> str:
        """The answer to a text, after whatever calls it made."""
        self.history.append(UserMessage(content=text, source=source))
        return str((await self._turn(CancellationToken(), None)).content)

    async def messages(self) -> list[ChatMessage]:
        """The whole conversation so far in the OpenAI chat format, the system message first."""
        return [{"role": "system", "content": self.prompt}, *openai_messages(self.history)]

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """Answer the messages of others, calling tools on the way."""
        self.receive(messages)
        inner: list[BaseAgentEvent | BaseChatMessage] = []
        return self.response(await self._turn(cancellation_token, inner), inner)

    async def _turn(
        self,
        cancellation_token: CancellationToken,
        inner: list[BaseAgentEvent | BaseChatMessage] | None,
    ) -> CreateResult:
        """Ask the model and make its calls until it answers; events are added to `inner`."""
        results: list[FunctionExecutionResult] = []
        for _ in range(self.card.max_tool_iterations):
            # Listed in every round, since tools can be added in the middle of a conversation.
            tools = await self.workbench.list_tools()
            result = await self.ask_model(cancellation_token, tools=tools)
            if isinstance(result.content, str):
                return result
            # One after another, in their order, so that parallel calls have one outcome.
            results = [await self._call(call, cancellation_token) for call in result.content]
            self.history.append(FunctionExecutionResultMessage(content=results))
            if inner is not None:
                inner.append(
                    ToolCallRequestEvent(
                        content=result.content, source=self.name, models_usage=result.usage
                    )
                )
                inner.append(ToolCallExecutionEvent(content=results, source=self.name))
        # Too many rounds: the user gets an answer all the same, from what was called last.
        summary = "\n".join(result.content for result in results)
        return CreateResult(finish_reason="stop", content=summary, usage=_NO_USAGE, cached=False)

    async def _call(
        self, call: FunctionCall, cancellation_token: CancellationToken
    ) -> FunctionExecutionResult:
        try:
            arguments = json.loads(call.arguments)
        except ValueError as error:
            # The model sees its error and can correct it, as it does with a refused call.
            return FunctionExecutionResult(
                content=f"the arguments are no JSON: {error}",
                call_id=call.id,
                is_error=True,
                name=call.name,
            )
        result = await self.workbench.call_tool(call.name, arguments, cancellation_token, call.id)
        return FunctionExecutionResult(
            content=result.to_text(), call_id=call.id, is_error=result.is_error, name=call.name
        )
