"""Imperfect traces: what an assistant says, with one mistake in each message that is wrong."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.calls import is_value_token

Turn = tuple[str, Sequence[str]]
Mistake = Callable[[list[str], Sequence[str], random.Random], bool]
"""Makes a mistake in a message, in place; False if the message has no occasion for it.

It is given the tokens of the message and the distinct tokens before it."""

# A message is cut only if that leaves its head and more: `<call>`, the tool, one token.
_HEAD = 3


def corrupt(turns: Sequence[Turn], rng: random.Random, right: float) -> list[tuple[str, list[str]]]:
    """A conversation that is right as a whole with the probability `right`.

    Each message of the assistant is corrupted independently: in its tool, a value, a name, what is
    left out or made up, or the decision what to do.
    """
    corrupted = [(role, list(tokens)) for role, tokens in turns]
    places = [index for index, (role, _) in enumerate(corrupted) if role == "assistant"]
    for place in places:
        # All messages are right with probability `right` if each is with this one.
        if rng.random() < right ** (1.0 / len(places)):
            continue
        before = (token for _, tokens in corrupted[:place] for token in tokens)
        context = list(dict.fromkeys(before))
        for kind in rng.sample(_KINDS, len(_KINDS)):
            if _MISTAKES[kind](corrupted[place][1], context, rng):
                break
    return corrupted


def _replace_slot(family: str) -> Mistake:
    """A mistake that puts another slot of a family from the conversation into the place of one."""

    def replace(tokens: list[str], context: Sequence[str], rng: random.Random) -> bool:
        places = [index for index, token in enumerate(tokens) if v.is_slot(token, family)]
        others = _unused(tokens, context, family)
        if not places:
            return False
        # Drawn before the check, so that the same seed gives the traces the base was made from.
        place = rng.choice(places)
        if not others:
            return False
        tokens[place] = rng.choice(others)
        return True

    return replace


def _drop_argument(tokens: list[str], context: Sequence[str], rng: random.Random) -> bool:
    """Leave out an argument of a call with its position and values."""
    places = [index for index, token in enumerate(tokens) if v.is_slot(token, "n")]
    if not places or tokens[0] != v.CALL:
        return False
    place = rng.choice(places)
    end = place + 1
    while end < len(tokens) and is_value_token(tokens[end]):
        end += 1
    start = place - 1 if tokens[place - 1] in v.POSITIONS else place
    del tokens[start:end]
    return True


def _invent_argument(tokens: list[str], context: Sequence[str], rng: random.Random) -> bool:
    """Add an argument to a call that the assistant had no reason to give."""
    others = _unused(tokens, context, "n")
    values = [token for token in context if v.is_slot(token, "v")]
    if not (tokens[0] == v.CALL and others and values):
        return False
    tokens[-1:-1] = [rng.choice(others), rng.choice(values)]
    return True


def _cut_short(tokens: list[str], context: Sequence[str], rng: random.Random) -> bool:
    """End a message early."""
    if len(tokens) <= _HEAD + 1:
        return False
    del tokens[rng.randrange(_HEAD, len(tokens) - 1) : -1]
    return True


def _decide_wrongly(tokens: list[str], context: Sequence[str], rng: random.Random) -> bool:
    """Say that it is done, cannot be done or is unclear."""
    heads = [head for head in (v.DONE, v.CANNOT, v.ASK) if head != tokens[0]]
    tokens[:] = [rng.choice(heads), v.END]
    return True


def _unused(tokens: Sequence[str], context: Sequence[str], family: str) -> list[str]:
    """The slots of a family that stand before the message and not in it."""
    return [token for token in context if v.is_slot(token, family) and token not in tokens]


# The order is that in which `rng.sample` has always seen them: it decides what a seed gives.
_MISTAKES: dict[str, Mistake] = {
    "tool": _replace_slot("t"),
    "value": _replace_slot("v"),
    "name": _replace_slot("n"),
    "dropped": _drop_argument,
    "invented": _invent_argument,
    "cut": _cut_short,
    "decision": _decide_wrongly,
}
_KINDS = tuple(_MISTAKES)
