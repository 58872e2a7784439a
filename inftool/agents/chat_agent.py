"""What the user simulator and the assistant share: a prompt, a history and a model client.

AutoGen's own AssistantAgent does the same with a task, a queue and an async generator for each
step; these agents take a third of its CPU (`benchmarks/endpoint.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

from autogen_agentchat.agents import BaseChatAgent
from autogen_agentchat.base import Response
from autogen_agentchat.messages import BaseAgentEvent, BaseChatMessage, TextMessage, ThoughtEvent
from autogen_core import CancellationToken
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import ToolSchema

from inftool.llm.chat_protocol import CallsMessage
from inftool.llm.chat_replies import CallsResult
from inftool.llm.usage import Tally


class ChatAgent(BaseChatAgent):
    """An agentchat agent with a model client.

    `history` is its conversation without the system message, `usage` what it has spent so far.
    """

    def __init__(
        self, name: str, model_client: ChatCompletionClient, prompt: str, description: str
    ) -> None:
        super().__init__(name, description)
        self.prompt = prompt
        self.history: list[LLMMessage] = []
        self._client = model_client
        self._system = SystemMessage(content=prompt)
        # InfTool's own client keeps a tally that includes failed tries; others keep none.
        tally = getattr(model_client, "tally", None)
        self._counts_here = not isinstance(tally, Tally)
        self.usage: Tally = tally if isinstance(tally, Tally) else Tally()

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        """Text only: calls and their results are inner messages."""
        return (TextMessage,)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """Answer the messages of others, as agentchat asks for it."""
        self.receive(messages)
        return self.response(await self.ask_model(cancellation_token), [])

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """Forget the conversation."""
        self.history.clear()

    async def answer(self, text: str, source: str) -> str:
        """The answer to a text: `on_messages` without the events that only teams need."""
        self.history.append(UserMessage(content=text, source=source))
        return str((await self.ask_model(CancellationToken())).content)

    def receive(self, messages: Sequence[BaseChatMessage]) -> None:
        """Add the messages of others to the history."""
        self.history += [message.to_model_message() for message in messages]

    async def ask_model(
        self, cancellation_token: CancellationToken, tools: Sequence[ToolSchema] = ()
    ) -> CreateResult:
        """The model's next message, which is added to the history."""
        result = await self._client.create(
            [self._system, *self.history], tools=tools, cancellation_token=cancellation_token
        )
        if self._counts_here:
            self.usage.add_call(result.usage.prompt_tokens, result.usage.completion_tokens)
        # The text beside calls is kept, so that later requests show the model what it has said.
        text = result.text if isinstance(result, CallsResult) else None
        message = AssistantMessage(content=result.content, source=self.name, thought=result.thought)
        if text:
            message = CallsMessage(
                content=result.content, source=self.name, thought=result.thought, text=text
            )
        self.history.append(message)
        return result

    def response(
        self, result: CreateResult, inner: list[BaseAgentEvent | BaseChatMessage]
    ) -> Response:
        """The agent's answer in agentchat's form; `inner` are the events on the way to it."""
        if result.thought:
            inner.append(ThoughtEvent(content=result.thought, source=self.name))
        return Response(
            chat_message=TextMessage(
                content=str(result.content), source=self.name, models_usage=result.usage
            ),
            inner_messages=inner,
        )
