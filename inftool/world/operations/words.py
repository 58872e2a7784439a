"""Words that tell from a name what a write does to a property (`words.json`)."""

from __future__ import annotations

from inftool.core.word_sets import load_word_sets

WORDS = load_word_sets("inftool.world.operations", "words.json")
"""What the words are about -> the words: "change_moments" -> {"updated", "modified", ...}."""
