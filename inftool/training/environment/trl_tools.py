"""TRL's `environment_factory`: classes whose public methods are the tools.

There is a class for each set of tools, built at run time from their schemas. TRL's own loop ends
at the first turn without a call and does not show its environment the words. So only blueprints in
which the user speaks once can be played this way, and the last words come with the reward function;
`inftool.training.trainers.rollout` plays the others.
"""

from __future__ import annotations

import functools
import inspect
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, TypedDict

from inftool.agents.scripted.dialogue_acts import dialogue_acts
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.errors import TrainingError
from inftool.core.tools import Tool
from inftool.core.types import JsonObject, Schema
from inftool.scenarios.world_pool import WorldPool
from inftool.training.environment.environment import Environment

_TYPES: dict[object, type] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
_ABSENT = object()
# Methods that TRL calls itself; a tool of that name would take their place.
_RESERVED = frozenset(("reset", "get_reward"))


class TrlEnvironment:
    """The base of every environment class: the episode that is being played."""

    _pool: WorldPool
    _blueprints: Mapping[str, Blueprint]

    def __init__(self) -> None:
        self._episode: Environment | None = None

    def reset(self, **row: Any) -> None:
        """Begin the blueprint that a row of the data set names; its prompt is complete already."""
        self._episode = Environment(self._blueprints[row["blueprint"]], self._pool)

    def _call(self, name: str, arguments: JsonObject) -> str:
        episode = self._begun()
        if episode.done:
            return "Error: the conversation is over"
        call: ToolCallMessage = {
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        observation = episode.step({"role": "assistant", "content": None, "tool_calls": [call]})
        return str(observation.messages[0]["content"])

    def _begun(self) -> Environment:
        if self._episode is None:
            raise TrainingError("the environment was not reset")
        return self._episode


class TrlRow(TypedDict):
    """A row of the data set that GRPOTrainer reads."""

    prompt: list[ChatMessage]
    """The system's message and the user's."""

    environment: str
    """The name of the environment class: which set of tools."""

    blueprint: str
    """The id of the blueprint."""


def trl_playable(blueprint: Blueprint) -> bool:
    """Whether the user speaks only once and the tools stay the same."""
    return len(dialogue_acts(blueprint)) == 1 and not any(turn.adds for turn in blueprint.turns)


def environment_factories(
    blueprints: Sequence[Blueprint], pool: WorldPool
) -> tuple[dict[str, type[TrlEnvironment]], list[TrlRow]]:
    """GRPOTrainer's `environment_factory` for blueprints, and the rows of its data set.

    Raises TrainingError for a blueprint that cannot be played in TRL's loop, or a tool whose name
    TRL reserves.
    """
    classes: dict[tuple[str, ...], type[TrlEnvironment]] = {}
    names: dict[tuple[str, ...], str] = {}
    by_id = {blueprint.id: blueprint for blueprint in blueprints}
    rows: list[TrlRow] = []
    for blueprint in blueprints:
        if not trl_playable(blueprint):
            raise TrainingError(
                f"blueprint {blueprint.id} needs more than one turn of the user's",
                hint="play it with inftool.training.trainers.rollout",
            )
        if blueprint.tools not in classes:
            names[blueprint.tools] = f"tools_{len(classes)}"
            classes[blueprint.tools] = environment_class(
                names[blueprint.tools],
                [pool.tools[name] for name in blueprint.tools],
                by_id,
                pool,
            )
        rows.append(
            {
                "prompt": Environment(blueprint, pool).messages,
                "environment": names[blueprint.tools],
                "blueprint": blueprint.id,
            }
        )
    return {names[tools]: factory for tools, factory in classes.items()}, rows


def environment_class(
    name: str, tools: Sequence[Tool], blueprints: Mapping[str, Blueprint], pool: WorldPool
) -> type[TrlEnvironment]:
    """A class whose public methods are these tools."""
    members: dict[str, object] = {"_pool": pool, "_blueprints": blueprints}
    for tool in tools:
        if tool.name in _RESERVED or tool.name.startswith("_"):
            raise TrainingError(f"TRL cannot take {tool.name!r} as the name of a tool")
        members[tool.name] = _method(tool)
    return type(name, (TrlEnvironment,), members)


def episode_reward(
    completions: Sequence[list[ChatMessage]],
    environments: Sequence[TrlEnvironment],
    **_: object,
) -> list[float | None]:
    """The reward function: show each environment the last words, then score its episode.

    None where the failure is not the assistant's, so that TRL leaves the episode out.
    """
    rewards: list[float | None] = []
    for completion, environment in zip(completions, environments, strict=True):
        episode = environment._begun()
        last = completion[-1] if completion else None
        if (
            not episode.done
            and last is not None
            and last.get("role") == "assistant"
            and not last.get("tool_calls")
        ):
            episode.step(last)
        score = episode.score()
        rewards.append(score.reward if score.counted or score.exact else None)
    return rewards


def _method(tool: Tool) -> Callable[..., str]:
    """A method that calls a tool, with the signature and docstring that TRL makes a schema from."""
    required = tool.input_schema.get("required", ())
    parameter_of: dict[str, str] = {}
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    lines: list[str] = []
    hints: dict[str, object] = {}
    for key, value in tool.input_schema.get("properties", {}).items():
        schema = value if isinstance(value, dict) else {}
        name = _identifier(key)
        parameter_of[name] = key
        hints[name] = _hint(schema)
        default = inspect.Parameter.empty if key in required else _ABSENT
        parameters.append(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name]
            )
        )
        lines.append(f"    {name}: {_one_line(schema.get('description', '')) or key}")

    def method(self: TrlEnvironment, **arguments: object) -> str:
        return self._call(
            tool.name,
            {parameter_of.get(name, name): value for name, value in arguments.items()},
        )

    summary = _one_line(tool.description) or tool.name
    method.__name__ = method.__qualname__ = tool.name
    method.__doc__ = f"{summary}\n\nArgs:\n" + "\n".join(lines) if lines else summary
    method.__annotations__ = {**hints, "return": str}
    signature = inspect.Signature(parameters, return_annotation=str)
    method.__signature__ = signature  # type: ignore[attr-defined]
    return method


def _identifier(key: str) -> str:
    """A parameter's name as Python can write it: "max-items" -> "max_items", "2fa" -> "_2fa"."""
    if key.isidentifier():
        return key
    return re.sub(r"\W", "_", f"_{key}" if key[:1].isdigit() else key)


def _one_line(text: str) -> str:
    """A description on one line, in which nothing looks like the head of a docstring section."""
    return re.sub(r"\b(Args|Returns|Raises):", r"\1 -", " ".join(text.split()))


def _hint(schema: Schema) -> Any:
    """The Python type that comes nearest to a schema: {"type": ["integer", "null"]} -> int | None.

    What a type cannot say (bounds, patterns), the world's own validation still refuses.
    """
    options = schema.get("enum")
    if (
        isinstance(options, list)
        and options
        and all(isinstance(item, str | int | bool) for item in options)
    ):
        return Literal[tuple(options)]
    named = schema.get("type")
    kinds = [named] if isinstance(named, str) else named
    if not isinstance(kinds, list):
        return Any
    # Types here are values that are put together at run time, which no annotation can follow.
    hints: list[Any] = []
    for kind in kinds:
        items = schema.get("items")
        if kind == "array" and isinstance(items, dict):
            hints.append(list[_hint(items)])  # type: ignore[misc]
        elif kind in _TYPES:
            hints.append(_TYPES[kind])
    if not hints:
        return Any
    return functools.reduce(operator.or_, hints)
