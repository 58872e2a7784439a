"""The tool merger: a model that says which of several similar tools are the same.

It is the discriminator of the MCP tree in the InfTool paper.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from autogen_core.models import SystemMessage, UserMessage
from pydantic import BaseModel, ConfigDict

from inftool.agents.role_cards import chosen_card
from inftool.core.errors import CastError
from inftool.llm.client import EndpointClient
from inftool.llm.config import Endpoint
from inftool.llm.usage import Tally
from inftool.toolset.tree.merging import ToolSummary, group_by_rules

Discriminate = Callable[[Sequence[ToolSummary]], list[list[int]]]
"""Splits a cluster of tools: the indexes of the tools that are the same, group by group."""

# Larger clusters are split by rules: a model loses track of a longer list.
MAX_CLUSTER = 24
# Characters of a tool's description in the prompt; the first sentence says what it does.
_MAX_DESCRIPTION = 200


class Groups(BaseModel):
    """The model's reply."""

    model_config = ConfigDict(extra="forbid")

    groups: list[list[int]]
    """The numbers (from 0) of the tools that are the same, group by group."""


@contextmanager
def discriminator(
    endpoint: Endpoint | None, cards: Mapping[str, str] | None = None
) -> Iterator[tuple[Discriminate, Tally]]:
    """While it is open: a function that splits clusters, and what it has cost so far.

    Without an endpoint the rules decide; they also decide what the model does not answer properly.
    `cards` are files of the user's own, by the name of the card. Fatal errors are raised.
    """
    if endpoint is None:
        yield group_by_rules, Tally()
        return
    card = chosen_card("merger", cards or {})
    if endpoint.temperature is None:
        endpoint = endpoint.model_copy(update={"temperature": card.temperature})
    client = EndpointClient(endpoint)
    # One event loop for all clusters, since the connections of a client belong to its loop.
    with asyncio.Runner() as runner:
        try:
            yield (
                lambda tools: runner.run(split_cluster(client, card.render(), tools)),
                client.tally,
            )
        finally:
            runner.run(client.close())


async def split_cluster(
    client: EndpointClient, prompt: str, tools: Sequence[ToolSummary]
) -> list[list[int]]:
    """A cluster in groups of tools that are the same, by their indexes.

    A group whose tools have different effects is split into single tools: no model may merge a
    deletion with a read.
    """
    if len(tools) > MAX_CLUSTER:
        return group_by_rules(tools)
    listed = "\n".join(_tool_line(number, tool) for number, tool in enumerate(tools))
    try:
        reply = await client.create(
            [SystemMessage(content=prompt), UserMessage(content=listed, source="user")],
            json_output=Groups,
        )
        groups = Groups.model_validate_json(str(reply.content)).groups
    except CastError as error:
        if error.fatal:
            raise
        return group_by_rules(tools)
    except ValueError:
        return group_by_rules(tools)
    # Every tool must be in exactly one group.
    if sorted(index for group in groups for index in group) != list(range(len(tools))):
        return group_by_rules(tools)
    split: list[list[int]] = []
    for group in groups:
        if len({tools[index].effect for index in group}) == 1:
            split.append(group)
        else:
            split += [[index] for index in group]
    return split


def _tool_line(number: int, tool: ToolSummary) -> str:
    """`"0. getOrder (read; orderId): Get an order"`."""
    parameters = ", ".join(sorted(tool.types)) or "no parameters"
    description = tool.description[:_MAX_DESCRIPTION]
    return f"{number}. {tool.name} ({tool.effect}; {parameters}): {description}"
