"""The verbs of requests: which words are verbs, their imperatives and their participles."""

from __future__ import annotations

from functools import lru_cache

from inftool.core.word_sets import load_word_maps, load_word_sets

_SETS = load_word_sets("inftool.language", "word_sets.json")
_MAPS = load_word_maps("inftool.language", "word_maps.json")

IMPERATIVES = _SETS["imperatives"]
"""Verbs that summaries begin with. A first word that is none of these is taken for a noun."""

READ_VERBS = _SETS["read_verbs"]
"""Verbs that change nothing, such as "get", "list" and "look"."""

CREATE_VERBS = _SETS["create_verbs"]
"""Verbs that make a new entity, such as "create", "register" and "post"."""

NOUN_OR_VERB = _SETS["noun_or_verb"]
"""Words that are nouns as often as verbs ("order", "report").

In front of another noun, in a request that only reads, they are nouns: "get order items".
"""

USER_VERBS: dict[str, str] = _MAPS["user_verbs"]
"""Verbs of an API -> what a user says instead.

A server shows a comment and a user looks it up: "I'd like to show a comment" is not what a user
means. "Look up" is right from both sides.
"""

_IRREGULAR_PARTICIPLES = _MAPS["irregular_participles"]
# "un-confirm" and "re-send" are one word with a prefix; "check-in" is not.
_PREFIXES = ("un", "re", "de", "dis")


@lru_cache(maxsize=4096)
def imperative(word: str) -> str | None:
    """The imperative of a verb in any inflection, None for a word that is no known verb.

    `Retrieves` gives `retrieve`, `creating` gives `create`, `un-confirm` gives `unconfirm`.
    """
    lower = word.lower().rstrip(",:")
    if "-" in lower:
        head, _, tail = lower.partition("-")
        lower = f"{head}{tail}" if head in _PREFIXES else lower
    if lower in IMPERATIVES:
        return lower
    candidates: list[str] = []
    if lower.endswith("s"):
        # "gets" -> "get", "searches" -> "search", "modifies" -> "modify"
        candidates += [lower[:-1], lower[:-2], f"{lower[:-3]}y"]
    if lower.endswith("ing"):
        # "listing" -> "list", "creating" -> "create", "getting" -> "get"
        candidates += [lower[:-3], f"{lower[:-3]}e", lower[:-4]]
    return next((candidate for candidate in candidates if candidate in IMPERATIVES), None)


@lru_cache(maxsize=4096)
def participle(verb: str) -> str:
    """The past participle: `place` gives `placed`, `send` gives `sent`."""
    if verb in _IRREGULAR_PARTICIPLES:
        return _IRREGULAR_PARTICIPLES[verb]
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}ed"
