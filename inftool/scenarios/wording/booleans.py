"""Yes and no as people say them: what is to be or not to be so, without a yes, a no or a switch."""

from __future__ import annotations

import random
import re

from inftool.language.values import split_name
from inftool.language.verbs import imperative

_LIKE_ADJECTIVES = re.compile(r"(?:ed|able|ible|ive|ary|ent|ic|al)$")
_ADJECTIVES = frozenset(
    (
        "public private open default primary hidden free urgent draft mock main taxable online "
        "offline live new old mandatory required optional closed overdue empty full ready "
        "whole remote local global official anonymous recurring pending ongoing outstanding secure "
        "unique shared wholesale"
    ).split()
)
_NOT_ADJECTIVES = frozenset(
    (
        "feed need seed speed breed embed email terminal manual journal tutorial portal signal "
        "material interval approval comment document event content consent"
    ).split()
)
_SHOWING = frozenset("show include return display list with load fetch get add".split())


def _adjective(word: str) -> bool:
    return word in _ADJECTIVES or (
        _LIKE_ADJECTIVES.search(word) is not None and word not in _NOT_ADJECTIVES
    )


def boolean_clause(name: str, words: str, value: bool, style: str, rng: random.Random) -> str:
    """What is to be or not to be so, as people say it: "don't send notifications", "only the
    archived ones", "it should be public", "without gift wrap"."""
    parts = words.split()
    last = parts[-1].lower() if parts else ""
    owned = " of the " in words
    # "email verified" is a thing and what it is, and no word for the whole.
    like = (
        len(parts) == 1 and (_adjective(last) or split_name(name).lower().startswith("is "))
    ) or (not owned and split_name(name).lower().startswith("is ") and len(parts) < 3)
    verb = imperative(parts[0]) == parts[0].lower() and len(parts) > 1 if parts else False
    if " can " in f" {words} " and len(parts) > 2:
        return words if value else words.replace(" can ", " cannot ", 1)
    if verb and not owned:
        rest = (
            f"{words} ones"
            if parts[0].lower() in _SHOWING and len(parts) == 2 and _adjective(last)
            else words
        )
        return (
            f"please {rest}"
            if value
            else rng.choice((f"don't {rest}", f"there's no need to {rest}"))
        )
    if like and not verb:
        if style == "filter":
            return (
                rng.choice((f"only the {words} ones", f"just the {words} ones"))
                if value
                else rng.choice((f"none of the {words} ones", f"leave out the {words} ones"))
            )
        if last.endswith("ed"):
            return f"it should be {words}" if value else f"it shouldn't be {words}"
        return (
            rng.choice((f"it should be {words}", f"make it {words}"))
            if value
            else rng.choice((f"it shouldn't be {words}", f"don't make it {words}"))
        )
    return f"with {words}" if value else f"without {words}"
