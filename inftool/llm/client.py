"""A model client for any OpenAI-compatible endpoint, hosted or local: AutoGen's seam over a `Link`."""

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
from autogen_core.tools import ToolSchema
from pydantic import BaseModel, ValidationError

from inftool.core.errors import StructuralError, UnfitError
from inftool.core.types import JsonObject
from inftool.llm.chat_protocol import AnyTool, CompletionRequest, Schemas, ToolChoice, result_of
from inftool.llm.config import Endpoint
from inftool.llm.transport import EndpointTransport
from inftool.llm.usage import Tally

# A call to a tool that was not offered, or with arguments that are no JSON object, is asked for again this often; then it is the model's own mistake.
MENDS = 5
_INFO = ModelInfo(
    vision=False,
    function_calling=True,
    json_output=True,
    family="unknown",
    structured_output=True,
    multiple_system_messages=True,
)
_NOTHING = RequestUsage(prompt_tokens=0, completion_tokens=0)


class EndpointClient(ChatCompletionClient):
    """One role's client in one play; the line to the endpoint and the tools' JSON are shared by all plays.

    What can be mended by asking again is asked again. Errors: FatalError where no further call can succeed, StructuralError where this one cannot,
    RetryableError when the tries are used up. `tally` counts what it cost, wasted tries included.
    """

    def __init__(
        self, line: EndpointTransport | Endpoint, *, schemas: Schemas | None = None
    ) -> None:
        self._own = isinstance(line, Endpoint)
        self._link = EndpointTransport(line) if isinstance(line, Endpoint) else line
        self.endpoint = self._link.endpoint
        self.tally = Tally()
        self._ids: set[str] = set()
        self._request = CompletionRequest(self.endpoint, schemas or Schemas())

    async def create(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[AnyTool] = (),
        tool_choice: ToolChoice = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> CreateResult:
        """One completion."""
        extra: JsonObject = dict(extra_create_args or {})
        body = self._request.body(messages, tools, tool_choice, json_output, extra)
        mends = 0

        def read(reply: Any, sent: int) -> CreateResult:
            nonlocal mends
            result = result_of(reply, self.endpoint, sent=sent, offered=bool(tools))
            if problem := _problem(result, tools, json_output):
                spent = (result.usage.prompt_tokens, result.usage.completion_tokens)
                if mends < MENDS:
                    mends += 1
                    raise UnfitError(problem, spent=spent)
                if result.finish_reason in ("length", "content_filter"):
                    # What a model says wrongly is judged; what it could not say to the end must not be taken for what it says.
                    self.tally.wasted(spent)
                    self._link.spent.wasted(spent)
                    raise StructuralError(
                        f"{self.endpoint.model}: {problem}", hint="a larger max_tokens may help"
                    )
            return result

        result, kept = await self._link.ask(body, read, self.tally)
        if kept:
            result.cached, result.usage = True, _NOTHING
        if not isinstance(result.content, str):
            self._tell_apart(result.content)
        for tally in (self.tally, self._link.spent):
            tally.spent(result.usage.prompt_tokens, result.usage.completion_tokens)
        return result

    def _tell_apart(self, calls: list[FunctionCall]) -> None:
        """Some servers count calls from zero in every reply: an id that was there before gets a number."""
        for call in calls:
            if call.id in self._ids:
                call.id = f"{call.id}-{len(self._ids)}"
            self._ids.add(call.id)

    async def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[AnyTool] = (),
        tool_choice: ToolChoice = "auto",
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
        )
        if isinstance(result.content, str):
            yield result.content
        yield result

    async def close(self) -> None:
        """Close the connections, where they are its own."""
        if self._own:
            await self._link.close()

    def actual_usage(self) -> RequestUsage:
        """Tokens spent so far, as the endpoint counted them."""
        return RequestUsage(
            prompt_tokens=self.tally.prompt_tokens, completion_tokens=self.tally.completion_tokens
        )

    def total_usage(self) -> RequestUsage:
        """Tokens spent so far, as the endpoint counted them."""
        return self.actual_usage()

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[AnyTool] = ()) -> int:
        """A rough count, four characters a token: the endpoint's tokenizer is not known."""
        return sum(len(str(message.content)) for message in messages) // 4

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[AnyTool] = ()
    ) -> int:
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


def _problem(
    result: CreateResult, tools: Sequence[AnyTool], wanted: bool | type[BaseModel] | None
) -> str | None:
    """What is wrong with a reply that is well-formed as such."""
    if result.finish_reason == "length":
        return "the reply was cut off at the most tokens it may have"
    if result.finish_reason == "content_filter":
        return "the endpoint's content filter cut the reply off"
    if isinstance(result.content, str):
        return _unfit(result.content, wanted) if wanted else None
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


def _unfit(content: str, wanted: bool | type[BaseModel]) -> str | None:
    try:
        if isinstance(wanted, bool):
            json.loads(content)
        else:
            wanted.model_validate_json(content)
    except (ValueError, ValidationError) as error:
        return f"not the JSON that was asked for: {str(error)[:200]}"
    return None


def _name(tool: AnyTool) -> str:
    schema: ToolSchema = tool if isinstance(tool, dict) else tool.schema
    return schema["name"]
