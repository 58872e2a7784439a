"""Constrained decoding in slots allows what is right, and only what can be decoded."""

from __future__ import annotations

import random

from inftool.training.models.slot_grammar import allowed_tokens
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.conversation import SlotConversation
from tests.support.tiny_conversations import conversations


def test_the_grammar_admits_what_is_right_and_ends() -> None:
    admitted = total = 0
    for messages, tools in conversations():
        for place, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            conversation = SlotConversation(messages[:place], tools)
            tokens = conversation.encode_message(message)
            if tokens is None:
                continue
            total += 1
            admitted += all(
                token in allowed_tokens(conversation, tokens[:end])
                for end, token in enumerate([*tokens, v.END])
            )
    assert admitted / total > 0.9
    rng = random.Random(1)
    for messages, tools in conversations()[:6]:
        conversation, written = SlotConversation(messages[:2], tools), list[str]()
        while len(written) < 80 and written[-1:] != [v.END]:
            written.append(rng.choice(sorted(allowed_tokens(conversation, written))))
        if written[-1] == v.END:
            assert conversation.decode(written[:-1]) is not None
