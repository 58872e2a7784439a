"""Drills: small random tasks in the tiny model's vocabulary, of no API at all, from which matching and copying are learnt before any conversation is seen."""

from __future__ import annotations

import random

from inftool.training.tokenization.slots import vocabulary as v
from inftool.training.tokenization.slots.alignment import numbered

Turns = list[tuple[str, list[str]]]


def drill(rng: random.Random) -> Turns:
    """One random task: some tools, a wish with pairs of names and values, the call, its answer by fields, and what is to be told of it."""
    free = {
        family: rng.sample([f"<{family}{number}>" for number in range(size)], size)
        for family, size in v.FAMILIES.items()
    }

    def filler(most: int) -> list[str]:
        return [rng.choice(v.FUNCTION_WORDS) for _ in range(rng.randint(0, most))]

    names = [free["n"].pop() for _ in range(rng.randint(6, 12))]
    words = [free["w"].pop() for _ in range(4)]
    # What is said of the right tool was all in the wish; of another, only some of it.
    said = [*rng.sample(words, rng.randint(1, 3)), *rng.sample(names[:3], rng.randint(0, 2))]
    tools = []
    for number in range(rng.choice((1, 2, 4, 8, 12, 20))):
        described = (
            [*said, *[v.OTHER] * rng.choice((0, 1, 2, 2))]
            if not number
            else [
                *rng.sample(said, rng.randint(0, len(said) - 1)),
                *[v.OTHER] * rng.choice((1, 2, 2)),
            ]
        )
        tools.append(
            (described, rng.sample(names, rng.randint(2, min(8, len(names)))), free["t"].pop())
        )
    right = tools[0]
    rng.shuffle(tools)
    offer = [v.TOOLS]
    for described, taken, slot in tools:
        offer += [v.TOOL, *described, ":", *taken[:1], ";", *taken[1:], slot]
    wish = [v.USER, *filler(3)]
    if rng.random() < 0.06:
        wish += [
            *filler(3),
            v.OTHER,
            *filler(6),
            *numbered([[rng.choice(names), free["v"].pop()]] if rng.random() < 0.5 else []),
        ]
        return [("user", [*wish, *offer, v.ASSISTANT]), ("assistant", [v.CANNOT, v.END])]
    _, taken, slot = right
    wish += [*filler(2), *(token for word in said for token in (word, *filler(1))), *filler(2)]
    pairs: list[list[str]] = []
    for name in rng.sample(taken, rng.randint(0 if rng.random() < 0.2 else 1, len(taken))):
        wish += [name, *filler(1)]
        pairs.append(
            [
                name,
                *(
                    [free["v"].pop() for _ in range(rng.choice((1, 1, 1, 1, 1, 2)))]
                    if rng.random() < 0.93
                    else [rng.choice((v.YES, v.NO))]
                ),
            ]
        )
    call = [v.CALL, slot, *numbered(pairs)]
    fields = rng.sample(names, rng.randint(1, min(6, len(names))))
    rows, answer, values = rng.choice((1, 1, 2, 3)), [v.RESULT], {}
    for field in fields:
        values[field] = [free["v"].pop() for _ in range(rows)]
        answer += [field, *values[field]]
    asked = rng.sample(fields, rng.choice((0, 1, 2, 3)) if len(fields) > 3 else 1)
    answer += [v.WISH, *filler(5)]
    for name in [name for name in names if name not in fields][:2]:
        answer += ["the", name, *filler(1)]
    if asked:
        answer += rng.choice(
            (["tell", "me"], ["let", "me", "know"], ["give", "me"], ["like", "to", "know"])
        )
    for field in asked:
        # "The name of the booking": only the name is asked for.
        of = ["of", "the", rng.choice(names)] if rng.random() < 0.3 else []
        answer += ["the", field, *of, *rng.choice(([], ["and"], [","]))]
    told = (
        [v.TELL, *(token for field in asked for token in (field, *values[field]))]
        if asked
        else [v.DONE]
    )
    return [
        ("user", [*wish, *filler(4), *numbered(pairs), *offer, v.ASSISTANT]),
        ("assistant", [*call, v.END]),
        ("tool", [*answer, *filler(2), ".", v.ASSISTANT]),
        ("assistant", [*told, v.END]),
    ]
