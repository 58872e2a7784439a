"""A model client for any OpenAI-compatible endpoint, hosted or local: openai's own client and retries, over aiohttp."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

import httpx2
from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import ChatCompletionClient, CreateResult, LLMMessage, ModelInfo, RequestUsage
from autogen_core.tools import Tool as AutoGenTool
from autogen_core.tools import ToolSchema
from openai import (
    APIConnectionError,
    APIResponseValidationError,
    APIStatusError,
    AsyncOpenAI,
    AuthenticationError,
    DefaultAioHttpClient,
    OpenAIError,
    PermissionDeniedError,
)
from pydantic import BaseModel

from inftool.agents.assistant import openai_messages
from inftool.agents.cast import Endpoint
from inftool.errors import CastError
from inftool.records import JsonObject

ATTEMPTS = 4
_INFO = ModelInfo(vision=False, function_calling=True, json_output=True, family="unknown", structured_output=True, multiple_system_messages=True)


class EndpointClient(ChatCompletionClient):
    """AutoGen's seam over an OpenAI-compatible endpoint; one instance serves every conversation.

    A reply with broken JSON or without choices is asked for again, as openai does for 429, 5xx and lost connections. What cannot be mended by
    asking again raises CastError, `fatal` where it is the key.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        key = os.environ.get(endpoint.key_env)
        if not key and endpoint.base_url is None:
            raise CastError(f"no API key: {endpoint.key_env} is not set", hint="set it, or give --base-url of a local server", fatal=True)
        self.endpoint = endpoint
        self._total = RequestUsage(prompt_tokens=0, completion_tokens=0)
        self._client = AsyncOpenAI(
            api_key=key or "none", base_url=endpoint.base_url, timeout=endpoint.timeout, max_retries=ATTEMPTS - 1, http_client=DefaultAioHttpClient()
        )

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[AutoGenTool | ToolSchema] = (),
        tool_choice: AutoGenTool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """One completion."""
        body = self._body(messages, tools, tool_choice, json_output, extra_create_args or {})
        problem = "it did not answer"
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(min(8.0, 0.25 * 2**attempt))
            try:
                return self._result(await self._post(body))
            except (KeyError, IndexError, TypeError, ValueError, httpx2.HTTPError) as error:
                problem = f"{type(error).__name__}: {error}"
        raise CastError(f"{self.endpoint.model}: {ATTEMPTS} replies in a row were no completion ({problem})")

    async def _post(self, body: JsonObject) -> Any:
        try:
            # `cast_to=object` keeps openai's retries and errors and leaves out its response models, which cost more than the rest together.
            return await self._client.post("/chat/completions", body=body, cast_to=object)
        except (AuthenticationError, PermissionDeniedError) as error:
            raise CastError(
                f"{self.endpoint.model}: the endpoint refuses the key in {self.endpoint.key_env} ({error.status_code})", fatal=True
            ) from error
        except APIStatusError as error:
            raise CastError(f"{self.endpoint.model}: HTTP {error.status_code}: {str(error.message)[:300]}") from error
        except APIConnectionError as error:
            raise CastError(f"{self.endpoint.model}: no answer from {self._client.base_url.host}: {error}") from error
        except APIResponseValidationError as error:
            raise ValueError(f"no JSON: {error}") from error
        except OpenAIError as error:
            raise CastError(f"{self.endpoint.model}: {type(error).__name__}: {str(error)[:300]}") from error

    def _body(
        self,
        messages: Sequence[LLMMessage],
        tools: Sequence[AutoGenTool | ToolSchema],
        tool_choice: AutoGenTool | Literal["auto", "required", "none"],
        json_output: bool | type[BaseModel] | None,
        extra: Mapping[str, Any],
    ) -> JsonObject:
        body: JsonObject = {"model": self.endpoint.model, "messages": openai_messages(messages)}
        for key in ("temperature", "seed", "max_tokens"):
            if (value := getattr(self.endpoint, key)) is not None:
                body[key] = value
        if tools:
            body["tools"] = [_function(tool) for tool in tools]
            body["tool_choice"] = tool_choice if isinstance(tool_choice, str) else {"type": "function", "function": {"name": tool_choice.name}}
        if json_output is True:
            body["response_format"] = {"type": "json_object"}
        elif isinstance(json_output, type):
            schema = {"name": json_output.__name__, "schema": json_output.model_json_schema()}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return body | dict(extra)

    def _result(self, reply: Any) -> CreateResult:
        """A reply as AutoGen's record; KeyError, IndexError, TypeError or ValueError where it is no completion."""
        if isinstance(reply, str):
            reply = json.loads(reply)
        choice = reply["choices"][0]
        message = choice["message"]
        usage = reply.get("usage") or {}
        spent = RequestUsage(prompt_tokens=int(usage.get("prompt_tokens") or 0), completion_tokens=int(usage.get("completion_tokens") or 0))
        self._total = RequestUsage(
            prompt_tokens=self._total.prompt_tokens + spent.prompt_tokens, completion_tokens=self._total.completion_tokens + spent.completion_tokens
        )
        thought = message.get("reasoning_content") or message.get("reasoning") or None
        if calls := message.get("tool_calls"):
            content: str | list[FunctionCall] = [
                FunctionCall(id=str(call["id"]), name=str(call["function"]["name"]), arguments=str(call["function"].get("arguments") or "{}"))
                for call in calls
            ]
            thought = message.get("content") or thought
            return CreateResult(finish_reason="function_calls", content=content, usage=spent, cached=False, thought=thought)
        if not isinstance(message.get("content"), str) or not message["content"].strip():
            raise ValueError("an empty message")
        finish: Literal["stop", "length"] = "length" if choice.get("finish_reason") == "length" else "stop"
        return CreateResult(finish_reason=finish, content=message["content"], usage=spent, cached=False, thought=thought)

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[AutoGenTool | ToolSchema] = (),
        tool_choice: AutoGenTool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """One completion in one piece: nobody watches these conversations word by word."""
        result = await self.create(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            extra_create_args=extra_create_args or {},
            cancellation_token=cancellation_token,
        )
        if isinstance(result.content, str):
            yield result.content
        yield result

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    def actual_usage(self) -> RequestUsage:
        """Tokens spent so far, as the endpoint counted them."""
        return self._total

    def total_usage(self) -> RequestUsage:
        """Tokens spent so far, as the endpoint counted them."""
        return self._total

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[AutoGenTool | ToolSchema] = ()) -> int:
        """A rough count, four characters a token: the endpoint's tokenizer is not known."""
        return sum(len(str(message.content)) for message in messages) // 4

    def remaining_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[AutoGenTool | ToolSchema] = ()) -> int:
        """As many as the endpoint takes: it answers with an error where a context is too long."""
        return 1 << 20

    @property
    def capabilities(self) -> ModelInfo:
        """The same as `model_info`, under AutoGen's older name."""
        return _INFO

    @property
    def model_info(self) -> ModelInfo:
        """What any endpoint is taken to be able to do."""
        return _INFO


def _function(tool: AutoGenTool | ToolSchema) -> JsonObject:
    schema: Any = tool if isinstance(tool, dict) else tool.schema
    return {"type": "function", "function": {key: schema[key] for key in ("name", "description", "parameters") if key in schema}}
