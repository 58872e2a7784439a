"""What a way to put conversations into tokens has to offer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol

from inftool.core.chat import ChatMessage, ToolSpec
from inftool.core.errors import TrainingError
from inftool.export.sample import Sample
from inftool.training.tokenization.call_styles import CallStyle
from inftool.training.tokenization.tokenizer import Tokenizer


class RenderError(TrainingError):
    """A conversation that a model's chat template or vocabulary cannot express.

    Some templates refuse two calls in one message, for example.
    """


class AssistantSpans(NamedTuple):
    """A whole conversation as tokens, and which of them the assistant wrote."""

    input_ids: list[int]
    """The ids of all tokens."""

    spans: list[tuple[int, int]]
    """Of each message of the assistant: its first token and the one after its last."""


class Tokenization(Protocol):
    """A way to put conversations into tokens. The template says which one a model uses.

    `template` is what `training_template` returned for the same tokenizer.
    """

    name: str
    """Identifies it, such as "slots"."""

    def handles(self, template: str | None) -> bool:
        """Whether models with this chat template (None: with none) use this tokenization."""

    def training_template(self, tokenizer: Tokenizer, template: str | None) -> str:
        """The template to train and generate with, from the tokenizer's own."""

    def call_style(self, tokenizer: Tokenizer, template: str) -> CallStyle | None:
        """How the model writes calls; None if that cannot be read back."""

    def end_tokens(
        self, tokenizer: Tokenizer, template: str, named: Collection[int]
    ) -> tuple[int, ...]:
        """The ids that end a message; `named` are those that the model's folder names."""

    def render(
        self,
        tokenizer: Tokenizer,
        template: str,
        messages: Sequence[ChatMessage],
        tools: Sequence[ToolSpec],
        *,
        reply: bool,
    ) -> str:
        """A conversation as text, with `reply` up to where the assistant goes on.

        RenderError where that cannot be.
        """

    def assistant_spans(
        self, tokenizer: Tokenizer, template: str, sample: Sample
    ) -> AssistantSpans:
        """A sample as tokens, with what the assistant wrote; or RenderError."""

    def parse(
        self,
        tokenizer: Tokenizer,
        style: CallStyle,
        ids: Sequence[int],
        messages: Sequence[ChatMessage],
        tools: Sequence[ToolSpec],
    ) -> ChatMessage | None:
        """Generated tokens, without the end token, as a message; None if they make no sense.

        `messages` are those before it.
        """
