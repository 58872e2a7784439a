"""Parses expressions that name one entity by another: "the customer of that order"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from inftool.language.values import split_name
from inftool.world.resources.models import Resource

_ORDINALS = ("first", "second", "third", "fourth")
_QUALIFIER = r"(?:(only|most recent|latest|oldest|first|second|third|fourth) )?"
# The last word of the name of a property that holds a key: `recipientAddressId`.
_KEY_WORD = re.compile(
    r"\s*\b(?:ids?|codes?|numbers?|keys?|uuids?|refs?|references?|slugs?|sids?|names?)$"
)


class RelatedExpression(NamedTuple):
    """An expression "the [qualifier] NOUN of ANCHOR", read in one of the possible ways."""

    qualifier: str | None
    """Which of several: an ordinal, "only", "most recent" and the like; None where it is not said.
    """

    anchor: str
    """The resource of the entity that is known."""

    anchor_text: str
    """The words for that entity: "that order"."""

    forward: list[str]
    """The places of the anchor that hold the key of what is meant, if it is read so."""

    backward: list[tuple[str, str]]
    """The places of what is meant that hold a key of the anchor, each with that key's property."""


def parse_related(
    text: str, goal: str, prop: str, resources: Mapping[str, Resource]
) -> Iterator[RelatedExpression]:
    """Every way to read a text as property `prop` of a `goal` that is named by another entity.

    Exactly one of `forward` and `backward` is filled; nothing is yielded where neither could be.
    """
    if " of " not in text:
        return
    goal_noun = resources[goal].name.casefold()
    for name, anchor in resources.items():
        anchor_noun = anchor.name.casefold()
        if anchor_noun not in text:
            continue
        places = _places_by_noun(anchor, goal, prop, goal_noun)
        nouns = "|".join(map(re.escape, places))
        match = re.fullmatch(
            rf"the {_QUALIFIER}({nouns}) of (.*\b{re.escape(anchor_noun)}\b.*)", text
        )
        if not match:
            continue
        qualifier, noun, anchor_text = match[1], match[2], match[3]
        if anchor.identifier is None and not anchor_text.startswith("that "):
            continue
        if places[noun] and (not qualifier or qualifier in _ORDINALS):
            yield RelatedExpression(qualifier, name, anchor_text, places[noun], [])
            continue
        backward = [
            (pattern, target[1])
            for pattern, target in resources[goal].references.items()
            if target[0] == name
        ]
        if backward:
            yield RelatedExpression(qualifier, name, anchor_text, [], backward)


def _places_by_noun(anchor: Resource, goal: str, prop: str, goal_noun: str) -> dict[str, list[str]]:
    """The places of an anchor that hold the key of a goal, by the nouns that they go by.

    A shipment with `/senderAddressId` and `/recipientAddressId` has them as "sender address" and
    "recipient address"; where there is one property only it also goes by the goal's own noun. That
    noun is always there, perhaps with no place. Of places with the same last name the outermost
    count.
    """
    pointers = [pattern for pattern, target in anchor.references.items() if target == (goal, prop)]
    nearest = {
        last: min(pattern.count("/") for pattern in pointers if _last_name(pattern) == last)
        for last in map(_last_name, pointers)
    }
    places: dict[str, list[str]] = {}
    for pattern in pointers:
        if pattern.count("/") == nearest[_last_name(pattern)]:
            nouns = [_noun_of_place(pattern) or goal_noun]
            if len(nearest) == 1 and goal_noun not in nouns:
                nouns.append(goal_noun)
            for noun in nouns:
                places.setdefault(noun, []).append(pattern)
    places.setdefault(goal_noun, [])
    return places


def _last_name(pattern: str) -> str:
    return next(part for part in reversed(pattern.split("/")) if part != "*")


def _noun_of_place(pattern: str) -> str:
    """What a place that holds a key is called: `/recipientAddressId` -> "recipient address"."""
    return _KEY_WORD.sub("", split_name(_last_name(pattern)).casefold())
