"""Conversations in the closed vocabulary of the tiny model, as a tokenization."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.export.sample import Sample
from inftool.training.tokenization.call_styles import CallStyle, read_message
from inftool.training.tokenization.protocol import AssistantSpans, RenderError
from inftool.training.tokenization.slots.conversation import SlotConversation
from inftool.training.tokenization.slots.vocabulary import ASSISTANT, SLOT_TEMPLATE, UNKNOWN
from inftool.training.tokenization.tokenizer import Tokenizer


class SlotTokenization:
    """Conversations by `SlotConversation`; the template is only the mark of such a model."""

    name = "slots"

    def handles(self, template: str | None) -> bool:
        """Whether the template is the mark of a slot model."""
        return template is not None and template.startswith(SLOT_TEMPLATE)

    def training_template(self, tokenizer: Tokenizer, template: str | None) -> str:
        """The mark itself."""
        return template or SLOT_TEMPLATE

    def call_style(self, tokenizer: Tokenizer, template: str) -> CallStyle:
        """Calls are decoded into the Hermes style."""
        return "hermes"

    def end_tokens(
        self, tokenizer: Tokenizer, template: str, named: Collection[int]
    ) -> tuple[int, ...]:
        """The one end token of the vocabulary."""
        end = tokenizer.eos_token_id
        return (end,) if end is not None else ()

    def render(
        self,
        tokenizer: Tokenizer,
        template: str,
        messages: Sequence[ChatMessage],
        tools: Sequence[ToolSpec],
        *,
        reply: bool,
    ) -> str:
        """The tokens, separated by blanks."""
        tokens = SlotConversation(messages, tools).tokens()
        is_asking = tokens[-1:] == [ASSISTANT]
        return " ".join(tokens[:-1] if is_asking and not reply else tokens)

    def assistant_spans(
        self, tokenizer: Tokenizer, template: str, sample: Sample
    ) -> AssistantSpans:
        """Turn by turn; RenderError where something that the assistant says has no token."""
        ids: list[int] = []
        spans: list[tuple[int, int]] = []
        for role, tokens in SlotConversation(sample.messages, sample.tools).turns:
            if role == "assistant":
                if UNKNOWN in tokens:
                    raise RenderError("the assistant says something that stands in no slot")
                spans.append((len(ids), len(ids) + len(tokens)))
            ids += tokenizer.convert_tokens_to_ids(tokens)
        return AssistantSpans(ids, spans)

    def parse(
        self,
        tokenizer: Tokenizer,
        style: CallStyle,
        ids: Sequence[int],
        messages: Sequence[ChatMessage],
        tools: Sequence[ToolSpec],
    ) -> ChatMessage | None:
        """The tokens decoded with the slots of the conversation so far."""
        tokens = tokenizer.convert_ids_to_tokens(list(ids))
        text = SlotConversation(messages, tools).decode(tokens)
        return read_message(text) if text is not None else None
