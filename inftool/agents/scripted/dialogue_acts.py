"""The dialogue acts of a scripted conversation, in the order in which they are performed."""

from __future__ import annotations

import random
from typing import Literal

from inftool.core.blueprints import Blueprint, Turn
from inftool.core.types import Record

DialogueActKind = Literal["ask", "act", "decline", "drop"]
"""What the assistant does: asks for withheld details, makes calls, declines, or drops a wish."""


class DialogueAct(Record):
    """What the assistant does about one message of the user."""

    kind: DialogueActKind
    """See `DialogueActKind`."""

    turn: int
    """The number (from 0) of the blueprint's turn that the message belongs to."""


def act_rng(blueprint: Blueprint, part: str) -> random.Random:
    """A random generator for one part of a blueprint's wording.

    Each part has its own, so that the wording of one message does not depend on any other.
    """
    return random.Random(f"{blueprint.id}/{part}")


def dialogue_acts(blueprint: Blueprint) -> tuple[DialogueAct, ...]:
    """One act for each message of the user, in order; a turn with withheld details has two."""
    acts: list[DialogueAct] = []
    for number, turn in enumerate(blueprint.turns):
        # The user's first message leaves something out; the second one answers the question.
        if any(detail.withheld for detail in turn.details):
            acts.append(DialogueAct(kind="ask", turn=number))
        acts.append(DialogueAct(kind=_last_act(turn), turn=number))
    return tuple(acts)


def _last_act(turn: Turn) -> DialogueActKind:
    if turn.steps:
        return "act"
    return "drop" if turn.kind == "drop" else "decline"


def additions(blueprint: Blueprint) -> dict[int, tuple[str, ...]]:
    """The tools that become visible, by the number (from 0) of the user's message they come with.

    Tools of a turn with two messages come with the first.
    """
    if not any(turn.adds for turn in blueprint.turns):
        return {}
    added: dict[int, tuple[str, ...]] = {}
    for number, act in enumerate(dialogue_acts(blueprint)):
        adds = blueprint.turns[act.turn].adds
        # The second message of a turn finds its tools added already.
        if adds and not any(name in names for names in added.values() for name in adds):
            added[number] = adds
    return added
