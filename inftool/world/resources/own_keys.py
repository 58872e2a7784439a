"""Tells apart a resource's own key from a key that it borrows from another resource."""

from __future__ import annotations

from collections.abc import Mapping

from inftool.language.identifiers import noun, split, squash
from inftool.world.resources.models import Resource, ResourceProperty
from inftool.world.resources.word_sets import WORDS


def drop_references_of_own_keys(
    resources: Mapping[str, Resource], references: Mapping[str, dict[str, ResourceProperty]]
) -> None:
    """Take references out, in place, that would make a resource's own key another one's.

    An order's `orderId` is its own key whatever else has a key of that name; an inventory's
    `bookId` is a book's. Of two resources that share a key neither owns the other's, and a key
    cannot be that of a resource that lies below.
    """
    keys = {
        name: f"/{resource.identifier}"
        for name, resource in resources.items()
        if resource.identifier is not None
    }
    for name, key in sorted(keys.items()):
        target = references[name].get(key)
        if target is None:
            continue
        owner, prop = target
        # Both have a key that refers to the other one's: `sku` of products and of variants.
        is_shared = keys.get(owner) in references.get(owner, {})
        if (
            is_shared
            or owner == name
            or prop != resources[owner].identifier
            or _is_named_after(key[1:], name, owner)
            or name in _ancestors(owner, resources)
        ):
            del references[name][key]


def _is_named_after(identifier: str, name: str, owner: str) -> bool:
    """Whether a key is named after its resource and not after the one that it may refer to."""
    # "order_id" -> "order"; "isbn" stays as it is.
    words = split(identifier)
    if len(words) > 1 and words[-1] in WORDS["reference_suffixes"]:
        words = words[:-1]
    key_noun = squash(noun(" ".join(words)))
    own_noun = squash(name)
    fits = bool(key_noun) and (key_noun in own_noun or own_noun in key_noun)
    return fits and squash(owner) != key_noun


def _ancestors(name: str, resources: Mapping[str, Resource]) -> set[str]:
    """All resources that one lies under, its parents' parents included."""
    ancestors: set[str] = set()
    waiting = list(resources[name].parents)
    while waiting:
        parent = waiting.pop()
        if parent not in ancestors and parent in resources:
            ancestors.add(parent)
            waiting += resources[parent].parents
    return ancestors
