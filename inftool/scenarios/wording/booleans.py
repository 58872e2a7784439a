"""Yes and no as people say them, without the words "yes", "no", "true" or "false"."""

from __future__ import annotations

import random
import re

from inftool.language.values import split_name
from inftool.language.verbs import imperative
from inftool.scenarios.wording.word_sets import WORD_SETS

_ADJECTIVE_ENDINGS = re.compile(r"(?:ed|able|ible|ive|ary|ent|ic|al)$")
_ADJECTIVES = WORD_SETS["adjectives"]
_NOUNS_LIKE_ADJECTIVES = WORD_SETS["nouns_that_end_like_adjectives"]
_VERBS_THAT_SHOW = WORD_SETS["verbs_that_show"]


def _is_adjective(word: str) -> bool:
    """Whether a word is an adjective, by its ending: "archived" is, "email" only ends like one."""
    return word in _ADJECTIVES or (
        _ADJECTIVE_ENDINGS.search(word) is not None and word not in _NOUNS_LIKE_ADJECTIVES
    )


def boolean_clause(name: str, words: str, value: bool, style: str, rng: random.Random) -> str:
    """A clause that says whether something is to be so.

    `name` is the property's, `words` are what it is called in plain words, `style` is a
    `inftool.scenarios.wording.details.Style`. ("sendNotifications", "send notifications", False) ->
    "don't send notifications", ("archived", "archived", True, "filter") -> "only the archived
    ones", ("giftWrap", "gift wrap", False) -> "without gift wrap".
    """
    parts = words.split()
    if " can " in f" {words} " and len(parts) > 2:
        # "guests can invite others" -> "guests cannot invite others"
        return words if value else words.replace(" can ", " cannot ", 1)
    last = parts[-1].lower() if parts else ""
    # "email verified of the user" is a clause of its own, and no word for a thing.
    has_owner = " of the " in words
    begins_with_verb = len(parts) > 1 and imperative(parts[0]) == parts[0].lower()
    if begins_with_verb and not has_owner:
        shows = parts[0].lower() in _VERBS_THAT_SHOW and len(parts) == 2 and _is_adjective(last)
        # "show archived" -> "please show archived ones"
        wish = f"{words} ones" if shows else words
        if value:
            return f"please {wish}"
        return rng.choice((f"don't {wish}", f"there's no need to {wish}"))
    if not begins_with_verb and _describes(name, parts, has_owner=has_owner):
        return _adjective_clause(words, value, style, rng)
    return f"with {words}" if value else f"without {words}"


def _describes(name: str, parts: list[str], *, has_owner: bool) -> bool:
    """Whether a name says how something is ("archived", "isPublic"), not what it has."""
    is_named_so = split_name(name).lower().startswith("is ")
    if len(parts) == 1:
        return is_named_so or _is_adjective(parts[0].lower())
    return is_named_so and not has_owner and len(parts) < 3


def _adjective_clause(words: str, value: bool, style: str, rng: random.Random) -> str:
    """A clause with an adjective: "public" -> "make it public"."""
    if style == "filter":
        if value:
            return rng.choice((f"only the {words} ones", f"just the {words} ones"))
        return rng.choice((f"none of the {words} ones", f"leave out the {words} ones"))
    if words.rsplit(maxsplit=1)[-1].lower().endswith("ed"):
        # "make it archived" is not said.
        return f"it should be {words}" if value else f"it shouldn't be {words}"
    if value:
        return rng.choice((f"it should be {words}", f"make it {words}"))
    return rng.choice((f"it shouldn't be {words}", f"don't make it {words}"))
