"""How one entity is named by another that refers to it: "the author of the book The Tin Drum"."""

from __future__ import annotations

import re

from inftool.language.values import split_name
from inftool.world.resources.models import Resource

# The words at the end of a property's name that say it holds a key: "author ID" -> "author".
KEY_SUFFIX = re.compile(
    r"\s*\b(?:IDs?|codes?|numbers?|keys?|UUIDs?|refs?|references?|slugs?|SIDs?|names?)$",
    re.IGNORECASE,
)


def relation_noun(holder: Resource, place: str, resource: Resource) -> str:
    """What an entity is to another that refers to it at a place (a pointer pattern).

    The "author" of a book (`/authorId`), the "recipient address" of a shipment. Empty if nobody
    would say it: `/replies/*/authorId` of a comment, which has an `/authorId` itself.
    """
    target = holder.references[place]
    names = {
        other: _property_name(other)
        for other, other_target in holder.references.items()
        if other_target == target
    }
    depth = place.count("/")
    if any(name == names[place] and other.count("/") < depth for other, name in names.items()):
        return ""
    words = split_name(names[place])
    noun = KEY_SUFFIX.sub("", words).lower()
    if names_key_only(words, noun, resource):
        return resource.name
    return noun or resource.name


def names_key_only(words: str, noun: str, resource: Resource) -> bool:
    """Whether a property's words name the key and not the entity, so that its noun misleads.

    "tracking number" (noun "tracking") of a shipment does; "author ID" (noun "author") does not.
    """
    return (
        noun.lower() != words.lower()
        and not words.endswith(("ID", "IDs"))
        and not set(noun.lower().split()) & set(resource.name.split())
    )


def _property_name(place: str) -> str:
    """The last name of a pointer pattern: `/lines/*/bookId` -> `bookId`."""
    return next(part for part in reversed(place.split("/")) if part != "*")
