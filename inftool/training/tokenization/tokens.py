"""Conversations as tokens: what is learnt from is masked token by token, and what a model writes is read back into a message."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from inftool.core.chat import ChatMessage, ToolCallMessage, ToolSpec
from inftool.core.errors import MissingExtra, TrainingError
from inftool.export.sample import Sample
from inftool.training._optional import require
from inftool.training.tokenization.call_styles import CallStyle, detect_call_style
from inftool.training.tokenization.slots.codec import SlotConversation
from inftool.training.tokenization.slots.vocabulary import ASSISTANT, UNKNOWN, is_slotted

# For models that come without one: ChatML with Hermes calls. Every conversation's text begins with the text of its beginning.
TEMPLATE = """{%- if tools %}
{{- '<|im_start|>system\\n' + (messages[0].content + '\\n\\n' if messages[0].role == 'system' else '') + '<tools>' }}
{%- for tool in tools %}{{- '\\n' + (tool.function | tojson) }}{%- endfor %}
{{- '\\n</tools>' + eos_token + '\\n' }}
{%- elif messages[0].role == 'system' %}
{{- '<|im_start|>system\\n' + messages[0].content + eos_token + '\\n' }}
{%- endif %}
{%- for message in messages %}
{%- if message.role == 'user' %}
{{- '<|im_start|>user\\n' + message.content + eos_token + '\\n' }}
{%- elif message.role == 'tool' %}
{{- '<|im_start|>tool\\n' + message.content + eos_token + '\\n' }}
{%- elif message.role == 'assistant' %}
{{- '<|im_start|>assistant\\n' }}
{%- generation %}
{{- message.content or '' }}
{%- for call in message.tool_calls or [] %}
{{- ('\\n' if message.content or not loop.first else '') + '<tool_call>\\n{"name": ' + (call.function.name | tojson) + ', "arguments": ' + (call.function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor %}
{{- eos_token }}
{%- endgeneration %}
{{- '\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}
"""
IGNORED_LABEL = -100


class Encoded(NamedTuple):
    """Token ids, and the same as labels with -100 wherever nothing is to be learnt."""

    input_ids: list[int]
    labels: list[int]


class RenderError(TrainingError):
    """A conversation that a model's chat template refuses, such as two calls at once."""


def training_template(tokenizer: Any) -> str:
    """The chat template to train and play with: TRL's training variant of the tokenizer's own, its own as it is, or ours where it has none or writes no calls."""
    own = tokenizer.chat_template
    own = own.get("tool_use") or own["default"] if isinstance(own, dict) else own
    if is_slotted(own):
        return str(own)
    if own is None or not _writes_calls(tokenizer, own):
        return TEMPLATE
    if _marked(own):
        return str(own)
    try:
        return str(
            require("trl.chat_template_utils").get_training_chat_template(
                processing_class=tokenizer
            )
            or own
        )
    except (ValueError, MissingExtra):
        # No variant of it is known: what the assistant says is found by what each message adds to the text.
        return str(own)


def _writes_calls(tokenizer: Any, template: str) -> bool:
    """Whether a template says a call at all, in a way that we can read or not."""
    call: ToolCallMessage = {
        "id": "probe0001",
        "type": "function",
        "function": {"name": "probe_tool", "arguments": {}},
    }
    rows: list[ChatMessage] = [
        {"role": "user", "content": "A probe."},
        {"role": "assistant", "content": "", "tool_calls": [call]},
    ]
    try:
        return "probe_tool" in render(tokenizer, template, rows, [], reply=False)
    except RenderError:
        return True


def call_style(tokenizer: Any, template: str) -> CallStyle | None:
    """How the template writes calls; None where we cannot read it."""
    if is_slotted(template):
        return "hermes"
    try:
        return detect_call_style(
            lambda messages, tools: render(tokenizer, template, messages, tools, reply=False)
        )
    except RenderError:
        return None


def end_tokens(tokenizer: Any, template: str, others: Any = ()) -> tuple[int, ...]:
    """The tokens that may end a message: what the template ends one with, the tokenizer's end mark, and those that the model's folder names."""
    if is_slotted(template):
        return (int(tokenizer.eos_token_id),)
    text = render(
        tokenizer,
        template,
        [{"role": "user", "content": "Hello."}, {"role": "assistant", "content": "A probe."}],
        [],
        reply=False,
    )
    after = tokenizer(
        text[text.rfind("A probe.") + len("A probe.") :], add_special_tokens=False
    ).input_ids
    named = [others] if isinstance(others, int) else list(others or ())
    found = [*after[:1], tokenizer.eos_token_id, *named]
    return tuple(dict.fromkeys(token for token in found if isinstance(token, int)))


def encode(tokenizer: Any, template: str, sample: Sample, max_length: int) -> Encoded | None:
    """One sample; None where it is longer than `max_length` or nothing of it is learnt. Only the assistant's own tokens of messages to be learnt from are labels.

    RenderError where the template refuses it.
    """
    ids, spans = (
        _by_slots if is_slotted(template) else _by_marks if _marked(template) else _by_text
    )(tokenizer, template, sample)
    learn = [
        sample.learn[index]
        for index, message in enumerate(sample.messages)
        if message["role"] == "assistant"
    ]
    if len(spans) != len(learn):
        raise TrainingError(
            f"the chat template marks {len(spans)} messages of the assistant where there are {len(learn)}"
        )
    labels = [IGNORED_LABEL] * len(ids)
    for (start, end), wanted in zip(spans, learn, strict=True):
        if wanted:
            labels[start:end] = ids[start:end]
    if len(ids) > max_length or not any(learn):
        return None
    return Encoded(ids, labels)


def _marked(template: str) -> bool:
    return "{%- generation" in template or "{% generation" in template


def _by_slots(
    tokenizer: Any, template: str, sample: Sample
) -> tuple[list[int], list[tuple[int, int]]]:
    """The same in the tiny model's vocabulary; RenderError where something that the assistant says has no slot."""
    ids: list[int] = []
    spans: list[tuple[int, int]] = []
    for role, said in SlotConversation(sample.messages, sample.tools).turns:
        if role == "assistant" and UNKNOWN in said:
            raise RenderError("the assistant says something that stands in no slot")
        spans += [(len(ids), len(ids) + len(said))] if role == "assistant" else []
        ids += tokenizer.convert_tokens_to_ids(said)
    return ids, spans


def _by_marks(
    tokenizer: Any, template: str, sample: Sample
) -> tuple[list[int], list[tuple[int, int]]]:
    """Token ids and the assistant's stretches, where the template marks what it says."""
    rows = [dict(message) for message in sample.messages]
    given = {
        "tools": list(sample.tools) or None,
        "chat_template": template,
        "return_dict": True,
        "return_assistant_tokens_mask": True,
    }
    try:
        rendered = tokenizer.apply_chat_template(rows, **given)
    except require("jinja2").TemplateError as error:
        raise RenderError(f"the chat template refuses the conversation: {error}") from error
    return list(rendered["input_ids"]), _spans(list(rendered["assistant_masks"]))


def _by_text(
    tokenizer: Any, template: str, sample: Sample
) -> tuple[list[int], list[tuple[int, int]]]:
    """The same where nothing is marked: what a message adds after the words that ask for it, up to its end mark."""
    messages = [message.copy() for message in sample.messages]
    whole = render(tokenizer, template, messages, sample.tools, reply=False)
    places: list[tuple[int, int]] = []
    for index, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        before = render(tokenizer, template, messages[:index], sample.tools)
        after = render(
            tokenizer, template, messages[: index + 1], sample.tools, reply=False
        ).rstrip()
        if not (whole.startswith(after) and after.startswith(before)):
            raise TrainingError(
                "the chat template does not begin a conversation as it begins its start",
                hint="give its tokenizer one that does",
            )
        places.append((len(before), len(after)))
    found = tokenizer(whole, add_special_tokens=False, return_offsets_mapping=True)
    spans = []
    for start, end in places:
        inside = [
            place
            for place, (first, last) in enumerate(found["offset_mapping"])
            if first >= start and last <= end and last > first
        ]
        spans.append((inside[0], inside[-1] + 1))
    return list(found["input_ids"]), spans


def _spans(mask: Sequence[int]) -> list[tuple[int, int]]:
    spans, start = [], None
    for index, marked in enumerate([*mask, 0]):
        if marked and start is None:
            start = index
        elif not marked and start is not None:
            spans.append((start, index))
            start = None
    return spans


def render(
    tokenizer: Any,
    template: str | None,
    messages: Sequence[ChatMessage],
    tools: Sequence[ToolSpec],
    *,
    reply: bool = True,
) -> str:
    """A conversation as text; `reply`: up to where the assistant is to go on."""
    if is_slotted(template):
        said = SlotConversation(messages, tools).tokens()
        return " ".join(said if reply or said[-1:] != [ASSISTANT] else said[:-1])
    rows = [_as_objects(message) for message in messages]
    if template is not None and "TOOL_CALLS" in template:
        rows = [_short_ids(row) for row in rows]
    try:
        return str(
            tokenizer.apply_chat_template(
                rows,
                tools=list(tools) or None,
                chat_template=template,
                tokenize=False,
                add_generation_prompt=reply,
            )
        )
    except require("jinja2").TemplateError as error:
        raise RenderError(f"the chat template refuses the conversation: {error}") from error


def _short_ids(row: ChatMessage) -> ChatMessage:
    """Ids of nine letters and digits: Mistral's templates refuse others."""
    if "tool_call_id" in row:
        return {**row, "tool_call_id": _short(row["tool_call_id"])}
    if calls := row.get("tool_calls"):
        return {**row, "tool_calls": [{**call, "id": _short(call.get("id", ""))} for call in calls]}
    return row


def _short(name: str) -> str:
    return (
        name if len(name) == 9 and name.isalnum() else hashlib.sha256(name.encode()).hexdigest()[:9]
    )


def _as_objects(message: ChatMessage) -> ChatMessage:
    """Arguments as an object where they are one; templates say a text as a text."""
    if not message.get("tool_calls"):
        return message if message.get("content") is not None else {**message, "content": ""}
    calls: list[ToolCallMessage] = []
    for call in message["tool_calls"]:
        given = call["function"]["arguments"]
        with contextlib.suppress(ValueError):
            given = json.loads(given) if isinstance(given, str) else given
        calls.append({**call, "function": {**call["function"], "arguments": given}})
    return {**message, "content": message.get("content") or "", "tool_calls": calls}
