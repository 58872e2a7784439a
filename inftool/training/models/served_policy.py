"""A model behind an OpenAI-compatible endpoint as the assistant: many episodes side by side, one
request a message."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.errors import NonsenseError, StructuralError, UsageError
from inftool.llm import text_tool_calls
from inftool.llm.chat_protocol import sampling
from inftool.llm.config import Endpoint
from inftool.llm.transport import EndpointTransport
from inftool.llm.usage import Tally
from inftool.training.environment.environment import Environment
from inftool.training.tokenization.call_styles import read_message

# An endpoint that does not count tokens is taken to have read one for each of so many bytes.
_BYTES_PER_TOKEN = 4
_MODELS_TIMEOUT = 10.0
"""Seconds to wait for the list of an endpoint's models."""


class EndpointPolicy:
    """A policy that lets the model at an endpoint write.

    Failures of the network are retried; what the model writes is taken as it is, wrong or empty.
    It holds connections: use it as a context manager. FatalError where no request can succeed; a
    request that the endpoint refuses (as too long, say) counts as an unreadable message.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.tally = Tally()
        self._transport = EndpointTransport(endpoint)
        # One event loop for all batches: the connections belong to it.
        self._runner = asyncio.Runner()

    def __enter__(self) -> EndpointPolicy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._transport.close())
        self._runner.close()

    @property
    def decoding(self) -> dict[str, object]:
        """The settings of generation, as far as they can be known from here."""
        return {
            **sampling(self.endpoint),
            "tool_calls": self.endpoint.tool_calls,
            "constrained": False,
        }

    def __call__(self, environments: Sequence[Environment]) -> list[ChatMessage | None]:
        """The next message in each environment."""
        return self._runner.run(self._all(environments))

    async def _all(self, environments: Sequence[Environment]) -> list[ChatMessage | None]:
        requests = (self._next(environment) for environment in environments)
        return list(await asyncio.gather(*requests))

    async def _next(self, environment: Environment) -> ChatMessage | None:
        is_textual = self.endpoint.tool_calls == "hermes"
        body = json.dumps(self._body(environment, is_textual=is_textual), ensure_ascii=False)
        try:
            (message, spent), _ = await self._transport.ask(
                body.encode(), _read_completion, self.tally
            )
        except StructuralError:
            # The endpoint refuses this very request, and would refuse it again.
            return None
        self.tally.add_call(*spent)
        # With textual calls the model was told of no others.
        if message is None or (is_textual and message.get("tool_calls")):
            return None
        return read_message(message["content"] or "") if is_textual else message

    def _body(self, environment: Environment, *, is_textual: bool) -> Mapping[str, object]:
        """The request for the next message; with textual calls the tools stand in the prompt."""
        messages, tools = environment.messages, environment.tools()
        settings = sampling(self.endpoint)
        if is_textual:
            prompted = text_tool_calls.with_instructions(messages, tools) if tools else messages
            messages = text_tool_calls.calls_as_text(prompted)
        body: dict[str, object] = {
            "model": self.endpoint.model,
            "messages": messages,
            **settings,
        }
        if tools and not is_textual:
            body |= {"tools": tools, "tool_choice": self.endpoint.tool_choice}
            if self.endpoint.parallel_tool_calls is not None:
                body["parallel_tool_calls"] = self.endpoint.parallel_tool_calls
        return body


def _read_completion(reply: object, sent: int) -> tuple[ChatMessage | None, tuple[int, int]]:
    """The message of a chat completion and the tokens that it cost, prompt and completion.

    `sent` is the size of the request in bytes. The message is None if it holds neither words nor
    calls; NonsenseError if the reply is no completion.
    """
    try:
        message, spent = _parse_completion(reply, sent)
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise NonsenseError(f"{type(error).__name__}: {error}") from error
    content = message["content"]
    if isinstance(content, str) and "</think>" in content:
        # Thoughts that the endpoint did not take off itself.
        content = content.split("</think>", 1)[1].strip()
    if not message.get("tool_calls") and not (isinstance(content, str) and content.strip()):
        return None, spent
    return {**message, "content": content or None}, spent


def _parse_completion(reply: Any, sent: int) -> tuple[ChatMessage, tuple[int, int]]:
    """The same with the errors that a reply of another form leads to."""
    raw = reply["choices"][0]["message"]
    usage = reply.get("usage") or {}
    spent = (
        int(usage.get("prompt_tokens") or sent // _BYTES_PER_TOKEN),
        int(usage.get("completion_tokens") or 0),
    )
    calls: list[ToolCallMessage] = [
        {
            "id": call.get("id"),
            "type": "function",
            "function": {
                "name": call["function"]["name"],
                "arguments": call["function"].get("arguments") or "{}",
            },
        }
        for call in raw.get("tool_calls") or ()
    ]
    content = raw.get("content")
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content if isinstance(part, dict))
    message: ChatMessage = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = calls
    return message, spent


def is_address(model: str) -> bool:
    """Whether a model is named by an endpoint's address, such as `http://127.0.0.1:8000/v1`."""
    return urlsplit(model).scheme in ("http", "https")


def first_model(base_url: str) -> str:
    """The model that an endpoint lists first; UsageError where it lists none."""
    url = f"{base_url.rstrip('/')}/models"
    try:
        # S310: the address is one that the user gave.
        with urllib.request.urlopen(url, timeout=_MODELS_TIMEOUT) as reply:  # noqa: S310
            return str(json.load(reply)["data"][0]["id"])
    except (urllib.error.URLError, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise UsageError(
            f"{base_url} does not say which models it has ({error})",
            hint="name one with --model, and the address with --base-url",
        ) from error
