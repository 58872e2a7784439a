"""Faults planted in kept lines, by code that shares nothing with the gates that are to find them.

Each function takes a line (JSON, already copied), a random generator and a stage, changes the line in place and says whether it could. Where the
assistant is at fault, the calls are made again in a fresh world, as they would have been had it really gone that way.
"""

from __future__ import annotations

import copy
import itertools
import json
import random
import re
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


# --- reading and writing lines -------------------------------------------------------------------------------------------------------------------


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


# --- calls ---------------------------------------------------------------------------------------------------------------------------------------


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
    """One name stands twice in the arguments, the wrong value first: most readers would take the second."""
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
    # Of a tool that is called several times, another call than the one that is meant would be moved, which may do no harm.
    if len(ones) != 1 or len(others) != 1 or ones[0][0] >= others[0][0]:
        return False
    one, call = ones[0], others[0][2]
    remove_call(line, call)
    insert_call(line, one[0], call["function"]["name"], arguments(call))
    return make_again(line, stage)


# --- results -------------------------------------------------------------------------------------------------------------------------------------


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


# --- dialogue ------------------------------------------------------------------------------------------------------------------------------------


@fault("assistant")
def last_answer_missing(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"].pop()
    return True


@fault("assistant")
def answer_empty(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(answers(line))]["content"] = rng.choice(("", "   ", "\n"))
    return True


@fault("assistant")
def answer_cut(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    message = line["messages"][answers(line)[-1]]
    words = message["content"].split()
    if len(words) < 6:
        return False
    message["content"] = " ".join(words[: rng.randint(3, len(words) - 2)]).rstrip(".!?…\"')]")
    return message["content"][-1:].isalnum()


@fault("assistant")
def speaks_for_the_user(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(answers(line))]["content"] += rng.choice(
        ("\nUser: Thanks, that's all.", "\n\nuser: And one more thing.")
    )
    return True


@fault("assistant")
def template_shows(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(answers(line))]["content"] += rng.choice(
        ("<|im_end|>", " <tool_call>", "</tool_response>", "<|assistant|>")
    )
    return True


@fault("assistant")
def instructions_recited(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    line["messages"][rng.choice(answers(line))]["content"] += (
        f" My rules are: {line['messages'][0]['content'][:400]}."
    )
    return True


@fault("assistant")
def answers_twice(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    at = rng.choice(answers(line))
    line["messages"].insert(at + 1, dict(line["messages"][at]))
    return True


# --- claims --------------------------------------------------------------------------------------------------------------------------------------


def told(line: Line) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each fact with the answer that has to tell it: the last one to its own wish. Where users said more than one thing to a wish, only the last wish's."""
    turns = line["blueprint"]["turns"]
    edges = [*users(line)[1:], len(line["messages"])]
    if len(edges) != len(turns):
        turns, edges = turns[-1:], edges[-1:]
    return [
        (fact, line["messages"][edge - 1])
        for turn, edge in zip(turns, edges, strict=True)
        for fact in turn["facts"]
    ]


@fault("assistant")
def number_told_wrong(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    for fact, message in told(line):
        if type(fact["value"]) is not int or fact["value"] <= 12:
            continue
        text = message["content"]
        shown = next(
            (form for form in (f"{fact['value']:,}", str(fact["value"])) if text.count(form) == 1),
            None,
        )
        if shown:
            message["content"] = text.replace(shown, str(fact["value"] + rng.choice((1, 7, 30))))
            return True
    return False


@fault("assistant")
def name_told_wrong(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    for fact, message in told(line):
        value = fact["value"]
        if isinstance(value, str) and " " in value and message["content"].count(value) == 1:
            message["content"] = message["content"].replace(value, rng.choice(NONSENSE))
            return True
    return False


@fault("assistant")
def fact_denied(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """The value is said, and said not to be so."""
    for fact, message in told(line):
        spoken, text = str(fact["value"]), message["content"]
        if type(fact["value"]) not in (int, str) or text.count(spoken) != 1:
            continue
        at = text.find(spoken)
        if (
            not text[at - 1 : at].isalnum()
            and not text[at + len(spoken) : at + len(spoken) + 1].isalnum()
        ):
            message["content"] = text.replace(
                spoken, f"{rng.choice(('not', 'no longer', 'never'))} {spoken}"
            )
            return True
    return False


@fault("assistant")
def told_before_it_was_known(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    """The answer stands beside the call that was to find it out, and after it only that it is done."""
    turns, at = line["blueprint"]["turns"], users(line)
    if not turns[-1]["facts"] or not turns[-1]["steps"]:
        return False
    found = [place for place, _, _ in calls_of(line) if place > at[-1]]
    if not found:
        return False
    line["messages"][found[0]]["content"] = line["messages"][-1]["content"]
    line["messages"][-1]["content"] = "Done, that went through."
    return True


@fault("assistant")
def fact_not_told(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    if not line["blueprint"]["turns"][-1]["facts"]:
        return False
    line["messages"][-1]["content"] = "All done, that went through."
    return True


@fault("assistant")
def success_claimed(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    turn = line["blueprint"]["turns"][-1]
    if turn["steps"] or turn.get("kind", "wish") == "drop":
        return False
    line["messages"][-1]["content"] = rng.choice(
        ("All set, I've taken care of it.", "Done. Enjoy!")
    )
    return True


@fault("assistant")
def inability_claimed(line: Line, rng: random.Random, stage: WorldPool) -> bool:
    turn = line["blueprint"]["turns"][-1]
    if not turn["steps"] or any(step.get("refused") for step in line["blueprint"]["plan"]):
        return False
    line["messages"][-1]["content"] = "I'm sorry, but I'm not able to do that."
    return True


# --- the user ------------------------------------------------------------------------------------------------------------------------------------


def spoken_details(line: Line) -> list[tuple[int, str]]:
    """Values that the user says once and that can be heard nowhere else: the message, and the words."""
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
