"""Model clients without a model: they say what comes next from the messages alone."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any, Literal

from autogen_core import CancellationToken, FunctionCall
from autogen_core.models import (
    AssistantMessage,
    ChatCompletionClient,
    CreateResult,
    FunctionExecutionResultMessage,
    LLMMessage,
    ModelInfo,
    RequestUsage,
)
from autogen_core.tools import Tool as AutoGenTool
from autogen_core.tools import ToolSchema
from pydantic import BaseModel

from inftool.core.json_pointer import at_pointer
from inftool.core.step_references import split_references
from inftool.core.types import JsonObject
from inftool.language.values import say
from inftool.scenarios.plan import resolve

_INFO = ModelInfo(
    vision=False,
    function_calling=True,
    json_output=False,
    family="unknown",
    structured_output=False,
    multiple_system_messages=True,
)
_NOTHING = RequestUsage(prompt_tokens=0, completion_tokens=0)


class ScriptedClient(ChatCompletionClient):
    """What both scripted clients share: they cost nothing and know no tokens. Subclasses implement `next(messages)`."""

    def next(self, messages: Sequence[LLMMessage]) -> str | list[FunctionCall]:
        """The next words or calls, from the messages alone."""
        raise TypeError(f"{type(self).__name__} does not say what comes next")

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
        """The next message of the script."""
        content = self.next(messages)
        return CreateResult(
            finish_reason="stop" if isinstance(content, str) else "function_calls",
            content=content,
            usage=_NOTHING,
            cached=False,
        )

    async def _stream(
        self, messages: Sequence[LLMMessage]
    ) -> AsyncGenerator[str | CreateResult, None]:
        result = await self.create(messages)
        if isinstance(result.content, str):
            yield result.content
        yield result

    def create_stream(
        self,
        messages: Sequence[LLMMessage],
        *,
        tools: Sequence[AutoGenTool | ToolSchema] = (),
        tool_choice: AutoGenTool | Literal["auto", "required", "none"] = "auto",
        json_output: bool | type[BaseModel] | None = None,
        extra_create_args: Mapping[str, Any] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """The next message of the script, in one piece."""
        return self._stream(messages)

    async def close(self) -> None:
        """Nothing to close."""

    def actual_usage(self) -> RequestUsage:
        """Nothing: no model is asked."""
        return _NOTHING

    def total_usage(self) -> RequestUsage:
        """Nothing: no model is asked."""
        return _NOTHING

    def count_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[AutoGenTool | ToolSchema] = ()
    ) -> int:
        """Nothing: no model is asked."""
        return 0

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[AutoGenTool | ToolSchema] = ()
    ) -> int:
        """As many as anybody needs."""
        return 1 << 20

    @property
    def capabilities(self) -> ModelInfo:
        """The same as `model_info`, under AutoGen's older name."""
        return _INFO

    @property
    def model_info(self) -> ModelInfo:
        """What the scripted cast can do: call functions, in words of no family."""
        return _INFO


Line = str | tuple[str, JsonObject] | Sequence[tuple[str, JsonObject]]
_SPOT = re.compile(r"\{(s\d+)(/[^{}]*)?\}")


class Lines(ScriptedClient):
    """Says given lines: words, a call `(tool, arguments)`, or several calls at once.

    Calls are counted s1, s2, …; a later argument `{"$from": "s1", "at": "/data/0/id"}` and a later `{s1/data/0/title}` in words are filled in from
    the results (LookupError where there is nothing). After the last line nothing more is said than "Done.".
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = tuple(lines)

    def next(self, messages: Sequence[LLMMessage]) -> str | list[FunctionCall]:
        """The line after those already said."""
        said = sum(isinstance(message, AssistantMessage) for message in messages)
        line = self.lines[said] if said < len(self.lines) else "Done."
        results: dict[str, Any] = {}
        for message in messages:
            if isinstance(message, FunctionExecutionResultMessage):
                for result in message.content:
                    results[result.call_id] = _read(result.content)
        if isinstance(line, str):
            return _SPOT.sub(lambda spot: say(at_pointer(results[spot[1]], spot[2] or "")), line)
        calls = (
            [line]
            if isinstance(line, tuple) and len(line) == 2 and isinstance(line[0], str)
            else list(line)
        )
        return [
            FunctionCall(
                id=f"s{len(results) + number}",
                name=name,
                arguments=json.dumps(
                    resolve(*split_references(arguments), results), ensure_ascii=False
                ),
            )
            for number, (name, arguments) in enumerate(calls, 1)
        ]


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text
