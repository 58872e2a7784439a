"""Conversations as slots: what is encoded comes back, and further messages only add tokens."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from inftool.core.chat import ToolSpec
from inftool.training.rewards.read_calls import calls_of
from inftool.training.tokenization.call_styles import read_message
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.conversation import SlotConversation
from inftool.training.tokenization.slots.spoken_values import parse_moment
from tests.support.tiny_conversations import conversations


def test_calls_come_back_as_they_were() -> None:
    said = came_back = 0
    for messages, tools in conversations():
        for place, message in enumerate(messages):
            if not message.get("tool_calls"):
                continue
            said += 1
            conversation = SlotConversation(messages[:place], tools)
            tokens = conversation.encode_message(message)
            if tokens is None:
                continue
            text = conversation.decode(tokens)
            assert text is not None
            assert calls_of(read_message(text)) == calls_of(message)
            came_back += 1
    assert said > 20
    assert came_back / said > 0.9


def test_more_messages_only_add_tokens() -> None:
    for messages, tools in conversations():
        whole = SlotConversation(messages, tools).tokens()
        assert set(whole) <= set(v.tokens())
        for size in range(1, len(messages)):
            if messages[size]["role"] == "assistant":
                part = SlotConversation(messages[:size], tools).tokens()
                assert whole[: len(part)] == part
                assert part[-1] == v.ASSISTANT


def test_a_name_is_never_a_token() -> None:
    """The same wish about things of other names is the same tokens."""
    tool: ToolSpec = {
        "type": "function",
        "function": {
            "name": "fetchZorp",
            "description": "Fetch zorps.",
            "parameters": {"properties": {"blick": {"type": "string"}}},
        },
    }
    other: ToolSpec = {
        "type": "function",
        "function": {
            "name": "fetchPlim",
            "description": "Fetch plims.",
            "parameters": {"properties": {"trund": {"type": "string"}}},
        },
    }
    first = SlotConversation(
        [{"role": "user", "content": "Fetch zorps with the blick AB12, please."}], [tool]
    )
    second = SlotConversation(
        [{"role": "user", "content": "Fetch plims with the trund XY98, please."}], [other]
    )

    def shape(conversation: SlotConversation) -> list[object]:
        known: dict[str, int] = {}
        return [
            known.setdefault(token, len(known)) if v.is_slot(token) else token
            for token in conversation.tokens()
        ]

    assert shape(first) == shape(second)


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_any_words_are_tokens(text: str) -> None:
    conversation = SlotConversation([{"role": "user", "content": text}], [])
    assert set(conversation.tokens()) <= set(v.tokens())
    assert not parse_moment(text) or any(character.isdigit() for character in text)


@given(st.lists(st.sampled_from(v.tokens()), max_size=12))
@settings(max_examples=60)
def test_any_tokens_are_read_or_refused(written: list[str]) -> None:
    messages, tools = conversations()[0]
    text = SlotConversation(messages[:2], tools).decode(written)
    assert text is None or read_message(text) is not None
