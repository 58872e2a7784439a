"""What the reward costs, and what policies earn under it: the table behind docs/rewards.md.

    python benchmarks/rewards.py specs -n 64

Prints JSON: microseconds a message, milliseconds a play (with its environment), and the mean reward
of honest and degenerate policies over the same blueprints.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.synthesis.rehearsal import rehearsed
from inftool.training.datasets import draw_blueprints, open_world_pool
from inftool.training.environment import Environment
from inftool.training.rewards.calls import WantedCall
from inftool.training.rewards.message import Expected, score_message
from inftool.training.rewards.read_calls import calls_of

Policy = Callable[[Environment, list[ChatMessage]], ChatMessage]


def say(text: str) -> ChatMessage:
    return {"role": "assistant", "content": text}


def call(*calls: tuple[str, Any]) -> ChatMessage:
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"type": "function", "function": {"name": name, "arguments": given}}
            for name, given in calls
        ],
    }


def altered(message: ChatMessage, change: Callable[[JsonObject], JsonObject]) -> ChatMessage:
    made = calls_of(message) or []
    return (
        call(*[(one.name, change(dict(one.arguments or {}))) for one in made]) if made else message
    )


def said(environment: Environment) -> int:
    return sum(message["role"] == "assistant" for message in environment.messages)


POLICIES: dict[str, Policy] = {
    "the plan": lambda environment, gold: gold[said(environment)],
    "the plan, one value wrong in each call": lambda environment, gold: altered(
        gold[said(environment)],
        lambda given: {**given, **dict.fromkeys(list(given)[:1], "elsewhere")},
    ),
    "the plan without arguments": lambda environment, gold: altered(
        gold[said(environment)], lambda given: {}
    ),
    "the plan with one argument more": lambda environment, gold: altered(
        gold[said(environment)], lambda given: {**given, "delete": True}
    ),
    "the plan, every call twice": lambda environment, gold: (
        call(
            *[
                (one.name, one.arguments)
                for one in calls_of(gold[said(environment)]) or []
                for _ in "12"
            ]
        )
        if gold[said(environment)].get("tool_calls")
        else gold[said(environment)]
    ),
    "the plan's calls, then a made-up answer": lambda environment, gold: (
        gold[said(environment)]
        if gold[said(environment)].get("tool_calls")
        else say("Here it is: Zebulon Quux, 99 Nowhere Lane.")
    ),
    "refuses everything": lambda environment, gold: say("I'm sorry, I can't do that here."),
    "claims success": lambda environment, gold: say("All done!"),
    "the first tool, then success": lambda environment, gold: (
        call((environment.tools()[0]["function"]["name"], {}))
        if said(environment) == 0
        else say("All done!")
    ),
    "says nothing": lambda environment, gold: say(""),
}


def play(policy: Policy, blueprint: Blueprint, stage: WorldPool, gold: list[ChatMessage]) -> float:
    environment = Environment(blueprint, stage)
    while not environment.done:
        environment.step(
            policy(environment, gold) if said(environment) < len(gold) else say("Done.")
        )
    return environment.score().reward


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("specs", nargs="+")
    parser.add_argument("-n", type=int, default=64)
    given = parser.parse_args()
    stage = open_world_pool(given.specs)
    blueprints = draw_blueprints(stage, given.n, seed=1)
    golds = [
        [m for m in rehearsed(blueprint, stage).messages if m["role"] == "assistant"]
        for blueprint in blueprints
    ]
    rewards = {}
    started = time.perf_counter()
    for name, policy in POLICIES.items():
        earned = [
            play(policy, blueprint, stage, gold)
            for blueprint, gold in zip(blueprints, golds, strict=True)
        ]
        rewards[name] = round(sum(earned) / len(earned), 4)
    seconds = time.perf_counter() - started
    wish = Expected(calls=(WantedCall(name="find", arguments={"a": "x", "b": 2}),))
    message, schemas = (
        call(("find", {"a": "x", "b": 3})),
        {"find": {"type": "object", "properties": {"a": {}, "b": {}}}},
    )
    started = time.perf_counter()
    for _ in range(2000):
        score_message(message, wish, schemas)
    per_message = (time.perf_counter() - started) / 2000
    document = {
        "blueprints": len(blueprints),
        "message_us": round(1e6 * per_message, 1),
        "play_ms": round(1e3 * seconds / (len(POLICIES) * len(blueprints)), 2),
        "mean_reward": rewards,
    }
    print(json.dumps(document, indent=1))


if __name__ == "__main__":
    main()
