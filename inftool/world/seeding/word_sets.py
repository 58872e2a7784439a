"""The sets of words that seeding goes by, from `words.json` beside it."""

from __future__ import annotations

from inftool.core.word_sets import load_word_sets

WORDS = load_word_sets("inftool.world.seeding", "words.json")
