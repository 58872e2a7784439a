"""Conversations as tokens, in whichever way a model has: the registry of tokenizations, and the
encoding of training samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.errors import TrainingError
from inftool.export.sample import Sample
from inftool.training.tokenization.chat_template import ChatTemplateTokenization
from inftool.training.tokenization.protocol import Tokenization
from inftool.training.tokenization.slots.tokenization import SlotTokenization
from inftool.training.tokenization.tokenizer import Tokenizer

TOKENIZATIONS: tuple[Tokenization, ...] = (SlotTokenization(), ChatTemplateTokenization())
"""The first that handles a template is used; the last handles all of them."""

IGNORED_LABEL = -100
"""The label of tokens that are not learned from; the default `ignore_index` of torch's loss."""


class Encoded(NamedTuple):
    """A training sample as tokens."""

    input_ids: list[int]
    """The ids of all tokens."""

    labels: list[int]
    """The same ids, and IGNORED_LABEL wherever nothing is to be learned."""


def tokenization_for(template: str | None) -> Tokenization:
    """The tokenization of models with this chat template; None for a model without one."""
    return next(item for item in TOKENIZATIONS if item.handles(template))


def render(
    tokenizer: Tokenizer,
    template: str,
    messages: Sequence[ChatMessage],
    tools: Sequence[ToolSpec],
    *,
    reply: bool = True,
) -> str:
    """A conversation as the text that a model is given.

    With `reply` it goes up to where the assistant goes on. RenderError where the template cannot
    express the conversation.
    """
    tokenization = tokenization_for(template)
    return tokenization.render(tokenizer, template, messages, tools, reply=reply)


def encode(tokenizer: Tokenizer, template: str, sample: Sample, max_length: int) -> Encoded | None:
    """A sample as tokens, with labels for what the assistant wrote in messages to learn from.

    None where it is longer than `max_length` tokens or nothing of it is to be learned; RenderError
    where the template cannot express it.
    """
    ids, spans = tokenization_for(template).assistant_spans(tokenizer, template, sample)
    learn = [
        is_learned
        for message, is_learned in zip(sample.messages, sample.learn, strict=True)
        if message["role"] == "assistant"
    ]
    if len(spans) != len(learn):
        raise TrainingError(
            f"the chat template marks {len(spans)} messages of the assistant "
            f"where there are {len(learn)}"
        )
    # Whole messages are learned or not: the verdict judges them one by one.
    labels = [IGNORED_LABEL] * len(ids)
    for (start, end), is_learned in zip(spans, learn, strict=True):
        if is_learned:
            labels[start:end] = ids[start:end]
    if len(ids) > max_length or not any(learn):
        return None
    return Encoded(ids, labels)
