"""Schema-constrained decoding: a model may write words, or calls of tools that were offered with arguments of their schemas, and nothing else.

llguidance compiles the grammar; it works through a logits processor of transformers, in training and in evaluation alike. What was constrained is always disclosed
in `decoding`: the share of exact plays then says nothing about whether the model knows the format.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from inftool.core.chat import FunctionSpec, ToolSpec
from inftool.core.errors import TrainingError
from inftool.core.json_values import canonical
from inftool.core.types import JsonObject
from inftool.training._optional import require
from inftool.training.tokenization.call_styles import ARGS, MISTRAL, PYTHON_TAG, CallStyle

if TYPE_CHECKING:
    from inftool.training.models.loading import LoadedModel


# As chat templates write JSON. Keywords that the compiler does not know are left to the world, which refuses what breaks them.
_JSON = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
    "lenient": True,
}
_SCALARS = {
    "integer": "/-?(0|[1-9][0-9]*)/",
    "number": "/-?(0|[1-9][0-9]*)(\\.[0-9]+)?/",
    "boolean": '"True" | "False" | "true" | "false"',
}
_THINKS = "/<think>(.|\\n)*<\\/think>/"


class DecodingConstraint:
    """What one model may write, given the tools that are offered. `loosened` names tools whose schemas cannot be compiled: any object will do there."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._guidance = require("llguidance")
        self._numpy = require("llguidance.numpy")
        self._style: CallStyle = loaded.style
        self._hf = loaded.tokenizer
        self._tokenizer = require("llguidance.hf").from_tokenizer(
            loaded.tokenizer,
            n_vocab=loaded.model.get_input_embeddings().num_embeddings,
            eos_token=list(loaded.ends),
        )
        self._matchers: dict[str, Any] = {}
        self.loosened: set[str] = set()

    def processor(self, offered: Sequence[Sequence[ToolSpec]]) -> Processor:
        """A logits processor for one batch: the tools that are offered in each of its rows."""
        return Processor(
            [self.matcher(tools).deep_copy() for tools in offered],
            self._tokenizer.vocab_size,
            self._numpy,
        )

    def matcher(self, tools: Sequence[ToolSpec]) -> Any:
        """llguidance's matcher at the beginning of a message; TrainingError where there is no grammar of these tools."""
        key = canonical(list(tools))
        if key not in self._matchers:
            found = self._guidance.LLMatcher(self._tokenizer, self.grammar(tools), log_level=0)
            if found.is_error():
                raise TrainingError(
                    f"these tools make no grammar: {found.get_error().splitlines()[0]}",
                    hint="leave constrained decoding out",
                )
            self._matchers[key] = found
        return self._matchers[key]

    def allows(self, text: str, tools: Sequence[ToolSpec]) -> bool:
        """Whether a message may be written as this text, end mark included."""
        ids = [*self._tokenizer.tokenize_str(text, parse_special=True), self._tokenizer.eos_token]
        return bool(self.matcher(tools).deep_copy().validate_tokens(ids) == len(ids))

    def grammar(self, tools: Sequence[ToolSpec]) -> str:
        """The grammar of one message in Lark's notation, as llguidance reads it."""
        functions = [tool["function"] for tool in tools]
        rules = [
            f"call_{number}: {self._call(number, function)}"
            for number, function in enumerate(functions)
        ]
        mark = {"llama": PYTHON_TAG, "mistral": MISTRAL, "mistral-args": MISTRAL}.get(
            self._style, "<tool_call>"
        )
        # Words never begin as a call does, and hold no mark of one.
        first = "[^<{\\s]" if self._style == "llama" else "[^<\\s]"
        words = f"WORDS: /{first}(.|\\n)*/ & ~/(.|\\n)*{re.escape(mark)}(.|\\n)*/"
        head = f"%llguidance {{}}\nstart: thinks? SPACE? (WORDS{' | calls' if rules else ''})\nthinks[lazy]: {_THINKS}\nSPACE: /\\s+/\n{words}\n"
        if not rules:
            return head
        call = " | ".join(f"call_{number}" for number in range(len(rules)))
        return head + "\n".join(
            [f"calls: {self._frame()}", f"call: {call}", *rules, *self._values(functions)]
        )

    def _frame(self) -> str:
        """How one or several calls are put."""
        if self._style == "llama":
            return f"{self._mark(PYTHON_TAG)}? call"
        if self._style == "mistral":
            return f'{self._mark(MISTRAL)} " "? "[" call (", " call)* "]"'
        if self._style == "mistral-args":
            return f"({self._mark(MISTRAL)} call)+"
        opening, closing = _text("<tool_call>\n"), _text("\n</tool_call>")
        return f'{opening} call {closing} ("\\n" {opening} call {closing})*'

    def _call(self, number: int, function: FunctionSpec) -> str:
        name = json.dumps(function["name"])
        if self._style == "qwen-xml":
            parameters = " ".join(self._parameters(number, function))
            return f"{_text('<function=' + function['name'] + '>' + chr(10))} {parameters} {_text('</function>')}"
        if self._style == "mistral-args":
            return f"{_text(function['name'])} {self._mark(ARGS)} arguments_{number}"
        key = "parameters" if self._style == "llama" else "arguments"
        opening = _text(f'{{"name": {name}, "{key}": ')
        # Templates of this style give each call an id.
        ending = (
            f"({_text(', ' + json.dumps('id') + ': ' + chr(34))} /[A-Za-z0-9]{{9}}/ {_text(chr(34))})?"
            if self._style == "mistral"
            else ""
        )
        return f"{opening} arguments_{number} {ending} {_text('}')}"

    def _values(self, functions: Sequence[FunctionSpec]) -> list[str]:
        if self._style == "qwen-xml":
            return ["bare[lazy]: /(.|\\n)*\\n<\\/parameter>\\n/"]
        return [
            f"arguments_{number}: %json {json.dumps(self._schema(function))}"
            for number, function in enumerate(functions)
        ]

    def _schema(self, function: FunctionSpec) -> JsonObject:
        schema: JsonObject = {
            **(function.get("parameters") or {"type": "object"}),
            "x-guidance": _JSON,
        }
        return schema if self._compiles(schema) else self._loosened(function)

    def _loosened(self, function: FunctionSpec) -> JsonObject:
        self.loosened.add(function["name"])
        return {"type": "object", "x-guidance": _JSON}

    def _compiles(self, schema: JsonObject) -> bool:
        return not self._guidance.LLMatcher.validate_grammar_with_warnings(
            f"start: %json {json.dumps(schema)}", self._tokenizer
        )[0]

    def _parameters(self, number: int, function: FunctionSpec) -> list[str]:
        """The parameters of `qwen-xml`: bare text where the schema says text, JSON elsewhere, in the schema's order."""
        schema = function.get("parameters") or {}
        found = []
        for key, inner in (schema.get("properties") or {}).items():
            written = f"{_text(f'<parameter={key}>' + chr(10))} {self._bare(inner if isinstance(inner, dict) else {}, schema)}"
            found.append(f"({written})" if key in schema.get("required", ()) else f"({written})?")
        return found

    def _bare(self, inner: JsonObject, schema: JsonObject) -> str:
        """A bare value with what ends it."""
        kind, options, end = inner.get("type"), inner.get("enum"), _text("\n</parameter>\n")
        if (
            isinstance(options, list)
            and options
            and all(isinstance(option, str) for option in options)
        ):
            return f"({' | '.join(map(_text, options))}) {end}"
        if kind == "string":
            return "bare"
        if isinstance(kind, str) and kind in _SCALARS and options is None:
            return f"({_SCALARS[kind]}) {end}"
        whole = {
            **inner,
            **({"$defs": schema["$defs"]} if "$defs" in schema else {}),
            "x-guidance": _JSON,
        }
        return (
            f"%json {json.dumps(whole if self._compiles(whole) else {'x-guidance': _JSON})} {end}"
        )

    def _mark(self, text: str) -> str:
        """A mark in the grammar; one that is a token of its own is named by its number, for special tokens are not text."""
        token = self._hf.convert_tokens_to_ids(text)
        return _text(text) if token is None or token == self._hf.unk_token_id else f"<[{token}]>"


def _text(text: str) -> str:
    return json.dumps(text) if text else ""


class Processor:
    """A logits processor of transformers: every row's next token is one that its grammar allows. It serves one call of `generate`."""

    def __init__(self, matchers: Sequence[Any], vocabulary: int, numpy: Any) -> None:
        self._matchers = list(matchers)
        self._numpy = numpy
        self._bits = numpy.allocate_token_bitmask(len(matchers), vocabulary)
        self._length: int | None = None

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        """The scores of a step with everything else at minus infinity. `input_ids` is (rows, tokens so far), `scores` (rows, vocabulary)."""
        torch = require("torch")
        if self._length is not None:
            for matcher, token in zip(self._matchers, input_ids[:, -1].tolist(), strict=True):
                # A row that has ended goes on with padding, which nobody reads.
                if not matcher.is_stopped():
                    matcher.consume_token(token)
        self._length = input_ids.shape[1]
        for row, matcher in enumerate(self._matchers):
            # One that has said all it may is allowed its end mark alone.
            self._numpy.fill_next_token_bitmask(matcher, self._bits, row)
        bits = torch.from_numpy(self._bits)
        allowed = (
            ((bits.unsqueeze(-1) >> torch.arange(32, dtype=torch.int32)) & 1)
            .bool()
            .reshape(len(self._matchers), -1)
        )
        allowed = allowed[:, : scores.shape[1]].to(scores.device)
        if allowed.shape[1] < scores.shape[1]:
            allowed = torch.nn.functional.pad(
                allowed, (0, scores.shape[1] - allowed.shape[1]), value=False
            )
        return scores.masked_fill(~allowed, float("-inf"))
