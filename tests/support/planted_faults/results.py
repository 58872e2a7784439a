"""Faults in what the calls answered, and in the states that a line names."""

from __future__ import annotations

import itertools
import json
import random
from typing import Any

from inftool.scenarios.world_pool import WorldPool
from tests.support.planted_faults.lines import Line, fault, put, spots


def some_result(line: Line, rng: random.Random) -> tuple[dict[str, Any], Any] | None:
    found = [message for message in line["messages"] if message["role"] == "tool"]
    if not found:
        return None
    message = rng.choice(found)
    return message, json.loads(message["content"])


@fault("server")
def result_value_changed(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if (found := some_result(line, rng)) is None:
        return False
    message, value = found
    places = [(path, old) for path, old in spots(value) if path]
    if not places:
        return False
    path, old = rng.choice(places)
    put(
        value,
        path,
        f"{old}x"
        if isinstance(old, str)
        else (not old)
        if isinstance(old, bool)
        else old + 1
        if isinstance(old, (int, float))
        else 1,
    )
    message["content"] = json.dumps(value)
    return True


@fault("server")
def result_member_lost(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if (found := some_result(line, rng)) is None or not isinstance(found[1], dict) or not found[1]:
        return False
    found[1].pop(rng.choice(sorted(found[1])))
    found[0]["content"] = json.dumps(found[1])
    return True


@fault("server")
def result_cut(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if (found := some_result(line, rng)) is None or len(found[0]["content"]) < 8:
        return False
    found[0]["content"] = found[0]["content"][: len(found[0]["content"]) // 2]
    return True


@fault("server")
def result_emptied(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if (found := some_result(line, rng)) is None or not found[1]:
        return False
    found[0]["content"] = rng.choice(("{}", "[]", "", "null"))
    return True


@fault("server")
def results_mixed_up(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = [message for message in line["messages"] if message["role"] == "tool"]
    pairs = [(a, b) for a, b in itertools.pairwise(found) if a["content"] != b["content"]]
    if not pairs:
        return False
    one, other = rng.choice(pairs)
    one["content"], other["content"] = other["content"], one["content"]
    return True


@fault("server")
def result_lost(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if (found := some_result(line, rng)) is None:
        return False
    line["messages"].remove(found[0])
    return True


@fault("server")
def result_twice(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if (found := some_result(line, rng)) is None:
        return False
    line["messages"].insert(line["messages"].index(found[0]) + 1, dict(found[0]))
    return True


@fault("server")
def result_claims_failure(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if (found := some_result(line, rng)) is None:
        return False
    found[0]["content"] = json.dumps({"error": {"message": "internal error"}, "status": 500})
    return True


@fault("server")
def result_member_twice(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """A member stands twice in a result, a made-up value first."""
    if (found := some_result(line, rng)) is None or not isinstance(found[1], dict) or not found[1]:
        return False
    found[0]["content"] = (
        f'{{{json.dumps(rng.choice(sorted(found[1])))}: "surely not", {json.dumps(found[1])[1:]}'
    )
    return True


@fault("server")
def result_comes_late(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """A result stands after the answer that was given on the strength of it."""
    messages = line["messages"]
    places = [
        at
        for at in range(len(messages) - 1)
        if messages[at]["role"] == "tool" and messages[at + 1]["role"] == "assistant"
    ]
    if not places:
        return False
    at = rng.choice(places)
    messages[at], messages[at + 1] = messages[at + 1], messages[at]
    return True


@fault("server")
def digest_changed(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    digest = line["provenance"]["digest"]
    place = rng.randrange(len(digest))
    line["provenance"]["digest"] = (
        digest[:place] + ("0" if digest[place] != "0" else "1") + digest[place + 1 :]
    )
    return True


@fault("spec")
def begins_in_another_state(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    digest = line["blueprint"]["world"]["digest"]
    line["blueprint"]["world"]["digest"] = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    return True


@fault("spec")
def expects_another_state(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    digest = line["blueprint"]["world"]["expected"]
    line["blueprint"]["world"]["expected"] = digest[:-1] + ("0" if digest[-1] != "0" else "1")
    return True


@fault("spec")
def tool_loosened(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    tool = rng.choice(line["tools"])["function"]
    tool["parameters"] = {**tool["parameters"], "additionalProperties": True}
    return True
