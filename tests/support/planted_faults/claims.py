"""Faults in the facts that the assistant tells: wrong, denied, too early, left out."""

from __future__ import annotations

import random
from typing import Any

from inftool.scenarios.world_pool import WorldPool
from tests.support.planted_faults.lines import NONSENSE, Line, calls_of, fault, users


def told(line: Line) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each fact with the answer that has to tell it: the last one to its own wish.

    Where users said more than one thing to a wish, only the last wish's.
    """
    turns = line["blueprint"]["turns"]
    edges = [*users(line)[1:], len(line["messages"])]
    if len(edges) != len(turns):
        turns, edges = turns[-1:], edges[-1:]
    return [
        (fact, line["messages"][edge - 1])
        for turn, edge in zip(turns, edges, strict=True)
        for fact in turn["facts"]
    ]


@fault("assistant")
def number_told_wrong(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    for fact, message in told(line):
        if type(fact["value"]) is not int or fact["value"] <= 12:
            continue
        text = message["content"]
        shown = next(
            (form for form in (f"{fact['value']:,}", str(fact["value"])) if text.count(form) == 1),
            None,
        )
        if shown:
            message["content"] = text.replace(shown, str(fact["value"] + rng.choice((1, 7, 30))))
            return True
    return False


@fault("assistant")
def name_told_wrong(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    for fact, message in told(line):
        value = fact["value"]
        if isinstance(value, str) and " " in value and message["content"].count(value) == 1:
            message["content"] = message["content"].replace(value, rng.choice(NONSENSE))
            return True
    return False


@fault("assistant")
def fact_denied(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """The value is said, and said not to be so."""
    for fact, message in told(line):
        spoken, text = str(fact["value"]), message["content"]
        if type(fact["value"]) not in (int, str) or text.count(spoken) != 1:
            continue
        at = text.find(spoken)
        if (
            not text[at - 1 : at].isalnum()
            and not text[at + len(spoken) : at + len(spoken) + 1].isalnum()
        ):
            message["content"] = text.replace(
                spoken, f"{rng.choice(('not', 'no longer', 'never'))} {spoken}"
            )
            return True
    return False


@fault("assistant")
def told_before_it_was_known(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """The answer stands beside the call that was to find it; after the call, only "done"."""
    turns, at = line["blueprint"]["turns"], users(line)
    if not turns[-1]["facts"] or not turns[-1]["steps"]:
        return False
    found = [place for place, _, _ in calls_of(line) if place > at[-1]]
    if not found:
        return False
    line["messages"][found[0]]["content"] = line["messages"][-1]["content"]
    line["messages"][-1]["content"] = "Done, that went through."
    return True


@fault("assistant")
def fact_not_told(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if not line["blueprint"]["turns"][-1]["facts"]:
        return False
    line["messages"][-1]["content"] = "All done, that went through."
    return True


@fault("assistant")
def success_claimed(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    turn = line["blueprint"]["turns"][-1]
    if turn["steps"] or turn.get("kind", "wish") == "drop":
        return False
    line["messages"][-1]["content"] = rng.choice(
        ("All set, I've taken care of it.", "Done. Enjoy!")
    )
    return True


@fault("assistant")
def inability_claimed(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    turn = line["blueprint"]["turns"][-1]
    if not turn["steps"] or any(step.get("refused") for step in line["blueprint"]["plan"]):
        return False
    line["messages"][-1]["content"] = "I'm sorry, but I'm not able to do that."
    return True
