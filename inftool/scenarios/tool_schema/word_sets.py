"""The word sets of this package, read once from `word_sets.json`."""

from __future__ import annotations

from inftool.core.word_sets import load_word_sets

WORD_SETS = load_word_sets("inftool.scenarios.tool_schema", "word_sets.json")
