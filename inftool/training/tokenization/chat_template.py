"""Conversations as the text that a Jinja chat template makes of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Collection, Sequence
from importlib.resources import files
from typing import cast

from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import MissingExtra
from inftool.core.types import JsonObject
from inftool.export.sample import Sample
from inftool.training._optional import require
from inftool.training.tokenization.assistant_spans import (
    by_added_text,
    by_generation_blocks,
    has_generation_blocks,
)
from inftool.training.tokenization.call_styles import CallStyle, detect_call_style, read_message
from inftool.training.tokenization.protocol import AssistantSpans, RenderError
from inftool.training.tokenization.tokenizer import Tokenizer

DEFAULT_TEMPLATE = (
    files("inftool.training.tokenization").joinpath("chatml_hermes.jinja").read_text("utf-8")
)
"""For models without a template that writes calls: ChatML with calls in the Hermes style.

A longer conversation begins with the text of its beginning, which rollouts rely on."""

_PROBE = "A probe."
# Mistral's templates refuse call ids that are not nine letters and digits.
_SHORT_ID = 9


class ChatTemplateTokenization:
    """Conversations as text by a chat template. It handles every template that no other does."""

    name = "chat-template"

    def handles(self, template: str | None) -> bool:
        """True: any template, and none."""
        return True

    def training_template(self, tokenizer: Tokenizer, template: str | None) -> str:
        """TRL's variant that marks what the assistant says, the template itself, or our own.

        Ours is taken for models without a template and for templates that leave calls out.
        """
        if template is None or not self._writes_calls(tokenizer, template):
            return DEFAULT_TEMPLATE
        if has_generation_blocks(template):
            return template
        try:
            variant = require("trl.chat_template_utils").get_training_chat_template(
                processing_class=tokenizer
            )
        except (ValueError, MissingExtra):
            # TRL knows no variant of it. What the assistant says is then found by what each
            # message adds to the text.
            return template
        return str(variant or template)

    def _writes_calls(self, tokenizer: Tokenizer, template: str) -> bool:
        """Whether a template shows a call at all, whether or not we can read it."""
        call: ToolCallMessage = {
            "id": "probe0001",
            "type": "function",
            "function": {"name": "probe_tool", "arguments": {}},
        }
        messages: list[ChatMessage] = [
            {"role": "user", "content": _PROBE},
            {"role": "assistant", "content": "", "tool_calls": [call]},
        ]
        try:
            return "probe_tool" in self.render(tokenizer, template, messages, [], reply=False)
        except RenderError:
            # It does something with calls, if only refuse this one.
            return True

    def call_style(self, tokenizer: Tokenizer, template: str) -> CallStyle | None:
        """The style of the calls that the template writes; None if we cannot read it."""
        try:
            return detect_call_style(
                lambda messages, tools: self.render(
                    tokenizer, template, messages, tools, reply=False
                )
            )
        except RenderError:
            return None

    def end_tokens(
        self, tokenizer: Tokenizer, template: str, named: Collection[int]
    ) -> tuple[int, ...]:
        """What the template writes behind a message, the tokenizer's end token, and `named`."""
        messages: list[ChatMessage] = [
            {"role": "user", "content": "Hello."},
            {"role": "assistant", "content": _PROBE},
        ]
        text = self.render(tokenizer, template, messages, [], reply=False)
        ending = text[text.rfind(_PROBE) + len(_PROBE) :]
        # Only the first token ends the message; a line break often follows it.
        ids = tokenizer(ending, add_special_tokens=False).input_ids
        candidates = [*ids[:1], tokenizer.eos_token_id, *named]
        return tuple(dict.fromkeys(token for token in candidates if isinstance(token, int)))

    def render(
        self,
        tokenizer: Tokenizer,
        template: str,
        messages: Sequence[ChatMessage],
        tools: Sequence[ToolSpec],
        *,
        reply: bool,
    ) -> str:
        """The text that the template makes of a conversation; RenderError where it refuses it."""
        rows = [_with_objects(message) for message in messages]
        # Mistral's templates are known by the mark of their calls.
        if "TOOL_CALLS" in template:
            rows = [_with_short_ids(row) for row in rows]
        try:
            text = tokenizer.apply_chat_template(
                rows,
                tools=list(tools) or None,
                chat_template=template,
                tokenize=False,
                add_generation_prompt=reply,
            )
        except require("jinja2").TemplateError as error:
            raise RenderError(f"the chat template refuses the conversation: {error}") from error
        return str(text)

    def assistant_spans(
        self, tokenizer: Tokenizer, template: str, sample: Sample
    ) -> AssistantSpans:
        """By the template's own marks if it has them, otherwise by what each message adds."""
        if has_generation_blocks(template):
            return by_generation_blocks(tokenizer, template, sample)

        def render(messages: Sequence[ChatMessage], *, reply: bool) -> str:
            return self.render(tokenizer, template, messages, sample.tools, reply=reply)

        return by_added_text(tokenizer, sample.messages, render)

    def parse(
        self,
        tokenizer: Tokenizer,
        style: CallStyle,
        ids: Sequence[int],
        messages: Sequence[ChatMessage],
        tools: Sequence[ToolSpec],
    ) -> ChatMessage | None:
        """The text of the tokens, read in the style of the model's calls."""
        # Special tokens stay: some styles mark their calls with them.
        return read_message(tokenizer.decode(ids, skip_special_tokens=False), style, tools)


def _with_objects(message: ChatMessage) -> ChatMessage:
    """Arguments as objects if they parse, since templates write a text as a text; content never
    None, since they write that as "None"."""
    if not message.get("tool_calls"):
        return message if message.get("content") is not None else {**message, "content": ""}
    calls: list[ToolCallMessage] = []
    for call in message["tool_calls"]:
        function = call["function"]
        arguments = _parsed(function["arguments"])
        calls.append({**call, "function": {**function, "arguments": arguments}})
    return {**message, "content": message.get("content") or "", "tool_calls": calls}


def _parsed(arguments: str | JsonObject) -> str | JsonObject:
    """Arguments read from their text; what is not JSON is left as the model wrote it."""
    if isinstance(arguments, str):
        with contextlib.suppress(ValueError):
            parsed: JsonObject = json.loads(arguments)
            return parsed
    return arguments


def _with_short_ids(message: ChatMessage) -> ChatMessage:
    """Call ids of nine letters and digits: "call_0" -> the start of its hash."""
    if "tool_call_id" in message:
        return {**message, "tool_call_id": _short_id(message["tool_call_id"])}
    if calls := message.get("tool_calls"):
        short = [{**call, "id": _short_id(call.get("id", ""))} for call in calls]
        # The spread of a TypedDict loses its type.
        return {**message, "tool_calls": cast(list[ToolCallMessage], short)}
    return message


def _short_id(name: str) -> str:
    if len(name) == _SHORT_ID and name.isalnum():
        return name
    return hashlib.sha256(name.encode()).hexdigest()[:_SHORT_ID]
