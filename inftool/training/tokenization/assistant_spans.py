"""Which tokens of a conversation the assistant wrote, under a Jinja chat template."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Protocol, cast

from inftool.core.chat import ChatMessage
from inftool.core.errors import TrainingError
from inftool.export.sample import Sample
from inftool.training._optional import require
from inftool.training.tokenization.protocol import AssistantSpans, RenderError
from inftool.training.tokenization.tokenizer import Tokenizer


class Render(Protocol):
    """Makes text of messages."""

    def __call__(self, messages: Sequence[ChatMessage], *, reply: bool) -> str:
        """The text of a conversation, with `reply` up to where the assistant goes on."""


def has_generation_blocks(template: str) -> bool:
    """Whether a template marks what the assistant says: `{% generation %}` of transformers."""
    return "{%- generation" in template or "{% generation" in template


def by_generation_blocks(tokenizer: Tokenizer, template: str, sample: Sample) -> AssistantSpans:
    """The spans that the template marks; RenderError where it refuses the conversation."""
    try:
        rendered = tokenizer.apply_chat_template(
            [*sample.messages],
            tools=list(sample.tools) or None,
            chat_template=template,
            return_dict=True,
            return_assistant_tokens_mask=True,
        )
    except require("jinja2").TemplateError as error:
        raise RenderError(f"the chat template refuses the conversation: {error}") from error
    # With `return_dict` the result is a mapping, never a text.
    columns = cast("dict[str, list[int]]", rendered)
    return AssistantSpans(list(columns["input_ids"]), _runs(columns["assistant_masks"]))


def by_added_text(
    tokenizer: Tokenizer, messages: Sequence[ChatMessage], render: Render
) -> AssistantSpans:
    """The tokens of what each message adds behind the words that ask for it, end token included.

    TrainingError where a longer conversation does not begin with the text of its beginning.
    """
    # The text is rendered once more for every message; that is only done before training.
    whole = render(messages, reply=False)
    stretches: list[tuple[int, int]] = []
    for index, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        before = render(messages[:index], reply=True)
        # The line break behind the end token is the template's, not the model's.
        after = render(messages[: index + 1], reply=False).rstrip()
        if not (whole.startswith(after) and after.startswith(before)):
            raise TrainingError(
                "the chat template does not begin a conversation as it begins its start",
                hint="give its tokenizer one that does",
            )
        stretches.append((len(before), len(after)))
    encoding = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
    spans = []
    for start, end in stretches:
        # Tokens of no width, such as an added space, belong to nobody.
        inside = [
            index
            for index, (first, last) in enumerate(encoding.offset_mapping)
            if start <= first < last <= end
        ]
        spans.append((inside[0], inside[-1] + 1))
    return AssistantSpans(list(encoding.input_ids), spans)


def _runs(mask: Sequence[int]) -> list[tuple[int, int]]:
    """Where the runs of ones begin and end: [0, 1, 1, 0, 1] -> [(1, 3), (4, 5)]"""
    runs = []
    for is_marked, group in groupby(enumerate(mask), key=lambda item: bool(item[1])):
        if is_marked:
            indices = [index for index, _ in group]
            runs.append((indices[0], indices[-1] + 1))
    return runs
