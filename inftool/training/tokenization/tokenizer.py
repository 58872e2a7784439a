"""What is used of a tokenizer of transformers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, overload

from inftool.core.chat import ChatMessage, ToolSpec


class Encoding(Protocol):
    """A text as tokens."""

    input_ids: list[int]
    """The ids of the tokens."""

    @property
    def offset_mapping(self) -> list[tuple[int, int]]:
        """Where each token begins and ends in the text; only there if it was asked for."""


class Tokenizer(Protocol):
    """A `PreTrainedTokenizerBase`, as far as it is used here; transformers is an optional extra."""

    chat_template: str | dict[str, str] | None
    """A Jinja template, or several by name, such as `default` and `tool_use`."""

    name_or_path: str
    """Where it was loaded from."""

    pad_token: str | None
    """The text of the token that fills up shorter rows of a batch."""

    pad_token_id: int
    """The id of that token."""

    eos_token: str
    """The text of the token that ends a message."""

    eos_token_id: int | None
    """The id of that token."""

    unk_token_id: int | None
    """The id of the token for unknown words, if the vocabulary has one."""

    padding_side: str
    """`left` or `right`; models that generate need `left`."""

    def __len__(self) -> int: ...

    def __call__(
        self,
        text: str,
        *,
        add_special_tokens: bool = True,
        return_offsets_mapping: bool = False,
    ) -> Encoding:
        """A text as tokens."""

    def apply_chat_template(
        self,
        conversation: Sequence[ChatMessage],
        *,
        tools: Sequence[ToolSpec] | None,
        chat_template: str | None,
        tokenize: bool = True,
        add_generation_prompt: bool = False,
        return_dict: bool = False,
        return_assistant_tokens_mask: bool = False,
    ) -> Mapping[str, list[int]] | str:
        """A conversation as tokens by the name of what they are, or as text."""

    def decode(self, token_ids: Sequence[int], *, skip_special_tokens: bool = False) -> str:
        """Tokens as text."""

    @overload
    def convert_tokens_to_ids(self, tokens: str) -> int | None: ...
    @overload
    def convert_tokens_to_ids(self, tokens: list[str]) -> list[int]: ...

    def convert_ids_to_tokens(self, ids: list[int]) -> list[str]:
        """The tokens of some ids."""

    def save_pretrained(self, save_directory: str) -> object:
        """Write it into a folder."""
