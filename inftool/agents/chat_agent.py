"""What both agents of a play share: a prompt, what they have heard, a model client, and what they spent.

AutoGen's own AssistantAgent does the same with a task, a queue and an async generator a step; these take a third of its CPU (`benchmarks/endpoint.py`).
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
    RequestUsage,
    SystemMessage,
    UserMessage,
)
from autogen_core.tools import ToolSchema

from inftool.llm.chat_protocol import CallsMessage
from inftool.llm.chat_replies import CallsResult
from inftool.llm.usage import Tally


class ChatAgent(BaseChatAgent):
    """An agentchat agent with a model client. `heard` is its conversation without the system message, `usage` what it spent so far."""

    nothing = RequestUsage(prompt_tokens=0, completion_tokens=0)

    def __init__(
        self, name: str, model_client: ChatCompletionClient, prompt: str, description: str
    ) -> None:
        super().__init__(name, description)
        self.prompt = prompt
        self.heard: list[LLMMessage] = []
        self._client = model_client
        self._system = SystemMessage(content=prompt)
        # A client that keeps count knows of wasted tries too.
        own = getattr(model_client, "tally", None)
        self._counts = not isinstance(own, Tally)
        self.usage: Tally = own if isinstance(own, Tally) else Tally()

    @property
    def produced_message_types(self) -> Sequence[type[BaseChatMessage]]:
        """Both agents say text."""
        return (TextMessage,)

    async def on_messages(
        self, messages: Sequence[BaseChatMessage], cancellation_token: CancellationToken
    ) -> Response:
        """Answer what was said."""
        self.hear(messages)
        return self.response(await self.think(cancellation_token), [])

    async def on_reset(self, cancellation_token: CancellationToken) -> None:
        """Forget the conversation."""
        self.heard.clear()

    async def answer(self, words: str, source: str) -> str:
        """Answer words; what `on_messages` does, without the events that only teams look at."""
        self.heard.append(UserMessage(content=words, source=source))
        return str((await self.think(CancellationToken())).content)

    def hear(self, messages: Sequence[BaseChatMessage]) -> None:
        """Take in what others said."""
        self.heard += [message.to_model_message() for message in messages]

    async def think(
        self, cancellation_token: CancellationToken, tools: Sequence[ToolSchema] = ()
    ) -> CreateResult:
        """Ask the model for what comes next and remember it."""
        result = await self._client.create(
            [self._system, *self.heard], tools=tools, cancellation_token=cancellation_token
        )
        if self._counts:
            self.usage.add_call(result.usage.prompt_tokens, result.usage.completion_tokens)
        words = result.text if isinstance(result, CallsResult) else None
        if words:
            self.heard.append(
                CallsMessage(
                    content=result.content, source=self.name, thought=result.thought, text=words
                )
            )
        else:
            self.heard.append(
                AssistantMessage(content=result.content, source=self.name, thought=result.thought)
            )
        return result

    def response(
        self, result: CreateResult, inner: list[BaseAgentEvent | BaseChatMessage]
    ) -> Response:
        """The agent's answer as agentchat wants it."""
        if result.thought:
            inner.append(ThoughtEvent(content=result.thought, source=self.name))
        return Response(
            chat_message=TextMessage(
                content=str(result.content), source=self.name, models_usage=result.usage
            ),
            inner_messages=inner,
        )
