"""The toolset: every tool of every API under a name of its own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from inftool.core.errors import ScenarioError
from inftool.core.tools import Api, Tool
from inftool.core.types import Record
from inftool.toolset.naming import unique_names


class Toolset(Record):
    """Several APIs whose tool names do not collide; build it with `Toolset.of`."""

    apis: tuple[Api, ...]

    @classmethod
    def of(cls, apis: Sequence[Api]) -> Toolset:
        """The toolset of some APIs: a name that two of them use is prefixed by the API's; ScenarioError where there is no tool at all."""
        names = unique_names(apis)
        renamed: list[Api] = []
        for api in apis:
            tools = tuple(
                tool
                if names[api.name, tool.name] == tool.name
                else tool.model_copy(update={"name": names[api.name, tool.name]})
                for tool in api.tools
            )
            if tools:
                renamed.append(api.model_copy(update={"tools": tools}))
        if not renamed:
            raise ScenarioError(
                "the specs have no usable operation",
                hint="inftool doctor SPECS says what is wrong with them",
            )
        return cls(apis=tuple(renamed))

    @cached_property
    def tools(self) -> dict[str, Tool]:
        """Every tool by its name."""
        return {tool.name: tool for api in self.apis for tool in api.tools}

    @cached_property
    def by_name(self) -> dict[str, Api]:
        """Every API by its name."""
        return {api.name: api for api in self.apis}
