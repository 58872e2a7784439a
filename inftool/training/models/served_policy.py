"""A model behind an OpenAI-compatible endpoint as a player: many conversations go on side by side, one request a message."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Sequence
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.errors import NonsenseError, StructuralError, UsageError
from inftool.core.types import JsonObject
from inftool.llm import text_tool_calls
from inftool.llm.chat_protocol import sampling
from inftool.llm.config import Endpoint
from inftool.llm.transport import EndpointTransport
from inftool.llm.usage import Tally
from inftool.training.environment.environment import Environment
from inftool.training.tokenization.call_styles import read_message


class EndpointPolicy:
    """Plays as the model at an endpoint does. What the network does to a request is mended; what the model writes is taken as it is, wrong or empty.

    Use it as a context manager: it holds connections. FatalError where no request can succeed; a request that the endpoint refuses (too long, say) counts
    as unreadable.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.tally = Tally()
        self._link = EndpointTransport(endpoint)
        self._runner = asyncio.Runner()

    def __enter__(self) -> EndpointPolicy:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._link.close())
        self._runner.close()

    @property
    def decoding(self) -> JsonObject:
        """How the model is made to speak, as far as it can be known from here."""
        return {
            **sampling(self.endpoint),
            "tool_calls": self.endpoint.tool_calls,
            "constrained": False,
        }

    def __call__(self, environments: Sequence[Environment]) -> list[ChatMessage | None]:
        """The next message of each play."""
        return self._runner.run(self._all(environments))

    async def _all(self, environments: Sequence[Environment]) -> list[ChatMessage | None]:
        return list(
            await asyncio.gather(*(self._next(environment) for environment in environments))
        )

    async def _next(self, environment: Environment) -> ChatMessage | None:
        rows, tools = environment.messages, environment.tools()
        textual = self.endpoint.tool_calls == "hermes"
        if textual:
            rows = text_tool_calls.as_text(
                text_tool_calls.instructed(rows, tools) if tools else rows
            )
        body: JsonObject = {
            "model": self.endpoint.model,
            "messages": rows,
            **sampling(self.endpoint),
        }
        if tools and not textual:
            body |= {"tools": tools, "tool_choice": self.endpoint.tool_choice}
            if self.endpoint.parallel_tool_calls is not None:
                body["parallel_tool_calls"] = self.endpoint.parallel_tool_calls
        try:
            (message, spent), _ = await self._link.ask(
                json.dumps(body, ensure_ascii=False).encode(), _read, self.tally
            )
        except StructuralError:
            return None
        self.tally.spent(*spent)
        if message is None or (textual and message.get("tool_calls")):
            return None
        return read_message(message["content"] or "") if textual else message


def _read(reply: Any, sent: int) -> tuple[ChatMessage | None, tuple[int, int]]:
    """The message of a reply (None: it holds neither words nor calls) and the tokens that it cost; NonsenseError where the reply is no completion."""
    try:
        said = reply["choices"][0]["message"]
        used = reply.get("usage") or {}
        spent = (
            int(used.get("prompt_tokens") or sent // 4),
            int(used.get("completion_tokens") or 0),
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
            for call in said.get("tool_calls") or ()
        ]
        content = said.get("content")
    except (KeyError, IndexError, TypeError, AttributeError, ValueError) as error:
        raise NonsenseError(f"{type(error).__name__}: {error}") from error
    if isinstance(content, list):
        content = "".join(part.get("text", "") for part in content if isinstance(part, dict))
    if isinstance(content, str) and "</think>" in content:
        content = content.split("</think>", 1)[1].strip()
    if not calls and not (isinstance(content, str) and content.strip()):
        return None, spent
    message: ChatMessage = {"role": "assistant", "content": content or None}
    if calls:
        message["tool_calls"] = calls
    return message, spent


def is_address(model: str) -> bool:
    """Whether a model is named by an endpoint's address."""
    return urlsplit(model).scheme in ("http", "https")


def first_model(base_url: str) -> str:
    """The model that an endpoint names first; UsageError where it names none."""
    try:
        with urllib.request.urlopen(f"{base_url.rstrip('/')}/models", timeout=10) as reply:  # noqa: S310 - an address that the user gave
            return str(json.load(reply)["data"][0]["id"])
    except (urllib.error.URLError, OSError, ValueError, KeyError, IndexError, TypeError) as error:
        raise UsageError(
            f"{base_url} does not say which models it has ({error})",
            hint="name one with --model, and the address with --base-url",
        ) from error
