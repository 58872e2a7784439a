"""The sets of words that tell resources, keys and parameters apart, from `words.json` beside it."""

from __future__ import annotations

from inftool.core.word_sets import load_word_sets

WORDS = load_word_sets("inftool.world.resources", "words.json")
