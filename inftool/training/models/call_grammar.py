"""The grammar of one message in Lark's notation, as llguidance reads it: words, or calls."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from inftool.core.chat import FunctionSpec, ToolSpec
from inftool.core.types import Schema
from inftool.training.tokenization.call_styles import ARGS, MISTRAL, PYTHON_TAG, CallStyle
from inftool.training.tokenization.tokenizer import Tokenizer

# JSON as chat templates write it. Keywords that llguidance does not know are left to the world,
# which refuses what breaks them.
_JSON = {
    "whitespace_flexible": False,
    "item_separator": ", ",
    "key_separator": ": ",
    "lenient": True,
}
# Bare values of `qwen-xml`; Python's spelling of booleans is what its template writes.
_BARE_VALUES = {
    "integer": "/-?(0|[1-9][0-9]*)/",
    "number": "/-?(0|[1-9][0-9]*)(\\.[0-9]+)?/",
    "boolean": '"True" | "False" | "true" | "false"',
}
_THOUGHTS = "/<think>(.|\\n)*<\\/think>/"
# The text with which the calls of a style begin.
_CALL_MARKS: Mapping[CallStyle, str] = {
    "hermes": "<tool_call>",
    "llama": PYTHON_TAG,
    "mistral": MISTRAL,
    "mistral-args": MISTRAL,
    "qwen-xml": "<tool_call>",
}


class CallGrammar:
    """Grammars for one model.

    `compiles` says whether llguidance can compile a grammar; a schema that it cannot compile is
    replaced by any object.
    """

    def __init__(
        self, style: CallStyle, tokenizer: Tokenizer, compiles: Callable[[str], bool]
    ) -> None:
        self._style = style
        self._tokenizer = tokenizer
        self._compiles = compiles
        self.loosened: set[str] = set()
        """The names of tools whose schemas were replaced."""

    def of_message(self, tools: Sequence[ToolSpec]) -> str:
        """The grammar of a message that may call these tools."""
        functions = [tool["function"] for tool in tools]
        calls = [
            f"call_{number}: {self._call(number, function)}"
            for number, function in enumerate(functions)
        ]
        mark = _CALL_MARKS[self._style]
        # Words never begin as a call does, and hold no mark of one.
        first = "[^<{\\s]" if self._style == "llama" else "[^<\\s]"
        rules = [
            "%llguidance {}",
            f"start: thinks? SPACE? (WORDS{' | calls' if calls else ''})",
            f"thinks[lazy]: {_THOUGHTS}",
            "SPACE: /\\s+/",
            f"WORDS: /{first}(.|\\n)*/ & ~/(.|\\n)*{re.escape(mark)}(.|\\n)*/",
        ]
        # Lark has no empty alternative: without tools the rules of calls are left out.
        if not calls:
            return "\n".join([*rules, ""])
        one_call = " | ".join(f"call_{number}" for number in range(len(calls)))
        rules += [f"calls: {self._all_calls()}", f"call: {one_call}", *calls]
        return "\n".join([*rules, *self._arguments(functions)])

    def _all_calls(self) -> str:
        """One or several calls with what stands around and between them."""
        if self._style == "llama":
            return f"{self._mark(PYTHON_TAG)}? call"
        if self._style == "mistral":
            return f'{self._mark(MISTRAL)} " "? "[" call (", " call)* "]"'
        if self._style == "mistral-args":
            return f"({self._mark(MISTRAL)} call)+"
        opening, closing = _literal("<tool_call>\n"), _literal("\n</tool_call>")
        return f'{opening} call {closing} ("\\n" {opening} call {closing})*'

    def _call(self, number: int, function: FunctionSpec) -> str:
        name = function["name"]
        if self._style == "qwen-xml":
            opening, closing = _literal(f"<function={name}>\n"), _literal("</function>")
            return f"{opening} {' '.join(self._xml_parameters(function))} {closing}"
        if self._style == "mistral-args":
            return f"{_literal(name)} {self._mark(ARGS)} arguments_{number}"
        key = "parameters" if self._style == "llama" else "arguments"
        opening = _literal(f'{{"name": {json.dumps(name)}, "{key}": ')
        call_id = ""
        if self._style == "mistral":
            # Templates of this style give each call an id of nine letters and digits.
            id_key, quote = _literal(', "id": "'), _literal('"')
            call_id = f"({id_key} /[A-Za-z0-9]{{9}}/ {quote})?"
        return f"{opening} arguments_{number} {call_id} {_literal('}')}"

    def _arguments(self, functions: Sequence[FunctionSpec]) -> list[str]:
        """The rules that the rules of the calls refer to."""
        if self._style == "qwen-xml":
            return ["bare[lazy]: /(.|\\n)*\\n<\\/parameter>\\n/"]
        return [
            f"arguments_{number}: %json {json.dumps(self._schema(function))}"
            for number, function in enumerate(functions)
        ]

    def _schema(self, function: FunctionSpec) -> Schema:
        parameters = function.get("parameters") or {"type": "object"}
        schema: Schema = {**parameters, "x-guidance": _JSON}
        # `x-guidance` holds llguidance's own options and is no keyword of JSON Schema.
        if self._compiles_schema(schema):
            return schema
        self.loosened.add(function["name"])
        return {"type": "object", "x-guidance": _JSON}

    def _compiles_schema(self, schema: Schema) -> bool:
        return self._compiles(f"start: %json {json.dumps(schema)}")

    def _xml_parameters(self, function: FunctionSpec) -> Iterator[str]:
        """The parameters of `qwen-xml` in the schema's order, optional ones with a "?"."""
        schema: Schema = function.get("parameters") or {}
        properties, required = schema.get("properties"), schema.get("required")
        for key, inner in (properties if isinstance(properties, dict) else {}).items():
            value = self._bare_value(inner if isinstance(inner, dict) else {}, schema)
            opening = _literal(f"<parameter={key}>\n")
            parameter = f"({opening} {value})"
            is_required = isinstance(required, (list, tuple)) and key in required
            yield parameter if is_required else f"{parameter}?"

    def _bare_value(self, schema: Schema, root: Schema) -> str:
        """A bare value with what ends it: text where the schema says text, JSON elsewhere."""
        kind, options, end = schema.get("type"), schema.get("enum"), _literal("\n</parameter>\n")
        if isinstance(options, list) and options:
            texts = [option for option in options if isinstance(option, str)]
            if len(texts) == len(options):
                return f"({' | '.join(map(_literal, texts))}) {end}"
        if kind == "string":
            return "bare"
        if isinstance(kind, str) and kind in _BARE_VALUES and options is None:
            return f"({_BARE_VALUES[kind]}) {end}"
        # The value becomes a schema of its own: what it refers to has to come along.
        definitions = {"$defs": root["$defs"]} if "$defs" in root else {}
        whole: Schema = {**schema, **definitions, "x-guidance": _JSON}
        allowed = whole if self._compiles_schema(whole) else {"x-guidance": _JSON}
        return f"%json {json.dumps(allowed)} {end}"

    def _mark(self, text: str) -> str:
        """A mark in the grammar. A special token is named by its id, since it is not text."""
        token = self._tokenizer.convert_tokens_to_ids(text)
        is_token = token is not None and token != self._tokenizer.unk_token_id
        return f"<[{token}]>" if is_token else _literal(text)


def _literal(text: str) -> str:
    """A text as a literal of the grammar; empty for the empty text, which Lark refuses."""
    return json.dumps(text) if text else ""
