"""Plays written out by hand: each call is answered by a fresh world, so that what is recorded is
true, whatever the assistant did."""

from __future__ import annotations

import json
from typing import Any

from inftool.core.blueprints import Blueprint
from inftool.core.trajectories import Trajectory
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.world.rendering.errors import violation_result


class Play:
    """A conversation in the making over the worlds of a blueprint."""

    def __init__(self, stage: WorldPool, blueprint: Blueprint) -> None:
        self.stage = stage
        self.blueprint = blueprint
        self.worlds = stage.open(blueprint)
        self.messages: list[JsonObject] = []
        self._count = 0

    def user(self, text: str) -> Play:
        """The user says this."""
        self.messages.append({"role": "user", "content": text})
        return self

    def say(self, text: str) -> Play:
        """The assistant says this."""
        self.messages.append({"role": "assistant", "content": text})
        return self

    def call(self, *calls: tuple[str, Any]) -> list[Any]:
        """The assistant makes these calls at once; what they answer, as JSON.

        Arguments that are text go out as they are.
        """
        made, results, answers = [], [], []
        for name, given in calls:
            self._count += 1
            call_id = f"call_{self._count}"
            text = given if isinstance(given, str) else json.dumps(given)
            made.append(
                {"id": call_id, "type": "function", "function": {"name": name, "arguments": text}}
            )
            answers.append(self._answer(name, text))
            results.append(
                {
                    "role": "tool",
                    "tool_call_id": call_id,
                    "name": name,
                    "content": json.dumps(answers[-1]),
                }
            )
        self.messages += [{"role": "assistant", "content": None, "tool_calls": made}, *results]
        return answers

    def _answer(self, name: str, text: str) -> Any:
        if name not in self.blueprint.all_tools():
            return f"there is no tool named {name!r} here"
        try:
            given = json.loads(text)
        except ValueError:
            return f"the arguments of {name!r} are not a JSON object"
        tool = self.stage.tools[name]
        refused = violation_result(self.worlds[tool.api].base, tool, given)
        return (refused if refused is not None else self.worlds[tool.api].call(name, given)).shown()

    def trajectory(self) -> Trajectory:
        """What was played, with the digest at the end."""
        tools = tuple(self.stage.tools[name].openai() for name in self.blueprint.all_tools())
        digest = self.worlds[self.blueprint.world.api].digest()
        return Trajectory(
            id="played",
            messages=tuple(json.loads(json.dumps(self.messages))),
            tools=tools,
            blueprint=self.blueprint,
            provenance={"digest": digest},
        )
