"""Phrases to look for in a text, and the phrases by which a name goes.

A phrase is a tuple of stems: "Departure Dates" -> ("departure", "date").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from inftool.training.tokenization.slots.words import WORDS

Phrase = tuple[str, ...]
"""The stems of some words, in order."""

# "follow-up" and "it's" are one word each; underscores separate words.
_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_LOW, _HIGH = ("no earlier than", "at least"), ("no later than", "at most")
# How the two ends of a range are named in APIs, and how people say them.
_RANGE_ENDS = {
    **dict.fromkeys(("from", "after", "since", "min", "minimum", "start", "earliest"), _LOW),
    **dict.fromkeys(("to", "before", "until", "max", "maximum", "end", "latest"), _HIGH),
}
# What stands for the thing that it belongs to: "the check value" is also "the check".
_STANDS_FOR_OWNER = ("value", "amount", "name")
# As many wordings of a name as are looked for; no name in the sample specs has more.
_MAX_WORDINGS = 14


def stem(word: str) -> str:
    """The part of a word that decides whether two words are the same: "Categories" -> "category".

    Only plural and possessive endings go, by rule; a stem need not be a word ("boxes" -> "box").
    """
    low = word.casefold().removesuffix("'s")
    # "cities" -> "city", but not "ties" -> "ty"
    if low.endswith("ies") and len(low) > 4:
        return f"{low[:-3]}y"
    if low.endswith(("sses", "shes", "ches", "xes")):
        return low[:-2]
    # Not "bus", "address", "status", "analysis".
    is_plural = low.endswith("s") and len(low) > 3 and not low.endswith(("ss", "us", "is"))
    return low[:-1] if is_plural else low


def phrase(words: str) -> Phrase:
    """Words as a phrase: "the Departure Dates" -> ("the", "departure", "date")."""
    return tuple(stem(word) for word in _WORD.findall(words))


def name_key(words: str) -> str:
    """What identifies a name: its stems without a final "ID" or the like.

    "flight ID" -> "flight", so that it is the same name as "flight".
    """
    return " ".join(phrase(" ".join(_without_id_suffix(words.split()))))


def name_wordings(words: str) -> tuple[str, ...]:
    """The wordings by which a name goes, most literal first.

    "placed from" -> ("placed from", "placed no earlier than", "placed should be no earlier than",
    "placed at least", "placed should be at least")
    """
    parts = words.split()
    short_parts = _without_id_suffix(parts)
    short = " ".join(short_parts)
    bare = words.removeprefix("is ").removeprefix("has ")
    # "city of the address" is said "address city" and, where nothing else is meant, "city".
    inner, _, outer = words.partition(" of the ")
    turned = (f"{outer} {inner}", inner, *_owner_wordings(outer, inner)) if outer else ()
    numbered = f"{short} number" if short_parts != parts else bare
    return tuple(dict.fromkeys((words, bare, *turned, *_range_wordings(words), short, numbered)))


def name_phrases(names: Sequence[tuple[str, str]]) -> Mapping[Phrase, str]:
    """Phrases to look for, each with the key of the name that it stands for.

    `names` are pairs of words and key. Where two names share a wording, the name for which it is
    the more literal one gets it.
    """
    keys: dict[Phrase, str] = {}
    wordings = [(name_wordings(words), key) for words, key in names]
    # Rank by rank rather than name by name, so that a whole name goes before another's short form.
    for rank in range(_MAX_WORDINGS):
        for forms, key in wordings:
            if rank < len(forms) and (stems := phrase(forms[rank])):
                keys.setdefault(stems, key)
    return keys


def _without_id_suffix(parts: list[str]) -> list[str]:
    """["flight", "ID"] -> ["flight"]"""
    ends_in_id = len(parts) > 1 and parts[-1].lower() in WORDS["id_suffixes"]
    return parts[:-1] if ends_in_id else parts


def _range_wordings(words: str) -> Iterator[str]:
    """How one end of a range is said: "placed from" -> "placed no earlier than", ..."""
    first, *after_first = words.split()
    *before_last, last = words.split()
    for end, rest in ((first.lower(), after_first), (last.lower(), before_last)):
        if rest and end in _RANGE_ENDS:
            for bound in _RANGE_ENDS[end]:
                yield f"{' '.join(rest)} {bound}"
                yield f"{' '.join(rest)} should be {bound}"


def _owner_wordings(outer: str, inner: str) -> Iterator[str]:
    """Short forms of a nested name.

    ("action", "device ID") -> "action device"; ("check", "value") -> "check"
    """
    *rest, last = inner.split()
    if last.lower() in WORDS["id_suffixes"] and rest:
        yield f"{outer} {' '.join(rest)}"
    if inner in _STANDS_FOR_OWNER:
        yield outer
