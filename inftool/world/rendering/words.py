"""The names that APIs give to the properties of envelopes and errors (`words.json`)."""

from __future__ import annotations

from inftool.core.word_sets import load_word_sets

WORDS = load_word_sets("inftool.world.rendering", "words.json")
"""Kind of property -> names, each as `squash` spells it: "next_cursors" -> {"nextcursor", ...}."""
