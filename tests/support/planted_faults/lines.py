"""Faults planted in kept lines, by code that shares nothing with the gates that are to find them.

Each function takes a line (JSON, already copied), a random generator and a stage, changes the line
in place and says whether it could. Where the
assistant is at fault, the calls are made again in a fresh world, as they would have been had it
really gone that way.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

from inftool.core.blueprints import Blueprint
from inftool.scenarios.world_pool import WorldPool
from inftool.world.rendering.errors import violation_result

Line = dict[str, Any]
Fault = Callable[[Line, random.Random, WorldPool], bool]
FAULTS: dict[str, tuple[str, Fault]] = {}
NONSENSE = ("Zephyrine Quill", "Tamsin Vole", "Oberholt", "Quindle", "Wexcombe", "Yarrowgate")


def fault(blame: str) -> Callable[[Fault], Fault]:
    def register(function: Fault) -> Fault:
        FAULTS[function.__name__] = (blame, function)
        return function

    return register


def plant(line: Line, kind: str, seed: int, stage: WorldPool) -> Line | None:
    """A copy of the line with one fault of a kind, None where it gives no occasion for it."""
    changed = copy.deepcopy(line)
    # What went wrong went wrong before the line was sealed.
    changed["provenance"].pop("seal", None)
    changed.pop("verdict", None)
    return (
        changed
        if FAULTS[kind][1](changed, random.Random(f"{kind}/{line['id']}/{seed}"), stage)
        else None
    )


def calls_of(line: Line) -> list[tuple[int, int, dict[str, Any]]]:
    return [
        (m, c, call)
        for m, message in enumerate(line["messages"])
        for c, call in enumerate(message.get("tool_calls") or ())
    ]


def arguments(call: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call["function"]["arguments"])
    return found


def give(call: dict[str, Any], value: dict[str, Any]) -> None:
    call["function"]["arguments"] = json.dumps(value, ensure_ascii=False)


def schema_of(line: Line, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        tool["function"]["parameters"] for tool in line["tools"] if tool["function"]["name"] == name
    )
    return found


def result_at(line: Line, call_id: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        message for message in line["messages"] if message.get("tool_call_id") == call_id
    )
    return found


def answers(line: Line) -> list[int]:
    return [
        i
        for i, message in enumerate(line["messages"])
        if message["role"] == "assistant" and not message.get("tool_calls")
    ]


def users(line: Line) -> list[int]:
    return [i for i, message in enumerate(line["messages"]) if message["role"] == "user"]


def goals(line: Line) -> list[dict[str, Any]]:
    """The calls that carry out what was asked for, found by the plan's tools."""
    wanted = {step["tool"] for step in line["blueprint"]["plan"] if step["goal"]}
    return [call for _, _, call in calls_of(line) if call["function"]["name"] in wanted]


def make_again(line: Line, stage: WorldPool) -> bool:
    """Let the world answer the calls as they now are, and note the state it ends in."""
    blueprint = Blueprint.model_validate(line["blueprint"])
    worlds = stage.open(blueprint)
    offered = {tool["function"]["name"] for tool in line["tools"]}
    for _, _, call in calls_of(line):
        name = call["function"]["name"]
        if name not in offered:
            text = f"there is no tool named {name!r} here"
        else:
            tool = stage.tools[name]
            try:
                given = arguments(call)
            except ValueError:
                text = f"the arguments of {name!r} are not a JSON object"
            else:
                refused = violation_result(worlds[tool.api].base, tool, given)
                outcome = refused if refused is not None else worlds[tool.api].call(name, given)
                text = json.dumps(
                    outcome.shown(), sort_keys=True, separators=(",", ":"), ensure_ascii=False
                )
        result_at(line, call["id"])["content"] = text
    line["provenance"]["digest"] = worlds[blueprint.world.api].digest()
    return True


def spots(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[tuple[Any, ...], Any]]:
    """Every scalar of a JSON value with its path."""
    if isinstance(value, dict):
        return [found for key, item in value.items() for found in spots(item, (*path, key))]
    if isinstance(value, list):
        return [found for key, item in enumerate(value) for found in spots(item, (*path, key))]
    return [(path, value)]


def put(value: Any, path: tuple[Any, ...], new: Any) -> None:
    for key in path[:-1]:
        value = value[key]
    value[path[-1]] = new


def insert_call(line: Line, at: int, name: str, given: dict[str, Any], number: int = 0) -> None:
    call_id = f"call_extra_{at}_{number}"
    call = {
        "id": call_id,
        "type": "function",
        "function": {"name": name, "arguments": json.dumps(given, ensure_ascii=False)},
    }
    line["messages"][at:at] = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "name": name, "content": ""},
    ]


def remove_call(line: Line, call: dict[str, Any]) -> None:
    line["messages"].remove(result_at(line, call["id"]))
    for message in list(line["messages"]):
        if call in (message.get("tool_calls") or ()):
            message["tool_calls"].remove(call)
            if not message["tool_calls"]:
                line["messages"].remove(message)
