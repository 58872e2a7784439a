"""The dialogue acts of a scripted conversation, in the order in which the two sides perform them."""

from __future__ import annotations

import random
from typing import Literal

from inftool.core.blueprints import Blueprint
from inftool.core.types import Record

DialogueActKind = Literal["ask", "act", "decline", "drop"]


class DialogueAct(Record):
    """What the assistant does about one utterance: asks for what was withheld, acts on a turn, or declines it."""

    kind: DialogueActKind
    turn: int


def act_rng(blueprint: Blueprint, part: str) -> random.Random:
    """A random generator of its own for each part of a blueprint: the wording of one message depends on no other."""
    return random.Random(f"{blueprint.id}/{part}")


def dialogue_acts(blueprint: Blueprint) -> tuple[DialogueAct, ...]:
    """One beat an utterance, in order; a turn with withheld details has two."""
    plan: list[DialogueAct] = []
    for number, turn in enumerate(blueprint.turns):
        if any(detail.withheld for detail in turn.details):
            plan.append(DialogueAct(kind="ask", turn=number))
        plan.append(
            DialogueAct(
                kind="act" if turn.steps else "drop" if turn.kind == "drop" else "decline",
                turn=number,
            )
        )
    return tuple(plan)


def additions(blueprint: Blueprint) -> dict[int, tuple[str, ...]]:
    """The tools that become visible with what the user says, by the number (from 0) of the utterance."""
    if not any(turn.adds for turn in blueprint.turns):
        return {}
    found: dict[int, tuple[str, ...]] = {}
    for number, beat in enumerate(dialogue_acts(blueprint)):
        adds = blueprint.turns[beat.turn].adds
        if adds and not any(name in names for names in found.values() for name in adds):
            found[number] = adds
    return found
