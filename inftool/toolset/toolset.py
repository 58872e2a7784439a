"""The toolset: the tools of several APIs, each under a name that no other has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from inftool.core.errors import ScenarioError
from inftool.core.tools import Api, Tool
from inftool.core.types import Record
from inftool.toolset.naming import unique_names


class Toolset(Record):
    """Several APIs whose tool names do not collide; build it with `Toolset.of`."""

    apis: tuple[Api, ...]
    """The APIs that have tools, in the order in which they were given."""

    @classmethod
    def of(cls, apis: Sequence[Api]) -> Toolset:
        """The toolset of some APIs; ScenarioError if they have no tool at all.

        A tool whose name two APIs use gets its API's name in front.
        """
        names = unique_names(apis)
        renamed = [_with_names(api, names) for api in apis if api.tools]
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


def _with_names(api: Api, names: Mapping[tuple[str, str], str]) -> Api:
    tools = []
    for tool in api.tools:
        name = names[api.name, tool.name]
        tools.append(tool if name == tool.name else tool.model_copy(update={"name": name}))
    return api.model_copy(update={"tools": tuple(tools)})
