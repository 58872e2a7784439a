"""Model clients without a model: what they say depends on the messages alone."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping, Sequence

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

from inftool.core.json_pointer import at_pointer
from inftool.core.step_references import split_references
from inftool.core.types import JsonObject
from inftool.language.values import say
from inftool.llm.chat_protocol import AnyTool, JsonOutput, ToolChoice
from inftool.scenarios.plan import resolve

# AutoGen's own agents look at this before they offer tools.
_INFO = ModelInfo(
    vision=False,
    function_calling=True,
    json_output=False,
    family="unknown",
    structured_output=False,
    multiple_system_messages=True,
)
_NO_USAGE = RequestUsage(prompt_tokens=0, completion_tokens=0)


class ScriptedClient(ChatCompletionClient):
    """A model client that costs nothing and counts no tokens.

    Subclasses implement `next(messages)`: the text or the calls of the next message.
    """

    def next(self, messages: Sequence[LLMMessage]) -> str | list[FunctionCall]:
        """The next text or calls, from the messages alone."""
        raise TypeError(f"{type(self).__name__} does not say what comes next")

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
        """The next message of the script."""
        content = self.next(messages)
        return CreateResult(
            finish_reason="stop" if isinstance(content, str) else "function_calls",
            content=content,
            usage=_NO_USAGE,
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
        tools: Sequence[AnyTool] = (),
        tool_choice: ToolChoice = "auto",
        json_output: JsonOutput = None,
        extra_create_args: Mapping[str, object] | None = None,
        cancellation_token: CancellationToken | None = None,
    ) -> AsyncGenerator[str | CreateResult, None]:
        """The next message of the script, in one piece."""
        return self._stream(messages)

    async def close(self) -> None:
        """Nothing to close."""

    def actual_usage(self) -> RequestUsage:
        """Nothing: no model is asked."""
        return _NO_USAGE

    def total_usage(self) -> RequestUsage:
        """Nothing: no model is asked."""
        return _NO_USAGE

    def count_tokens(self, messages: Sequence[LLMMessage], *, tools: Sequence[AnyTool] = ()) -> int:
        """Nothing: no model is asked."""
        return 0

    def remaining_tokens(
        self, messages: Sequence[LLMMessage], *, tools: Sequence[AnyTool] = ()
    ) -> int:
        """More than any script needs."""
        # A script has no context that could fill up; AutoGen asks for a number all the same.
        return 1 << 20

    @property
    def capabilities(self) -> ModelInfo:
        """The same as `model_info`, under AutoGen's older name."""
        return _INFO

    @property
    def model_info(self) -> ModelInfo:
        """What a script can do: call functions. It belongs to no family of models."""
        return _INFO


Line = str | tuple[str, JsonObject] | Sequence[tuple[str, JsonObject]]
"""A text, a call `(tool, arguments)`, or several calls at once."""

# "{s1/data/0/title}" -> the step and the JSON pointer into its result.
_PLACEHOLDER = re.compile(r"\{(s\d+)(/[^{}]*)?\}")


class Lines(ScriptedClient):
    """Says given lines one after another, and "Done." after the last.

    Calls are counted s1, s2, … Later lines can take values from their results: arguments by
    `{"$from": "s1", "at": "/data/0/id"}`, texts by `{s1/data/0/title}`. LookupError if there is no
    such result or value.
    """

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = tuple(lines)

    def next(self, messages: Sequence[LLMMessage]) -> str | list[FunctionCall]:
        """The line after those already said."""
        count = sum(isinstance(message, AssistantMessage) for message in messages)
        line = self.lines[count] if count < len(self.lines) else "Done."
        # The ids of the calls are s1, s2, …, so results can be looked up by them.
        results: dict[str, object] = {}
        for message in messages:
            if isinstance(message, FunctionExecutionResultMessage):
                for result in message.content:
                    results[result.call_id] = _decoded(result.content)
        if isinstance(line, str):
            return _PLACEHOLDER.sub(
                lambda match: say(at_pointer(results[match[1]], match[2] or "")), line
            )
        # Two calls in a tuple are two items as well, but the first of them is no string.
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


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return text
