"""Our environments as a taskset and an environment of verifiers (v1).

The tools come from an MCP server that all rollouts share, the user is our own, and the reward is
the episode's.

verifiers finds plugins by the name of a top-level module. Put these two lines into
`inftool_verifiers.py` beside your configuration, and name `inftool_verifiers`:

    from inftool.training.integrations.verifiers import InftoolEnv, InftoolTaskset
    __all__ = ["InftoolEnv", "InftoolTaskset"]
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import verifiers.v1 as vf
from mcp.types import CallToolResult, TextContent, Tool
from pydantic import Field

from inftool.core.chat import ChatMessage, ToolCallMessage
from inftool.core.json_values import canonical
from inftool.training.environment.environment import Environment
from inftool.training.integrations.episode import (
    cached_blueprints,
    cached_pool,
    environment_of_row,
    verl_rows,
)
from inftool.training.trainers.rollout import has_fixed_tools
from inftool.verification.replay import Replayer

# Rollouts whose worlds are kept; the one that was idle longest makes room.
_MAX_WORLDS = 1024


class InftoolData(vf.TaskData):  # type: ignore[misc, unused-ignore]
    """One blueprint, and the specs whose world it lies in."""

    specs: list[str]
    blueprint: str


class InftoolState(vf.State):  # type: ignore[misc, unused-ignore]
    """What the tool server must know of a rollout: its blueprint, and which rollout it is."""

    specs: list[str] = Field(default_factory=list)
    blueprint: str = ""
    play: str = ""


_Toolset = vf.Toolset[vf.SharedToolsetConfig, InftoolState]


class InftoolToolset(_Toolset):  # type: ignore[misc, valid-type, unused-ignore]
    """The tools of whichever blueprint asks; each rollout has a world of its own."""

    TOOL_PREFIX = None

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self._worlds: OrderedDict[str, tuple[Environment, Replayer]] = OrderedDict()

    def register(self, mcp: Any) -> None:
        """Answer for tools that differ from rollout to rollout."""
        mcp.list_tools = self._with_state(self.list_tools)
        mcp.call_tool = self._with_state(self.call_tool)

    async def list_tools(self) -> list[Tool]:
        """The tools that this rollout's blueprint offers."""
        functions = [tool["function"] for tool in self._world()[0].tools()]
        return [
            Tool(name=f["name"], description=f.get("description"), input_schema=f["parameters"])
            for f in functions
        ]

    async def call_tool(
        self, name: str, arguments: dict[str, Any], context: Any = None
    ) -> CallToolResult:
        """One call in this rollout's world, with the answer that our own server would give."""
        environment, replayer = self._world()
        if name not in {tool["function"]["name"] for tool in environment.tools()}:
            return CallToolResult(
                content=[
                    TextContent(type="text", text=f"Error: there is no tool named {name!r} here")
                ],
                is_error=True,
            )
        text = canonical(replayer.checked(environment.pool.tools[name], arguments).shown())
        return CallToolResult(content=[TextContent(type="text", text=text)])

    def _world(self) -> tuple[Environment, Replayer]:
        state = self.state
        if state.play not in self._worlds:
            environment = environment_of_row({"specs": state.specs, "blueprint": state.blueprint})
            self._worlds[state.play] = (
                environment,
                Replayer(environment.pool, environment.pool.open(environment.blueprint)),
            )
            if len(self._worlds) > _MAX_WORLDS:
                self._worlds.popitem(last=False)
        self._worlds.move_to_end(state.play)
        return self._worlds[state.play]


class InftoolTask(vf.Task[InftoolData, InftoolState]):  # type: ignore[misc, unused-ignore]
    """A blueprint to be played."""

    async def setup(self, trace: Any, runtime: Any) -> None:
        """Tell the tool server which world this rollout needs."""
        trace.state.specs, trace.state.blueprint, trace.state.play = (
            list(self.data.specs),
            self.data.blueprint,
            trace.id,
        )


class InftoolConfig(vf.TasksetConfig):  # type: ignore[misc, unused-ignore]
    """Which specs, how many blueprints, and from which seed."""

    specs: list[str] = Field(default_factory=list)
    count: int = 100
    seed: int = 0
    tools: vf.SharedToolsetConfig = vf.SharedToolsetConfig()


class InftoolTaskset(vf.Taskset[InftoolTask, InftoolConfig]):  # type: ignore[misc, unused-ignore]
    """Blueprints of specs.

    Those whose tools change on the way are left out, because a harness lists the tools once.
    """

    @classmethod
    def toolsets(cls, config: InftoolConfig) -> list[Any]:
        """One server for all rollouts."""
        return [InftoolToolset(config.tools)]

    def load(self) -> Iterator[InftoolTask]:
        """The tasks."""
        specs = tuple(self.config.specs)
        blueprints = [
            blueprint
            for blueprint in cached_blueprints(specs, self.config.count, self.config.seed)
            if has_fixed_tools(blueprint)
        ]
        for row, blueprint in zip(
            verl_rows(blueprints, specs, cached_pool(specs)), blueprints, strict=True
        ):
            yield InftoolTask(
                InftoolData(
                    name=blueprint.id,
                    prompt=row["prompt"],
                    specs=row["extra_info"]["specs"],
                    blueprint=row["extra_info"]["blueprint"],
                ),
                self.config.task,
            )


class InftoolEnvConfig(vf.EnvConfig):  # type: ignore[misc, unused-ignore]
    """The one seat: the assistant."""

    # This harness only talks and calls tools; it runs no code, so it needs no box.
    assistant: vf.AgentConfig = vf.AgentConfig(
        harness={"id": "null"}, runtime={"type": "subprocess"}
    )


class InftoolEnv(vf.Env[InftoolEnvConfig]):  # type: ignore[misc, unused-ignore]
    """The conversation: what the assistant says is played again here, which gives the user's next
    words and, at the end, the reward."""

    async def run(self, task: Any, agents: Any) -> None:
        """Play one blueprint."""
        environment = environment_of_row(
            {"specs": task.data.specs, "blueprint": task.data.blueprint}
        )
        async with agents.assistant.interaction(task) as interaction:
            segment = await interaction.turn()
            while not segment.terminated:
                for message in segment.messages:
                    if message.role == "assistant" and not environment.done:
                        environment.step(_plain(message))
                if environment.done:
                    break
                segment = await interaction.turn(environment.messages[-1]["content"])
        score = environment.score()
        interaction.trace.record_reward("inftool", score.reward)
        interaction.trace.record_metric("counted", float(score.counted or score.exact))


def _plain(message: Any) -> ChatMessage | None:
    """A message of verifiers' in the OpenAI chat format; None where it says nothing."""
    calls: list[ToolCallMessage] = [
        {"id": c.id, "type": "function", "function": {"name": c.name, "arguments": c.arguments}}
        for c in message.tool_calls or ()
    ]
    if not calls and not (message.content or "").strip():
        return None
    row: ChatMessage = {"role": "assistant", "content": message.content}
    if calls:
        row["tool_calls"] = calls
    return row


if __name__ == "__main__":
    InftoolToolset.run()
