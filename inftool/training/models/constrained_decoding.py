"""Schema-constrained decoding for models with a chat template.

A model may write words, or calls of offered tools with arguments of their schemas, and nothing
else. llguidance compiles the grammar; it works through a logits processor of transformers, in
training and in evaluation alike. That decoding was constrained always shows in `decoding`: the
share of exact episodes then says nothing about whether the model knows the format.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inftool.core.chat import ToolSpec
from inftool.core.errors import TrainingError
from inftool.core.json_values import canonical
from inftool.training._optional import require
from inftool.training.environment.environment import Environment
from inftool.training.models.call_grammar import CallGrammar
from inftool.training.models.loading import LoadedModel
from inftool.training.models.logits import Tensor


class GrammarConstraint:
    """What one model may write, as a grammar for each set of tools."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._guidance = require("llguidance")
        self._tokenizer = require("llguidance.hf").from_tokenizer(
            loaded.tokenizer,
            n_vocab=loaded.model.get_input_embeddings().num_embeddings,
            eos_token=list(loaded.end_tokens),
        )
        self._grammar = CallGrammar(loaded.style, loaded.tokenizer, self._compiles)
        # Compiling takes far longer than a step; the same tools come again in every message.
        self._matchers: dict[str, Any] = {}

    @property
    def loosened(self) -> set[str]:
        """Tools whose schemas cannot be compiled; any object will do as their arguments."""
        return self._grammar.loosened

    def processor_for(self, environments: Sequence[Environment]) -> MatcherProcessor:
        """A logits processor for the next message in each of some environments."""
        return self.processor([environment.tools() for environment in environments])

    def processor(self, offered: Sequence[Sequence[ToolSpec]]) -> MatcherProcessor:
        """A logits processor for one batch: the tools that are offered in each of its rows."""
        matchers = [self.matcher(tools).deep_copy() for tools in offered]
        return MatcherProcessor(matchers, self._tokenizer.vocab_size)

    def matcher(self, tools: Sequence[ToolSpec]) -> Any:
        """llguidance's `LLMatcher` at the beginning of a message.

        TrainingError where these tools make no grammar.
        """
        key = canonical(list(tools))
        if key not in self._matchers:
            grammar = self._grammar.of_message(tools)
            matcher = self._guidance.LLMatcher(self._tokenizer, grammar, log_level=0)
            if matcher.is_error():
                raise TrainingError(
                    f"these tools make no grammar: {matcher.get_error().splitlines()[0]}",
                    hint="leave constrained decoding out",
                )
            self._matchers[key] = matcher
        return self._matchers[key]

    def allows(self, text: str, tools: Sequence[ToolSpec]) -> bool:
        """Whether a message may be written as this text, with the end token behind it."""
        # A matcher keeps its state: each use takes a copy of the one at the beginning.
        ids = [*self._tokenizer.tokenize_str(text, parse_special=True), self._tokenizer.eos_token]
        return bool(self.matcher(tools).deep_copy().validate_tokens(ids) == len(ids))

    def _compiles(self, grammar: str) -> bool:
        validate = self._guidance.LLMatcher.validate_grammar_with_warnings
        is_invalid = validate(grammar, self._tokenizer)[0]
        return not is_invalid


class MatcherProcessor:
    """A logits processor of transformers: each row's next token is one that its matcher allows.

    It serves one call of `generate`.
    """

    def __init__(self, matchers: Sequence[Any], vocabulary: int) -> None:
        self._numpy = require("llguidance.numpy")
        self._matchers = list(matchers)
        self._bits = self._numpy.allocate_token_bitmask(len(matchers), vocabulary)
        self._has_begun = False

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """The scores of a step with everything that must not come at minus infinity."""
        torch = require("torch")
        if self._has_begun:
            for matcher, token in zip(self._matchers, input_ids[:, -1].tolist(), strict=True):
                # A row that has ended goes on with padding, which nobody reads.
                if not matcher.is_stopped():
                    matcher.consume_token(token)
        self._has_begun = True
        for row, matcher in enumerate(self._matchers):
            # A matcher that has come to its end allows the end token alone.
            self._numpy.fill_next_token_bitmask(matcher, self._bits, row)
        # 32 tokens to an integer, the lowest bit first.
        words = torch.from_numpy(self._bits).unsqueeze(-1)
        bits = (words >> torch.arange(32, dtype=torch.int32)) & 1
        allowed = bits.bool().reshape(len(self._matchers), -1)
        allowed = allowed[:, : scores.shape[1]].to(scores.device)
        # Embedding tables are often padded beyond the vocabulary: nothing there is allowed.
        padding = scores.shape[1] - allowed.shape[1]
        if padding > 0:
            allowed = torch.nn.functional.pad(allowed, (0, padding), value=False)
        return scores.masked_fill(~allowed, float("-inf"))
