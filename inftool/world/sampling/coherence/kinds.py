"""Kinds that agree with names and ages."""

from __future__ import annotations

from inftool.language.identifiers import split, squash, stem
from inftool.world.lexicon.word_groups import word_sets
from inftool.world.sampling.named_values.facts import EPOCH
from inftool.world.schema.shape import Shape

_WORDS = word_sets("kind")
# The age in years of people of a kind.
_AGES = {"infant": 1, "baby": 1, "child": 8, "minor": 12}


def match_kinds(value: dict[str, object], shape: Shape) -> None:
    """Make the kinds of an object agree with its name and its date of birth, in place.

    A "Front door lock" of type `light` gets the type `lock`; the birth date of a passenger of type
    `child` is moved to 2017.
    """
    for prop, prop_shape in shape.properties.items():
        kinds = prop_shape.node.get("enum")
        if not isinstance(kinds, list) or prop not in value:
            continue
        if not _WORDS["fields"].intersection(split(prop)[-1:]):
            continue
        kind = _kind_in_name(value, kinds)
        if kind is not None:
            value[prop] = kind
        _match_birth(value, str(value[prop]).lower())


def _kind_in_name(value: dict[str, object], kinds: list[object]) -> str | None:
    """The last of the kinds whose words are all in the object's name; None if none is."""
    name = next(
        (
            item
            for prop, item in value.items()
            if squash(prop) in _WORDS["labels"] and isinstance(item, str)
        ),
        None,
    )
    if name is None:
        return None
    # A "Kitchen" is a `kitchen_room`, though its name does not say so.
    stems = {stem(word) for word in (*split(name), "room")}
    told = [
        kind
        for kind in kinds
        if isinstance(kind, str) and split(kind) and {stem(word) for word in split(kind)} <= stems
    ]
    # "Front door lock": what is named last is what it is.
    return told[-1] if told else None


def _match_birth(value: dict[str, object], kind: str) -> None:
    age = _AGES.get(kind)
    if age is None:
        return
    for prop, born in value.items():
        if isinstance(born, str) and _WORDS["birth"].intersection(split(prop)):
            if len(born) >= len("2025-06-02") and born[:4].isdigit():
                value[prop] = f"{EPOCH.year - age}{born[4:]}"
            return
