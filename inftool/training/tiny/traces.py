"""Traces for the base: right conversations of specs in the tiny model's vocabulary."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from inftool.synthesis.rehearsal import rehearsed
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.models.shipped import TINY_CATEGORIES
from inftool.training.tiny.corruption import corrupt
from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.conversation import SlotConversation, Turns

# Longer traces are left out: a batch costs as much as its longest trace.
MAX_TOKENS = 420
# Blueprints of one draw are all different; after so many a new draw begins with another seed.
_DRAW = 100
# Batches are made of traces of about the same length, out of as many batches' traces as this.
_BATCHES_SORTED = 20
TRACES_IN_BATCH = 12


def draw_traces(specs: Sequence[str], count: int, seed: int) -> list[Turns]:
    """At most `count` right conversations of each spec: those that are short and expressible."""
    traces: list[Turns] = []
    for spec in specs:
        pool = open_world_pool([spec])
        for first in range(0, count, _DRAW):
            size = min(_DRAW, count - first)
            blueprints = draw_blueprints(pool, size, seed=seed + first, categories=TINY_CATEGORIES)
            for blueprint in blueprints:
                trajectory = rehearsed(blueprint, pool)
                turns = SlotConversation(trajectory.messages, trajectory.tools).turns
                if length(turns) <= MAX_TOKENS and _is_expressible(turns):
                    traces.append(turns)
    return traces


def length(turns: Turns) -> int:
    """The tokens of a conversation."""
    return sum(len(tokens) for _, tokens in turns)


def _is_expressible(turns: Turns) -> bool:
    """Whether all that the assistant says has a token."""
    return not any(v.UNKNOWN in tokens for role, tokens in turns if role == "assistant")


def shuffle_slots(turns: Turns, rng: random.Random) -> Turns:
    """The same conversation with its slots exchanged, each for one of its family."""
    replacement: dict[str, str] = {}
    for family, size in v.FAMILIES.items():
        for number, place in enumerate(rng.sample(range(size), size)):
            replacement[f"<{family}{number}>"] = f"<{family}{place}>"
    return [(role, [replacement.get(token, token) for token in tokens]) for role, tokens in turns]


def trace_batches(
    traces: Sequence[Turns], rng: random.Random, right: float
) -> Iterator[list[Turns]]:
    """Batches of traces without end, of which a share of `right` is right as a whole."""
    while True:
        sample = rng.sample(list(traces), min(_BATCHES_SORTED * TRACES_IN_BATCH, len(traces)))
        sample.sort(key=length)
        batches = [
            sample[first : first + TRACES_IN_BATCH]
            for first in range(0, len(sample), TRACES_IN_BATCH)
        ]
        rng.shuffle(batches)
        for batch in batches:
            yield [corrupt(shuffle_slots(turns, rng), rng, right) for turns in batch]
