"""The word sets and maps of this package, read once from its JSON files."""

from __future__ import annotations

from inftool.core.word_sets import load_word_maps, load_word_sets

WORD_SETS = load_word_sets("inftool.scenarios.wording", "word_sets.json")
WORD_MAPS = load_word_maps("inftool.scenarios.wording", "word_maps.json")
