"""Imperfect traces: what an assistant says, with one thing in it wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence

from inftool.training.tokenization.slots import vocabulary as v

Turns = Sequence[tuple[str, Sequence[str]]]
_KINDS = ("tool", "value", "name", "dropped", "invented", "cut", "decision")


def corrupt(turns: Turns, rng: random.Random, right: float) -> list[tuple[str, list[str]]]:
    """A conversation that is right as a whole with the chance `right`: each message of the assistant is spoilt by itself, in its tool, a value, a name, what is left
    out or made up, or the decision.
    """
    said = [(role, list(tokens)) for role, tokens in turns]
    spots = [index for index, (role, _) in enumerate(said) if role == "assistant"]
    for at in spots:
        if rng.random() < right ** (1.0 / len(spots)):
            continue
        context = list(dict.fromkeys(token for _, tokens in said[:at] for token in tokens))
        for kind in rng.sample(_KINDS, len(_KINDS)):
            if _spoil(kind, said[at][1], context, rng):
                break
    return said


def _spoil(kind: str, tokens: list[str], context: Sequence[str], rng: random.Random) -> bool:
    """Make one mistake of a kind; False where there is no occasion for it."""
    calls = tokens[0] == v.CALL
    if kind == "decision":
        tokens[:] = [
            rng.choice([head for head in (v.DONE, v.CANNOT, v.ASK) if head != tokens[0]]),
            v.END,
        ]
        return True
    if kind == "cut":
        if len(tokens) <= 4:
            return False
        del tokens[rng.randrange(3, len(tokens) - 1) : -1]
        return True
    family = {"tool": "t", "value": "v", "name": "n", "dropped": "n", "invented": "n"}[kind]
    places = [index for index, token in enumerate(tokens) if v.is_slot(token, family)]
    others = [token for token in context if v.is_slot(token, family) and token not in tokens]
    if kind == "invented":
        values = [token for token in context if v.is_slot(token, "v")]
        if not (calls and others and values):
            return False
        tokens[-1:-1] = [rng.choice(others), rng.choice(values)]
        return True
    if not places or (kind == "dropped" and not calls):
        return False
    place = rng.choice(places)
    if kind == "dropped":
        end = place + 1
        while end < len(tokens) and (v.is_slot(tokens[end], "vw") or tokens[end] in (v.YES, v.NO)):
            end += 1
        del tokens[place - (tokens[place - 1] in v.PLACES) : end]
        return True
    if not others:
        return False
    tokens[place] = rng.choice(others)
    return True
