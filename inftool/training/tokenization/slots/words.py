"""The sets of English words that segmentation and alignment go by."""

from __future__ import annotations

from inftool.core.word_sets import load_word_sets

WORDS = load_word_sets("inftool.training.tokenization.slots", "words.json")
"""Name of a set -> its words, in lower case."""
