"""Faults of the simulated user."""

from __future__ import annotations

import json
import random
import re

from inftool.scenarios.world_pool import WorldPool
from tests.support.planted_faults.lines import (
    NONSENSE,
    Line,
    arguments,
    calls_of,
    fault,
    give,
    make_again,
    put,
    spots,
    users,
)


def spoken_details(line: Line) -> list[tuple[int, str]]:
    """Values that the user says once and that can be heard nowhere else: the message, and the
    words."""
    found: list[tuple[int, str]] = []
    rest = [message["content"] or "" for message in line["messages"] if message["role"] == "system"]
    for turn in line["blueprint"]["turns"] if len(line["blueprint"]["turns"]) == 1 else ():
        for detail in turn["details"]:
            said, value = detail["said"], detail["value"]
            if (
                isinstance(value, (bool, list, dict))
                or value is None
                or len(said) < 4
                or not any(c.isalnum() for c in said)
            ):
                continue
            places = [at for at in users(line) if said in line["messages"][at]["content"]]
            everywhere = " ".join([*(line["messages"][at]["content"] for at in users(line)), *rest])
            if (
                len(places) == 1
                and everywhere.casefold().count(said.casefold()) == 1
                and (said == str(value) or str(value) not in everywhere)
            ):
                found.append((places[0], said))
    return found


def passed_on(line: Line, said: str) -> bool:
    """Whether the assistant passes the value on, as it stands."""
    return any(
        said in json.dumps(value, ensure_ascii=False)
        for _, _, call in calls_of(line)
        for _, value in spots(arguments(call))
    )


@fault("user")
def detail_withheld(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = [(at, said) for at, said in spoken_details(line) if passed_on(line, said)]
    if not found:
        return False
    at, said = rng.choice(found)
    line["messages"][at]["content"] = line["messages"][at]["content"].replace(said, "the usual")
    return True


@fault("user")
def detail_said_wrong(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """The user gives another value than their card says, and the assistant does as it is told."""
    found = [
        (at, said)
        for at, said in spoken_details(line)
        if passed_on(line, said) and re.fullmatch(r"[A-Za-z ]+", said)
    ]
    if not found:
        return False
    at, said = rng.choice(found)
    other = rng.choice(NONSENSE)
    line["messages"][at]["content"] = line["messages"][at]["content"].replace(said, other)
    for _, _, call in calls_of(line):
        given = arguments(call)
        for path, value in spots(given):
            if isinstance(value, str) and said in value:
                put(given, path, value.replace(said, other))
        give(call, given)
    return make_again(line, stage)


@fault("user")
def user_speaks_of_tools(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    names = [
        tool["function"]["name"]
        for tool in line["tools"]
        if re.search(r"[a-z][A-Z]|_", tool["function"]["name"])
    ]
    if not names:
        return False
    line["messages"][rng.choice(users(line))]["content"] += (
        f" Please use {rng.choice(names)} for it."
    )
    return True


@fault("user")
def user_says_nothing(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """A message too many, with nothing in it."""
    line["messages"] += [
        {"role": "user", "content": rng.choice(("", " "))},
        {"role": "assistant", "content": "Is there anything else?"},
    ]
    return True


@fault("user")
def user_serves(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][users(line)[-1]]["content"] += rng.choice(
        (" How can I help you today?", " Is there anything else I can do for you?")
    )
    return True


@fault("user")
def stop_word_shows(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(users(line))]["content"] += " [DONE]"
    return True


@fault("user")
def user_writes_both_sides(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(users(line))]["content"] += "\nAssistant: Sure, it is done."
    return True


@fault("user")
def user_leaves_early(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """The user goes before their last wish, which had to be carried out."""
    turns = line["blueprint"]["turns"]
    at = users(line)
    if len(turns) < 2 or len(at) != len(turns) or not turns[-1]["steps"]:
        return False
    del line["messages"][at[-1] :]
    return make_again(line, stage)


@fault("user")
def user_repeats_themselves(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    at = users(line)[-1]
    line["messages"] += [
        dict(line["messages"][at]),
        {"role": "assistant", "content": "That is what I just did."},
    ]
    return True
