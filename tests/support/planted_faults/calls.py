"""Faults in the assistant's calls: tools, arguments, too many and too few of them."""

from __future__ import annotations

import json
import random
import re
from typing import Any

from inftool.scenarios.world_pool import WorldPool
from tests.support.planted_faults.lines import (
    NONSENSE,
    Line,
    answers,
    arguments,
    calls_of,
    fault,
    give,
    goals,
    insert_call,
    make_again,
    put,
    remove_call,
    result_at,
    schema_of,
    spots,
)


@fault("assistant")
def no_such_tool(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if not (found := goals(line)):
        return False
    call = rng.choice(found)
    call["function"]["name"] += "_v2"
    result_at(line, call["id"])["name"] = call["function"]["name"]
    return make_again(line, stage)


@fault("assistant")
def tool_not_offered(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    offered = {tool["function"]["name"] for tool in line["tools"]}
    others = sorted(set(stage.tools) - offered)
    if not (found := goals(line)) or not others:
        return False
    call = rng.choice(found)
    call["function"]["name"] = rng.choice(others)
    result_at(line, call["id"])["name"] = call["function"]["name"]
    return make_again(line, stage)


@fault("assistant")
def required_argument_dropped(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = [
        (call, name)
        for call in goals(line)
        for name in schema_of(line, call["function"]["name"]).get("required", ())
        if name in arguments(call)
    ]
    if not found:
        return False
    call, name = rng.choice(found)
    given = arguments(call)
    del given[name]
    give(call, given)
    return make_again(line, stage)


@fault("assistant")
def wish_left_out(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """An optional argument that the user asked for is not passed."""
    found = [
        (call, name)
        for call in goals(line)
        for name in arguments(call)
        if name not in schema_of(line, call["function"]["name"]).get("required", ())
        and "default" not in schema_of(line, call["function"]["name"])["properties"].get(name, {})
    ]
    if not found:
        return False
    call, name = rng.choice(found)
    given = arguments(call)
    del given[name]
    give(call, given)
    return make_again(line, stage)


@fault("assistant")
def unknown_argument(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if not (found := goals(line)):
        return False
    call = rng.choice(found)
    give(call, {**arguments(call), rng.choice(("forceNow", "x_trace", "callerNote")): True})
    return make_again(line, stage)


@fault("assistant")
def mistyped_argument(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = [
        (call, name)
        for call in goals(line)
        for name in arguments(call)
        if schema_of(line, call["function"]["name"])["properties"].get(name, {}).get("type")
        in ("string", "integer", "number", "boolean", "array")
    ]
    if not found:
        return False
    call, name = rng.choice(found)
    kind = schema_of(line, call["function"]["name"])["properties"][name]["type"]
    wrong: Any = {
        "string": ["text"],
        "integer": "seven or so",
        "number": True,
        "boolean": "maybe",
        "array": 3,
    }[kind]
    give(call, {**arguments(call), name: wrong})
    return make_again(line, stage)


@fault("assistant")
def true_for_an_integer(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = [
        (call, name)
        for call in goals(line)
        for name, value in arguments(call).items()
        if type(value) is int
    ]
    if not found:
        return False
    call, name = rng.choice(found)
    give(call, {**arguments(call), name: True})
    return make_again(line, stage)


@fault("assistant")
def outside_the_enumeration(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = [
        (call, name)
        for call in goals(line)
        for name in arguments(call)
        if "enum" in schema_of(line, call["function"]["name"])["properties"].get(name, {})
    ]
    if not found:
        return False
    call, name = rng.choice(found)
    give(call, {**arguments(call), name: "somehow_else"})
    return make_again(line, stage)


@fault("assistant")
def invented_value(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = [
        (call, path)
        for call in goals(line)
        for path, value in spots(arguments(call))
        if isinstance(value, str) and re.fullmatch(r"[A-Za-z ]{4,}", value)
    ]
    if not found:
        return False
    call, path = rng.choice(found)
    given = arguments(call)
    put(given, path, rng.choice(NONSENSE))
    give(call, given)
    return make_again(line, stage)


@fault("assistant")
def another_number(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = [
        (call, path, value)
        for call in goals(line)
        for path, value in spots(arguments(call))
        if type(value) in (int, float)
    ]
    if not found:
        return False
    call, path, value = rng.choice(found)
    given = arguments(call)
    put(given, path, value + rng.choice((1, 2, 10, 100)))
    give(call, given)
    return make_again(line, stage)


@fault("assistant")
def called_twice(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if not (found := calls_of(line)):
        return False
    at, _, call = rng.choice(found)
    after = at + 1 + len(line["messages"][at]["tool_calls"])
    insert_call(line, after, call["function"]["name"], arguments(call))
    return make_again(line, stage)


@fault("assistant")
def needless_read(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    made = {call["function"]["name"] for _, _, call in calls_of(line)}
    free = [
        tool["function"]["name"]
        for tool in line["tools"]
        if not tool["function"]["parameters"].get("required")
        and stage.tools[tool["function"]["name"]].effect == "read"
        and tool["function"]["name"] not in made
        and tool["function"]["name"] not in line.get("offered_from", {})
    ]
    if not free:
        return False
    # After all that had to be called, so that nothing can come of it.
    insert_call(line, answers(line)[-1], rng.choice(free), {})
    return make_again(line, stage)


@fault("assistant")
def call_left_out(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if not (found := goals(line)):
        return False
    remove_call(line, rng.choice(found))
    return make_again(line, stage)


@fault("assistant")
def nothing_called(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = calls_of(line)
    if not found:
        return False
    for _, _, call in found:
        remove_call(line, call)
    return make_again(line, stage)


@fault("assistant")
def broken_json(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if not (found := [call for call in goals(line) if len(call["function"]["arguments"]) > 2]):
        return False
    call = rng.choice(found)
    call["function"]["arguments"] = rng.choice(
        (call["function"]["arguments"][:-1], call["function"]["arguments"].replace('"', "'"))
    )
    try:
        arguments(call)
    except ValueError:
        return make_again(line, stage)
    return False


@fault("assistant")
def argument_given_twice(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """One name stands twice in the arguments, the wrong value first: most readers would take the
    second."""
    if not (found := [call for call in goals(line) if arguments(call)]):
        return False
    call = rng.choice(found)
    given = arguments(call)
    name = rng.choice(sorted(given))
    call["function"]["arguments"] = (
        f'{{{json.dumps(name)}: "surely not", {json.dumps(given, ensure_ascii=False)[1:]}'
    )
    return True


@fault("assistant")
def look_alike_name(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """A letter of the tool's name is one of another alphabet that looks the same."""
    twins = {
        "a": "\u0430",
        "e": "\u0435",
        "o": "\u043e",
        "c": "\u0441",
        "p": "\u0440",
        "i": "\u0456",
    }
    found = [
        call for call in goals(line) if any(letter in twins for letter in call["function"]["name"])
    ]
    if not found:
        return False
    call = rng.choice(found)
    letter = rng.choice([letter for letter in call["function"]["name"] if letter in twins])
    call["function"]["name"] = call["function"]["name"].replace(letter, twins[letter], 1)
    result_at(line, call["id"])["name"] = call["function"]["name"]
    return make_again(line, stage)


@fault("assistant")
def one_id_for_two_calls(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    found = calls_of(line)
    if len(found) < 2:
        return False
    result_at(line, found[1][2]["id"])["tool_call_id"] = found[0][2]["id"]
    found[1][2]["id"] = found[0][2]["id"]
    return True


@fault("assistant")
def used_before_it_was_known(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """A call that needs an earlier one's answer goes out before it."""
    steps = {step["id"]: step for step in line["blueprint"]["plan"]}
    pairs = [
        (steps[need], step) for step in steps.values() for need in step["after"] if need in steps
    ]
    if not pairs:
        return False
    first, second = rng.choice(pairs)
    ones, others = (
        [item for item in calls_of(line) if item[2]["function"]["name"] == step["tool"]]
        for step in (first, second)
    )
    # Of a tool that is called several times, another call than the one that is meant would be
    # moved, which may do no harm.
    if len(ones) != 1 or len(others) != 1 or ones[0][0] >= others[0][0]:
        return False
    one, call = ones[0], others[0][2]
    remove_call(line, call)
    insert_call(line, one[0], call["function"]["name"], arguments(call))
    return make_again(line, stage)
