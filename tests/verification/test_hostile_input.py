"""Whatever stands in a line: a verdict, or an error that says what cannot be read.

Nothing else ever comes out, and nothing broken passes.
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from inftool import verify
from inftool.agents.role_cards import load_personas
from inftool.core.errors import InftoolError
from inftool.core.types import JsonObject
from inftool.scenarios.sampler import BlueprintSampler
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearse, rehearsed
from inftool.verification.integrity import seal
from tests.verification.io.test_layouts import GOOD, LAYOUTS


def nested(make: Any, depth: int) -> Any:
    value: Any = make(None)
    for _ in range(depth):
        value = make(value)
    return value


JUNK: list[Any] = [
    None,
    True,
    0,
    -1,
    1.5,
    float("nan"),
    float("inf"),
    10**400,
    "",
    "\ud800",
    "x" * 999,
    "[]",
    "{}",
    "null",
    [],
    {},
    [None],
    [[]],
    {"a": [{}]},
    {"$ref": "#"},
    {"$from": "s1", "at": "/x"},
    nested(lambda value: {"a": value}, 600),
    nested(lambda value: [value], 900),
]


@pytest.fixture(scope="module")
def shop(bookshop: Any) -> WorldPool:
    return WorldPool(bookshop)


@pytest.fixture(scope="module")
def lines(shop: WorldPool) -> list[JsonObject]:
    sampler, seen = BlueprintSampler(shop, load_personas(), 7), set[str]()
    plays = [
        rehearsed(sampler.draw(n, seen, lambda blueprint: rehearse(blueprint, shop).passed), shop)
        for n in range(8)
    ]
    sealed = [
        play.model_copy(update={"provenance": {**play.provenance, "seal": seal(play)}})
        for play in plays
    ]
    return [json.loads(play.model_dump_json()) for play in sealed]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in items:
        yield from places(item, (*path, key))


def junked(row: JsonObject, rng: random.Random) -> JsonObject | None:
    """The row with one of its values replaced; None where that leaves it as it was."""
    path, junk = rng.choice(list(places(row))), rng.choice(JUNK)
    node: Any = row
    for key in path[:-1]:
        node = node[key]
    if type(node[path[-1]]) is type(junk) and node[path[-1]] == junk:
        return None
    node[path[-1]] = junk
    return row


@pytest.mark.parametrize("make", LAYOUTS, ids=lambda make: make.__name__)
def test_foreign_lines_never_break_the_verifier(make: Any) -> None:
    rng = random.Random(make.__name__)
    for _ in range(120):
        row = junked(copy.deepcopy(make(GOOD)), rng)
        if row is None:
            continue
        with contextlib.suppress(InftoolError):
            json.dumps(verify(row).model_dump(mode="json"))


def test_lines_of_our_own_never_pass_when_they_are_broken(
    lines: list[JsonObject], shop: WorldPool
) -> None:
    """But for what no gate depends on: who the user is, what the provenance tells beside the digest
    and the seal."""
    rng = random.Random(5)
    for number in range(400):
        line = copy.deepcopy(lines[number % len(lines)])
        provenance, persona = line["provenance"], line["blueprint"]["persona"]
        judged = {
            key: line[key] for key in ("id", "messages", "tools", "offered_from", "blueprint")
        }
        judged["blueprint"] = {
            key: value for key, value in judged["blueprint"].items() if key != "persona"
        }
        if junked(judged, rng) is None:
            continue
        whole = judged["blueprint"]
        row = {
            **line,
            **judged,
            "blueprint": {**whole, "persona": persona} if isinstance(whole, dict) else whole,
            "provenance": provenance,
        }
        # 0 for false and 1 for true are the same to Python, and the tool that is judged by is the
        # spec's own.
        if row == lines[number % len(lines)]:
            continue
        try:
            verdict = verify(row, shop)
        except InftoolError:
            continue
        assert verdict.status != "pass", number
        json.dumps(verdict.model_dump(mode="json"))
