"""Groups of words that decide how values are sampled, such as the verbs of past events."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.world.lexicon.data_files import load_data

_GROUPS: Mapping[str, Mapping[str, list[str]]] = load_data("word_groups.json")


def word_sets(group: str) -> Mapping[str, frozenset[str]]:
    """The sets of a group: name -> words, such as `word_sets("moment")["past"]`."""
    return {name: frozenset(words) for name, words in _GROUPS[group].items()}


def word_lists(group: str) -> Mapping[str, tuple[str, ...]]:
    """The sets of a group with their words in order of preference, the best one first."""
    return {name: tuple(words) for name, words in _GROUPS[group].items()}
