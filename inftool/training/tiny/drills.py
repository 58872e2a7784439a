"""Drills: small random tasks in the tiny model's vocabulary, of no API at all.

Matching and copying are learned from them before any conversation is seen. The probabilities and
sizes here trade variety, from which rules are learned that hold everywhere, against likeness to
real conversations.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.alignment import number_pairs
from inftool.training.tokenization.slots.conversation import Turns

# Repeated entries are weights.
_TOOL_COUNTS = (1, 2, 4, 8, 12, 20)
_OTHER_WORDS_OF_RIGHT_TOOL = (0, 1, 2, 2)
_OTHER_WORDS_OF_WRONG_TOOL = (1, 2, 2)
_VALUES_OF_PAIR = (1, 1, 1, 1, 1, 2)
_ROWS = (1, 1, 2, 3)
_ASKED_FIELDS = (0, 1, 2, 3)
_MAX_ARGUMENTS, _MAX_FIELDS = 8, 6

# How often: a request that no tool serves, with an argument even then; a call without arguments;
# a pair with a slot rather than yes or no; a field that is asked for "of" something.
_NO_TOOL, _NO_TOOL_PAIR, _NO_PAIRS, _SLOT_VALUE, _OF = 0.06, 0.5, 0.2, 0.93, 0.3

_QUESTIONS = (["tell", "me"], ["let", "me", "know"], ["give", "me"], ["like", "to", "know"])
_BETWEEN_FIELDS: tuple[list[str], ...] = ([], ["and"], [","])


class _Tool(NamedTuple):
    description: list[str]
    arguments: list[str]
    slot: str


@dataclass
class _Draw:
    """Random choices for one drill; `free` are the slots not yet used, by family."""

    rng: random.Random
    free: dict[str, list[str]]

    def slot(self, family: str) -> str:
        return self.free[family].pop()

    def words(self, most: int) -> list[str]:
        """At most so many function words."""
        return [self.rng.choice(v.FUNCTION_WORDS) for _ in range(self.rng.randint(0, most))]


def drill(rng: random.Random) -> Turns:
    """One random task: tools, a request with names and values, the call, its answer, the reply.

    One in seventeen is a request that no tool serves.
    """
    # Every choice below is a draw from `rng`: their order decides what a seed gives.
    slots = {
        family: rng.sample([f"<{family}{number}>" for number in range(size)], size)
        for family, size in v.FAMILIES.items()
    }
    draw = _Draw(rng, slots)
    names = [draw.slot("n") for _ in range(rng.randint(6, 12))]
    words = [draw.slot("w") for _ in range(4)]
    # All that the right tool's description has was said in the request; of other tools, only some.
    said = [*rng.sample(words, rng.randint(1, 3)), *rng.sample(names[:3], rng.randint(0, 2))]
    tools = _tools(draw, names, said)
    right = tools[0]
    rng.shuffle(tools)
    offer = _offer(tools)
    opening = [v.USER, *draw.words(3)]
    if rng.random() < _NO_TOOL:
        request = _unserved_request(draw, names)
        return [
            ("user", [*opening, *request, *offer, v.ASSISTANT]),
            ("assistant", [v.CANNOT, v.END]),
        ]
    request, pairs = _request(draw, right, said)
    call = [v.CALL, right.slot, *number_pairs(pairs)]
    answer, told = _answer(draw, names)
    user = [*opening, *request, *draw.words(4), *number_pairs(pairs), *offer, v.ASSISTANT]
    return [
        ("user", user),
        ("assistant", [*call, v.END]),
        ("tool", [*answer, *draw.words(2), ".", v.ASSISTANT]),
        ("assistant", [*told, v.END]),
    ]


def _tools(draw: _Draw, names: Sequence[str], said: Sequence[str]) -> list[_Tool]:
    """Some tools, of which the first is the one that the request is about."""
    rng = draw.rng
    tools = []
    for number in range(rng.choice(_TOOL_COUNTS)):
        if number == 0:
            described, others = [*said], rng.choice(_OTHER_WORDS_OF_RIGHT_TOOL)
        else:
            described = rng.sample(said, rng.randint(0, len(said) - 1))
            others = rng.choice(_OTHER_WORDS_OF_WRONG_TOOL)
        arguments = rng.sample(names, rng.randint(2, min(_MAX_ARGUMENTS, len(names))))
        tools.append(_Tool([*described, *[v.OTHER] * others], arguments, draw.slot("t")))
    return tools


def _offer(tools: Sequence[_Tool]) -> list[str]:
    """The tools as a conversation offers them; the first argument of each is required."""
    tokens = [v.TOOLS]
    for tool in tools:
        required, *optional = tool.arguments
        tokens += [v.TOOL, *tool.description, ":", required, ";", *optional, tool.slot]
    return tokens


def _unserved_request(draw: _Draw, names: Sequence[str]) -> list[str]:
    """A request of which no tool has a word, though it may name an argument."""
    rng = draw.rng
    tokens = [*draw.words(3), v.OTHER, *draw.words(6)]
    has_pair = rng.random() < _NO_TOOL_PAIR
    pairs = [[rng.choice(names), draw.slot("v")]] if has_pair else []
    return [*tokens, *number_pairs(pairs)]


def _request(draw: _Draw, tool: _Tool, said: Sequence[str]) -> tuple[list[str], list[list[str]]]:
    """The words of a request for a tool, and the names with values that it gives."""
    rng = draw.rng
    tokens = draw.words(2)
    for word in said:
        tokens += [word, *draw.words(1)]
    tokens += draw.words(2)
    least = 0 if rng.random() < _NO_PAIRS else 1
    pairs: list[list[str]] = []
    for name in rng.sample(tool.arguments, rng.randint(least, len(tool.arguments))):
        tokens += [name, *draw.words(1)]
        if rng.random() < _SLOT_VALUE:
            values = [draw.slot("v") for _ in range(rng.choice(_VALUES_OF_PAIR))]
        else:
            values = [rng.choice((v.YES, v.NO))]
        pairs.append([name, *values])
    return tokens, pairs


def _answer(draw: _Draw, names: Sequence[str]) -> tuple[list[str], list[str]]:
    """An answer with the question that the user asked, and what is to be told of it."""
    rng = draw.rng
    fields = rng.sample(names, rng.randint(1, min(_MAX_FIELDS, len(names))))
    rows = rng.choice(_ROWS)
    values = {field: [draw.slot("v") for _ in range(rows)] for field in fields}
    tokens = [v.RESULT]
    for field in fields:
        tokens += [field, *values[field]]
    # More can be asked for where there is more.
    asked = rng.sample(fields, rng.choice(_ASKED_FIELDS) if len(fields) > 3 else 1)
    tokens += [v.QUESTION, *draw.words(5)]
    # Names that the answer does not have are said, too.
    for name in [name for name in names if name not in fields][:2]:
        tokens += ["the", name, *draw.words(1)]
    if not asked:
        return tokens, [v.DONE]
    tokens += rng.choice(_QUESTIONS)
    for field in asked:
        # "The name of the booking": only the name is asked for.
        owner = ["of", "the", rng.choice(names)] if rng.random() < _OF else []
        tokens += ["the", field, *owner, *rng.choice(_BETWEEN_FIELDS)]
    told = [token for field in asked for token in (field, *values[field])]
    return tokens, [v.TELL, *told]
