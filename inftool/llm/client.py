"""A model client for any OpenAI-compatible endpoint: AutoGen's interface over a transport."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    ChatCompletionClient,
    CreateResult,
    LLMMessage,
    ModelInfo,
    RequestUsage,
)
from pydantic import BaseModel, ValidationError

from inftool.core.errors import StructuralError, UnfitError
from inftool.llm.chat_protocol import (
    AnyTool,
    CompletionRequest,
    JsonOutput,
    Schemas,
    ToolChoice,
)
from inftool.llm.chat_replies import to_create_result
from inftool.llm.config import Endpoint
from inftool.llm.transport import EndpointTransport
from inftool.llm.usage import Tally

# How often an unfit completion (a call to a tool that was not offered, or with arguments that are
# no JSON object) is asked for again. After that it counts as the model's own mistake, which the
# verdict on the conversation has to see.
MAX_REPAIRS = 5
# For `count_tokens`; the tokenizer of an endpoint is not known.
_CHARACTERS_PER_TOKEN = 4
_MODEL_INFO = ModelInfo(
    vision=False,
    function_calling=True,
    json_output=True,
    family="unknown",
    structured_output=True,
    multiple_system_messages=True,
)
_NO_USAGE = RequestUsage(prompt_tokens=0, completion_tokens=0)


class EndpointClient(ChatCompletionClient):
    """The client of one role in one conversation.

    The transport and the encoded tools are shared by all conversations; given an `Endpoint`, the
    client makes a transport of its own and closes it.

    `create` asks again where that can help. Errors: FatalError if no further call can succeed,
    StructuralError if this one cannot, RetryableError when the tries are used up. `tally` counts
    the tokens spent, those of failed tries included.
    """

    def __init__(
        self, transport: EndpointTransport | Endpoint, *, schemas: Schemas | None = None
    ) -> None:
        self._owns_transport = isinstance(transport, Endpoint)
        self._transport = (
            EndpointTransport(transport) if isinstance(transport, Endpoint) else transport
        )
        self.endpoint = self._transport.endpoint
        self.tally = Tally()
        self._call_ids: set[str] = set()
        self._request = CompletionRequest(self.endpoint, schemas or Schemas())

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[AnyTool] = (),
        tool_choice: ToolChoice = "auto",
        json_output: JsonOutput = None,
        extra_create_args: Mapping[str, object] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """One completion."""
        extra = extra_create_args or {}
        body = self._request.body(messages, tools, tool_choice, json_output, extra)
        repairs = 0

        def read(reply: Any, sent: int) -> CreateResult:
            nonlocal repairs
            result = to_create_result(reply, self.endpoint, sent=sent, offered=bool(tools))
            problem = _problem(result, tools, json_output)
            if problem is None:
                return result
            spent = (result.usage.prompt_tokens, result.usage.completion_tokens)
            if repairs < MAX_REPAIRS:
                repairs += 1
                raise UnfitError(problem, spent=spent)
            if result.finish_reason in ("length", "content_filter"):
                # A wrong call is the model's to answer for. A reply that was cut off is not: it
                # must not be judged as what the model meant to say.
                self.tally.add_wasted(spent)
                self._transport.tally.add_wasted(spent)
                raise StructuralError(
                    f"{self.endpoint.model}: {problem}", hint="a larger max_tokens may help"
                )
            return result

        result, from_cache = await self._transport.ask(body, read, self.tally)
        if from_cache:
            result.cached, result.usage = True, _NO_USAGE
        if not isinstance(result.content, str):
            self._make_ids_unique(result.content)
        for tally in (self.tally, self._transport.tally):
            tally.add_call(result.usage.prompt_tokens, result.usage.completion_tokens)
        return result

    def _make_ids_unique(self, calls: list[FunctionCall]) -> None:
        """Number the ids of calls that an earlier reply had too, in place.

        Some servers count calls from zero in every reply: a second `call_0` -> `call_0-1`.
        """
        for call in calls:
            if call.id in self._call_ids:
                call.id = f"{call.id}-{len(self._call_ids)}"
            self._call_ids.add(call.id)

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[AnyTool] = (),
        tool_choice: ToolChoice = "auto",
        json_output: JsonOutput = None,
        extra_create_args: Mapping[str, object] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """One completion in one piece: nobody watches these conversations word by word."""
        result = await self.create(
            messages,
            tools=tools,
            tool_choice=tool_choice,
            json_output=json_output,
            extra_create_args=extra_create_args or {},
        )
        if isinstance(result.content, str):
            yield result.content
        yield result

    async def close(self) -> None:
        """Close the connections if no other client uses them."""
        if self._owns_transport:
            await self._transport.close()

    def actual_usage(self) -> RequestUsage:
        """Tokens spent so far, as the endpoint counted them."""
        return RequestUsage(
            prompt_tokens=self.tally.prompt_tokens, completion_tokens=self.tally.completion_tokens
        )

    def total_usage(self) -> RequestUsage:
        """Tokens spent so far, as the endpoint counted them."""
        return self.actual_usage()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[AnyTool] = ()) -> int:
        """A rough count of the tokens of messages, from their characters."""
        return sum(len(str(message.content)) for message in messages) // _CHARACTERS_PER_TOKEN

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[AnyTool] = ()
    ) -> int:
        """A number beyond any context: an endpoint answers a context too long with an error."""
        return 1 << 20

    @property
    def capabilities(self) -> ModelInfo:
        """The same as `model_info`, under AutoGen's older name."""
        return _MODEL_INFO

    @property
    def model_info(self) -> ModelInfo:
        """What every endpoint is assumed to be capable of."""
        return _MODEL_INFO


def _problem(result: CreateResult, tools: Sequence[AnyTool], json_output: JsonOutput) -> str | None:
    """What makes a well-formed completion unfit for use; None if nothing does."""
    if result.finish_reason == "length":
        return "the reply was cut off at the most tokens it may have"
    if result.finish_reason == "content_filter":
        return "the endpoint's content filter cut the reply off"
    if isinstance(result.content, str):
        return _json_problem(result.content, json_output) if json_output else None
    names = {_name(tool) for tool in tools}
    for call in result.content:
        if call.name not in names:
            return f"a call to {call.name!r}, which was not offered"
        try:
            if not isinstance(json.loads(call.arguments), dict):
                return f"the arguments of {call.name} are no JSON object"
        except ValueError:
            return f"the arguments of {call.name} are no JSON"
    if len({call.id for call in result.content}) < len(result.content):
        return "two calls share an id"
    return None


def _json_problem(content: str, json_output: bool | type[BaseModel]) -> str | None:
    try:
        if isinstance(json_output, bool):
            json.loads(content)
        else:
            json_output.model_validate_json(content)
    except (ValueError, ValidationError) as error:
        return f"not the JSON that was asked for: {str(error)[:200]}"
    return None


def _name(tool: AnyTool) -> str:
    schema = tool if isinstance(tool, dict) else tool.schema
    return schema["name"]
