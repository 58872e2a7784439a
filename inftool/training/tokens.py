"""Conversations as tokens: what is learnt from is masked token by token, and what a model writes is read back into a message."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from inftool.agents.hermes import read_calls
from inftool.errors import NonsenseError, TrainingError
from inftool.export.sample import Sample
from inftool.records import JsonObject
from inftool.training.extra import require

# For models that come without one: ChatML with Hermes calls. Every conversation's text begins with the text of its beginning.
TEMPLATE = """{%- if tools %}
{{- '<|im_start|>system\\n' + (messages[0].content + '\\n\\n' if messages[0].role == 'system' else '') + '<tools>' }}
{%- for tool in tools %}{{- '\\n' + (tool.function | tojson) }}{%- endfor %}
{{- '\\n</tools><|im_end|>\\n' }}
{%- elif messages[0].role == 'system' %}
{{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' %}
{{- '<|im_start|>user\\n' + message.content + '<|im_end|>\\n' }}
{%- elif message.role == 'tool' %}
{{- '<|im_start|>tool\\n' + message.content + '<|im_end|>\\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant\\n' }}
{%- generation %}
{{- message.content or '' }}
{%- for call in message.tool_calls or [] %}
{{- ('\\n' if message.content or not loop.first else '') + '<tool_call>\\n{"name": ' + (call.function.name | tojson) + ', "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}
{{- '<|im_end|>' }}
{%- endgeneration %}
{{- '\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""
IGNORED = -100


class Encoded(NamedTuple):
    """Token ids, and the same as labels with -100 wherever nothing is to be learnt."""

    input_ids: list[int]
    labels: list[int]


def training_template(tokenizer: Any) -> str:
    """A chat template that marks what the assistant says: the tokenizer's own, TRL's training variant of it, or ours where it has none."""
    own = tokenizer.chat_template
    if own is None:
        return TEMPLATE
    if "{%- generation" in own or "{% generation" in own:
        return str(own)
    try:
        found = require("trl.chat_template_utils").get_training_chat_template(tokenizer=tokenizer)
    except ValueError as error:
        raise TrainingError(
            f"the model's chat template cannot be trained on: {str(error).splitlines()[0]}", hint="give its tokenizer one with {% generation %} marks"
        ) from error
    return str(found or own)


def encode(tokenizer: Any, template: str, sample: Sample, max_length: int) -> Encoded | None:
    """One sample; None where it is longer than `max_length` or nothing of it is learnt. Only the assistant's own tokens of messages to be learnt from are labels."""
    rendered = tokenizer.apply_chat_template(
        [dict(message) for message in sample.messages],
        tools=list(sample.tools) or None,
        chat_template=template,
        return_dict=True,
        return_assistant_tokens_mask=True,
    )
    ids, mask = list(rendered["input_ids"]), list(rendered["assistant_masks"])
    spans = _spans(mask)
    learn = [sample.learn[index] for index, message in enumerate(sample.messages) if message["role"] == "assistant"]
    if len(spans) != len(learn):
        raise TrainingError(f"the chat template marks {len(spans)} messages of the assistant where there are {len(learn)}")
    labels = [IGNORED] * len(ids)
    for (start, end), wanted in zip(spans, learn, strict=True):
        if wanted:
            labels[start:end] = ids[start:end]
    if len(ids) > max_length or not any(learn):
        return None
    return Encoded(ids, labels)


def _spans(mask: Sequence[int]) -> list[tuple[int, int]]:
    spans, start = [], None
    for index, marked in enumerate([*mask, 0]):
        if marked and start is None:
            start = index
        elif not marked and start is not None:
            spans.append((start, index))
            start = None
    return spans


def render(tokenizer: Any, template: str | None, messages: Sequence[JsonObject], tools: Sequence[JsonObject], *, reply: bool = True) -> str:
    """A conversation as text; `reply`: up to where the assistant is to go on."""
    rows = [_as_objects(message) for message in messages]
    return str(tokenizer.apply_chat_template(rows, tools=list(tools) or None, chat_template=template, tokenize=False, add_generation_prompt=reply))


def _as_objects(message: JsonObject) -> JsonObject:
    """Arguments as an object where they are one; templates say a text as a text."""
    if not message.get("tool_calls"):
        return message if message.get("content") is not None else {**message, "content": ""}
    calls = []
    for call in message["tool_calls"]:
        given = call["function"]["arguments"]
        with contextlib.suppress(ValueError):
            given = json.loads(given) if isinstance(given, str) else given
        calls.append({**call, "function": {**call["function"], "arguments": given}})
    return {**message, "content": message.get("content") or "", "tool_calls": calls}


def read_message(text: str) -> JsonObject | None:
    """What a model wrote as a message; None where it cannot be read. Thoughts within <think> tags are taken off."""
    words = text.split("</think>", 1)[1] if "</think>" in text else text
    try:
        said, calls = read_calls(words)
    except NonsenseError:
        return None
    if not calls:
        return {"role": "assistant", "content": said}
    made = [{"type": "function", "function": {"name": name, "arguments": arguments}} for name, arguments in calls]
    return {"role": "assistant", "content": said or None, "tool_calls": made}
