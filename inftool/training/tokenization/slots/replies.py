"""What the assistant says in words, as tokens and as text."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from inftool.language.values import join, mentions, normalize, say
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.answers import AnswerField
from inftool.training.tokenization.slots.slot_table import SlotContent, SlotTable
from inftool.training.tokenization.slots.spoken_values import value_key

# The replies that consist of one token, with the words that they are decoded to.
_FIXED_REPLIES = {
    v.DONE: "Done.",
    v.CANNOT: "I'm sorry, but I can't do that with the tools I have here.",
    v.LEAVE: "All right, I'll leave it as it was.",
}
_OPEN_QUESTION = "Could you tell me more about it?"


def value_token(slots: SlotTable, value: object) -> str:
    """The token of a value in an answer; a slot is assigned if it has none yet."""
    if isinstance(value, bool):
        return v.YES if value else v.NO
    return slots.assign("v", value_key(value), say(value), value)


def encode_facts(
    text: str,
    fields: Sequence[AnswerField],
    asked: Sequence[str],
    said_by_user: Collection[str],
    slots: SlotTable,
) -> list[str]:
    """The values in a text that answer what the user asked; empty if none does.

    `fields` are those of the answers since the user's last message, `asked` the slots of the names
    that the user asked about. Values among `said_by_user`, the user's own tokens, are no news.
    "The total is 7." -> ["<n4>", "<v9>"]
    """
    spoken = normalize(text)
    values_told: dict[str, list[str]] = {}
    for field in fields:
        # Yes and no stand in too many sentences to tell whether they are an answer.
        values = [
            value_token(slots, value)
            for value in field.values
            if not isinstance(value, bool) and mentions(spoken, value)
        ]
        values_told.setdefault(slots.find("n", field.key) or "", []).extend(values)
    facts: list[str] = []
    for name in dict.fromkeys(asked):
        if news := [value for value in values_told.get(name, ()) if value not in said_by_user]:
            facts += [name, *news]
    return facts


def decode_reply(slots: SlotTable, tokens: Sequence[str]) -> str | None:
    """Words of the model as text; None where they make no sense.

    ["<ask>", "<n4>"] -> "What should the due date be?"
    """
    head, rest = tokens[0], tokens[1:]
    if head in _FIXED_REPLIES:
        return _FIXED_REPLIES[head] if not rest else None
    if head == v.ASK:
        return _decode_question(slots, rest)
    if head == v.TELL:
        return _decode_facts(slots, rest)
    return None


def _decode_question(slots: SlotTable, names: Sequence[str]) -> str | None:
    if not names:
        return _OPEN_QUESTION
    if not all(name in slots.contents and v.is_slot(name, "n") for name in names):
        return None
    return f"What should {join([f'the {slots.contents[name].text}' for name in names])} be?"


def _decode_facts(slots: SlotTable, tokens: Sequence[str]) -> str | None:
    if not tokens or not v.is_slot(tokens[0], "n"):
        return None
    if not all(v.is_slot(token, "nv") and token in slots.contents for token in tokens):
        return None
    values = [_shown(slots.contents[token]) for token in tokens if v.is_slot(token, "v")]
    return f"Here it is: {join(values)}." if values else None


def _shown(content: SlotContent) -> str:
    """A value in words; texts as the answer had them, since names must not change."""
    return content.value if isinstance(content.value, str) else content.text
