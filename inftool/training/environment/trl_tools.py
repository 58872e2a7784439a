"""TRL's `environment_factory`: a class for each set of tools, built at run time from their schemas;
its public methods are the tools.

TRL's own loop ends at the first turn without a call and shows its environment no words. So only
blueprints in which the user speaks once can be played this way, and
the reward is a function that is given the last words too; `inftool.training.rollout` plays the
others.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any, Literal

from inftool.agents.scripted.dialogue_acts import dialogue_acts
from inftool.core.blueprints import Blueprint
from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.errors import TrainingError
from inftool.core.tools import Tool
from inftool.core.types import JsonObject
from inftool.scenarios.world_pool import WorldPool
from inftool.training.environment.environment import Environment

_TYPES: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": float,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
_ABSENT = object()
_TAKEN = frozenset(("reset", "get_reward"))


class _Base:
    """What every environment class has: the play that is under way."""

    _stage: WorldPool
    _blueprints: dict[str, Blueprint]

    def __init__(self) -> None:
        self._play: Environment | None = None

    def reset(self, **row: Any) -> None:
        """Begin the blueprint that a row of the data set names; its prompt is whole already."""
        self._play = Environment(self._blueprints[row["blueprint"]], self._stage)

    def _call(self, name: str, arguments: JsonObject) -> str:
        play = self._open()
        if play.done:
            return "Error: the conversation is over"
        call: ToolCallMessage = {
            "type": "function",
            "function": {"name": name, "arguments": arguments},
        }
        observation = play.step({"role": "assistant", "content": None, "tool_calls": [call]})
        return str(observation.messages[0]["content"])

    def _open(self) -> Environment:
        if self._play is None:
            raise TrainingError("the environment was not reset")
        return self._play


def trl_playable(blueprint: Blueprint) -> bool:
    """Whether the user speaks only once and the tools stay the same."""
    return len(dialogue_acts(blueprint)) == 1 and not any(turn.adds for turn in blueprint.turns)


def environment_factories(
    blueprints: Sequence[Blueprint], stage: WorldPool
) -> tuple[dict[str, type[_Base]], list[JsonObject]]:
    """GRPOTrainer's `environment_factory` and the rows of its data set: `prompt`, `environment`
    (which set of tools), `blueprint` (its id).

    TrainingError for a blueprint that cannot be played in TRL's loop, or a tool whose name TRL has
    taken.
    """
    classes: dict[tuple[str, ...], type[_Base]] = {}
    names: dict[tuple[str, ...], str] = {}
    by_id = {blueprint.id: blueprint for blueprint in blueprints}
    rows: list[JsonObject] = []
    for blueprint in blueprints:
        if not trl_playable(blueprint):
            raise TrainingError(
                f"blueprint {blueprint.id} needs more than one turn of the user's",
                hint="play it with inftool.training.rollout",
            )
        if blueprint.tools not in classes:
            names[blueprint.tools] = f"tools_{len(classes)}"
            classes[blueprint.tools] = environment_class(
                names[blueprint.tools],
                [stage.tools[name] for name in blueprint.tools],
                by_id,
                stage,
            )
        rows.append(
            {
                "prompt": Environment(blueprint, stage).messages,
                "environment": names[blueprint.tools],
                "blueprint": blueprint.id,
            }
        )
    return {names[tools]: made for tools, made in classes.items()}, rows


def environment_class(
    name: str, tools: Sequence[Tool], blueprints: dict[str, Blueprint], stage: WorldPool
) -> type[_Base]:
    """A class whose public methods are these tools."""
    members: dict[str, Any] = {"_stage": stage, "_blueprints": blueprints}
    for tool in tools:
        if tool.name in _TAKEN or tool.name.startswith("_"):
            raise TrainingError(f"TRL cannot take {tool.name!r} as the name of a tool")
        members[tool.name] = _method(tool)
    return type(name, (_Base,), members)


def episode_reward(
    completions: Sequence[list[ChatMessage]], environments: Sequence[Any], **_: Any
) -> list[float | None]:
    """The reward function: the last words go to the environment, and the play is scored.

    None where the failure is not the assistant's.
    """
    rewards: list[float | None] = []
    for completion, environment in zip(completions, environments, strict=True):
        play: Environment = environment._open()
        last = completion[-1] if completion else None
        if (
            not play.done
            and last is not None
            and last.get("role") == "assistant"
            and not last.get("tool_calls")
        ):
            play.step(last)
        score = play.score()
        rewards.append(score.reward if score.counted or score.exact else None)
    return rewards


def _method(tool: Tool) -> Callable[..., str]:
    schema = tool.input_schema
    required = schema.get("required", ())
    spelt: dict[str, str] = {}
    parameters = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    described: list[str] = []
    hints: dict[str, Any] = {}
    for key, inner in schema.get("properties", {}).items():
        name = (
            key
            if key.isidentifier()
            else re.sub(r"\W", "_", f"_{key}" if key[:1].isdigit() else key)
        )
        spelt[name] = key
        hints[name] = _hint(inner if isinstance(inner, dict) else {})
        default = inspect.Parameter.empty if key in required else _ABSENT
        parameters.append(
            inspect.Parameter(
                name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=hints[name]
            )
        )
        described.append(
            f"    {name}: "
            f"{_line((inner if isinstance(inner, dict) else {}).get('description', '')) or key}"
        )

    def method(self: _Base, **given: Any) -> str:
        return self._call(
            tool.name, {spelt.get(name, name): value for name, value in given.items()}
        )

    method.__name__ = method.__qualname__ = tool.name
    method.__doc__ = (
        f"{_line(tool.description) or tool.name}\n\nArgs:\n" + "\n".join(described)
        if described
        else _line(tool.description) or tool.name
    )
    method.__annotations__ = {**hints, "return": str}
    method.__signature__ = inspect.Signature(parameters, return_annotation=str)  # type: ignore[attr-defined]
    return method


def _line(text: str) -> str:
    """A description on one line, in which nothing looks like the head of a section."""
    return re.sub(r"\b(Args|Returns|Raises):", r"\1 -", " ".join(text.split()))


def _hint(schema: JsonObject) -> Any:
    """A Python type as near to a schema as TRL can say it; what it cannot say the world's own
    validation still refuses."""
    options = schema.get("enum")
    if (
        isinstance(options, list)
        and options
        and all(isinstance(item, str | int | bool) for item in options)
    ):
        return Literal[tuple(options)]
    kinds = schema.get("type")
    named = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    found: list[Any] = []
    for kind in named:
        if kind == "array" and isinstance(schema.get("items"), dict):
            found.append(list[_hint(schema["items"])])  # type: ignore[misc]
        elif kind in _TYPES:
            found.append(_TYPES[kind])
    if not found:
        return Any
    hint = found[0]
    for other in found[1:]:
        hint = hint | other
    return hint
