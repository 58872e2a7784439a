"""The words of identifiers: splitting names, singular and plural, verb families, stems."""

from __future__ import annotations

import re
from functools import lru_cache

from inftool.core.word_sets import load_word_maps, load_word_sets


@lru_cache(maxsize=1024)
def bag(text: str) -> frozenset[str]:
    """The set of the words of a text; cached, so that it may be called where the set is used."""
    return frozenset(text.split())


@lru_cache(maxsize=1024)
def row(text: str) -> tuple[str, ...]:
    """The words of a text, in their order; cached like `bag`."""
    return tuple(text.split())


_SETS = load_word_sets("inftool.language", "word_sets.json")
_MAPS = load_word_maps("inftool.language", "word_maps.json")

# An acronym ends before the last capital of a run of capitals:
# "HTTPStatusCode2" -> "HTTP", "Status", "Code", "2"
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
# Words that end in "s" in the singular too, and words without a plural.
_UNCOUNTABLE = _SETS["uncountable"]
_WITHOUT_PLURAL = _SETS["without_plural"]
# "people" -> "person"; also plurals that the rules below would get wrong: "caches", "buses".
_SINGULARS = _MAPS["irregular_plurals"]
_PLURALS = {one: many for many, one in _SINGULARS.items() if one != many}

VERB_FAMILIES: dict[str, str] = _MAPS["verb_families"]
"""Verb -> what a caller means by it: list, search, get, create, replace, patch or delete.

Verbs that act on an entity in another way ("cancel", "ship") are in `inftool.world.lexicon`.
"""
# As the last word of a name these are nouns: "guestBook" books nothing.
_VERBS_ONLY_IN_FRONT = _SETS["verbs_only_in_front"]

# Longest first, since the first match is the one that is cut off.
_ENDINGS = tuple("ization isation ations ation ment ings ing tion ied ed es al e y d s".split())
# A shorter stem would be shared by words that have nothing in common.
_SHORTEST_STEM = 3


@lru_cache(maxsize=65536)
def split(name: str) -> tuple[str, ...]:
    """The words of a name in lower case.

    `customerOrderId`, `customer_order_id` and `Customer-Order-ID` all give
    `("customer", "order", "id")`.
    """
    return tuple(word.lower() for word in _WORD.findall(name))


@lru_cache(maxsize=65536)
def squash(name: str) -> str:
    """A name without case and separators, to compare spellings: `Order-ID` gives `orderid`."""
    return "".join(split(name)) or name.strip().lower()


@lru_cache(maxsize=16384)
def singular(word: str) -> str:
    """The singular of a lower-case English word; a word that is no plural comes back unchanged.

    `categories` gives `category`, `boxes` gives `box`, `status` stays `status`.
    """
    if word in _SINGULARS:
        return _SINGULARS[word]
    # "bus", "gas", "class" and "analysis" are no plurals.
    is_plural_form = word.endswith("s") and not word.endswith(("ss", "us", "is"))
    if word in _UNCOUNTABLE or len(word) < 4 or not is_plural_form:
        return word
    if word.endswith("ies"):
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zzes", "oes")):
        return word[:-2]
    return word[:-1]


@lru_cache(maxsize=16384)
def plural(word: str) -> str:
    """The plural of a lower-case English word: `category` gives `categories`."""
    if word in _PLURALS:
        return _PLURALS[word]
    if word in _WITHOUT_PLURAL or (word in _UNCOUNTABLE and word.endswith("s")):
        return word
    # "city" -> "cities", but "day" -> "days".
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return word[:-1] + "ies"
    if word.endswith(("s", "x", "z", "ch", "sh")):
        return word + "es"
    return word + "s"


def is_plural(name: str) -> bool:
    """Whether the last word of a name is a plural."""
    words = split(name)
    return bool(words) and singular(words[-1]) != words[-1]


@lru_cache(maxsize=16384)
def noun(name: str) -> str:
    """A name as a singular noun in words: `order_lines` gives `order line`."""
    words = split(name)
    return " ".join((*words[:-1], singular(words[-1]))) if words else name.lower()


def nouns(name: str) -> str:
    """A name as a plural noun in words: `orderLine` gives `order lines`."""
    words = split(noun(name))
    return " ".join((*words[:-1], plural(words[-1]))) if words else name


def split_verb(words: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The family of the verb in a name, and the words without the verb.

    The verb is the first word, or else the last: `("fetch", "order")` gives
    `("get", ("order",))`, and so does `("order", "fetch")`. A name without a verb gives an
    empty family and all its words.
    """
    if not words:
        return "", words
    first, last = words[0], words[-1]
    if first in VERB_FAMILIES:
        return VERB_FAMILIES[first], words[1:]
    if len(words) > 1 and last in VERB_FAMILIES and last not in _VERBS_ONLY_IN_FRONT:
        return VERB_FAMILIES[last], words[:-1]
    return "", words


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A rough stem: `cancel`, `cancelled`, `canceled` and `cancellation` have the same one."""
    word = word.lower()
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            word = word[: -len(ending)]
            break
    # "cancelled" -> "cancell" -> "cancel"
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2]:
        word = word[:-1]
    # "copies" -> "copi" -> "cop", the stem of "copy" and "copied"
    return word.removesuffix("i") if len(word) > _SHORTEST_STEM else word
