"""What the tiny model's base is made from: drills, and traces with mistakes."""

from __future__ import annotations

import random

from inftool.training.tiny.corruption import corrupt
from inftool.training.tiny.drills import drill
from inftool.training.tiny.traces import shuffle_slots
from inftool.training.tokenization.slots import vocabulary as v


def test_most_corrupted_traces_are_wrong_and_drills_have_only_known_tokens() -> None:
    known = set(v.tokens())
    rng = random.Random(0)
    right = 0
    for _ in range(300):
        turns = drill(rng)
        assert {token for _, tokens in turns for token in tokens} <= known
        right += corrupt(turns, rng, 0.25) == turns
    assert 45 < right < 110


def test_exchanged_slots_keep_their_family_and_what_is_the_same() -> None:
    rng = random.Random(3)
    turns = drill(rng)
    before = [token for _, tokens in turns for token in tokens]
    after = [token for _, tokens in shuffle_slots(turns, rng) for token in tokens]
    replacement = dict(zip(before, after, strict=True))
    assert after == [replacement[token] for token in before]
    assert len(set(replacement.values())) == len(replacement)
    for old, new in replacement.items():
        assert old[1] == new[1] if v.is_slot(old) else old == new
